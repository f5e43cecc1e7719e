package io.sessionize.spark.internal;

import io.sessionize.event.Definitions;
import io.sessionize.event.Limits;
import io.sessionize.row.RowSchemas;
import io.sessionize.session.Partition;
import java.io.Serializable;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.execution.LogicalRDD;

/**
 * How the records of a batch become rows of {@link io.sessionize.row.DecodedRows}: one pass, no
 * shuffle.
 *
 * @param definitions of the tables; the one in use is that of the records' topics
 * @param partitions of the batch; a row gets the index of its own: see {@link PartitionIndex}
 * @param registered schemas of Avro records
 * @param filter that leaves events out
 * @param limits of an event's time
 * @param readLimit after which reading ends with an exception
 * @param users whose events are returned, without rejected records; empty for everybody's, and
 *     rejected records
 */
public record RecordDecoding(
    Definitions definitions,
    List<Partition> partitions,
    BatchSchemas registered,
    EventFilter filter,
    Limits limits,
    ReadLimit readLimit,
    Set<String> users)
    implements Serializable {

  static final int TOPIC = 0;
  static final int PARTITION = 1;
  static final int OFFSET = 2;
  static final int TIMESTAMP = 3;
  static final int KEY = 4;
  static final int VALUE = 5;
  static final int INDEX = 6;
  private static final String[] COLUMNS = {
    "topic", "partition", "offset", "timestamp", "key", "value"
  };

  /**
   * Selects what is decoded. Lazy.
   *
   * @param records rows with the columns of {@link KafkaRange}; rejected records also with {@code
   *     index}, which is null for a whole record
   */
  static InternalRows select(Dataset<Row> records) {
    if (Arrays.equals(records.columns(), COLUMNS)
        && records.queryExecution().logical() instanceof LogicalRDD rows) {
      return new InternalRows(rows.rdd().toJavaRDD());
    }
    Column[] columns =
        Stream.concat(Arrays.stream(COLUMNS), Stream.of("index"))
            .filter(List.of(records.columns())::contains)
            .map(records::col)
            .toArray(Column[]::new);
    return InternalRows.of(records.select(columns));
  }

  /** The columns of the rows. */
  RowSchemas schemas() {
    return RowSchemas.of(definitions.properties());
  }

  /** Decodes records. Lazy. For measurements: a batch decodes and counts in one step. */
  public InternalRows decode(Dataset<Row> all) {
    return select(all).map(rdd -> rdd.mapPartitions(this::decode));
  }

  /** Decodes the records of a task. */
  CountedRows decode(Iterator<InternalRow> records) {
    return new DecodedRecords(records, this);
  }
}
