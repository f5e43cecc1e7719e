package io.sessionize.spark.internal;

import io.sessionize.event.Definitions;
import io.sessionize.event.Limits;
import io.sessionize.row.RowSchemas;
import io.sessionize.session.Partition;
import java.io.Serializable;
import java.util.Iterator;
import java.util.List;
import java.util.Set;

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

  /** The columns of the rows. */
  RowSchemas schemas() {
    return RowSchemas.of(definitions.properties());
  }

  /** Decodes records. Lazy. For measurements: a batch decodes and counts in one step. */
  public InternalRows decode(Records records) {
    return new InternalRows(records.all().mapPartitions(this::decode));
  }

  /** Decodes the records of a task. */
  CountedRows decode(Iterator<ReadRecord> records) {
    return new DecodedRecords(records, this);
  }
}
