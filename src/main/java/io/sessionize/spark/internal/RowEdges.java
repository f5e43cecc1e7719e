package io.sessionize.spark.internal;

import io.sessionize.row.RowSchemas;
import io.sessionize.row.SessionRows;
import io.sessionize.session.Edges;
import io.sessionize.session.Rules;
import io.sessionize.session.Session;
import java.io.Serializable;
import java.util.Iterator;
import java.util.List;
import java.util.Spliterators;
import java.util.stream.StreamSupport;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.JoinedRow;
import org.apache.spark.sql.catalyst.util.GenericArrayData;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;

/** Adds to stored rows what the boundary rules say of their events: {@link Edges}. */
public final class RowEdges implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final DataType TEXTS = DataTypes.createArrayType(DataTypes.StringType);

  /** The columns of {@link Edges}. {@code day} is that of the first moment. */
  public static final StructType EDGES =
      new StructType()
          .add("split", DataTypes.StringType)
          .add("split_ms", DataTypes.LongType)
          .add("starts", DataTypes.BooleanType)
          .add("first_values", TEXTS)
          .add("day", DataTypes.LongType)
          .add("first_events", DataTypes.LongType)
          .add("ended_by", DataTypes.StringType)
          .add("last_values", TEXTS)
          .add("events", DataTypes.LongType);

  private final RowSchemas schemas;
  private final Rules rules;
  private final RuleConditions.Counted conditions;

  private RowEdges(RowSchemas schemas, Rules rules, RuleConditions.Counted conditions) {
    this.schemas = schemas;
    this.rules = rules;
    this.conditions = conditions;
  }

  /**
   * The rows with a last column {@code edges}: null for a damaged row, one whose events are not in
   * order, and one that holds a pause or a duration beyond the limits of the rules. Lazy.
   *
   * @param schemas with the properties of the events
   * @param rules by which the rows were made
   * @param rows whose first columns are those of {@link SessionRows}
   * @throws io.sessionize.Failure of usage, if this process cannot apply the rules
   */
  public static Dataset<Row> of(
      SparkSession spark, RowSchemas schemas, Rules rules, Dataset<Row> rows) {
    RowEdges edges =
        new RowEdges(schemas, rules, RuleConditions.of(spark, rules, schemas).counted(spark));
    return InternalRows.of(rows)
        .map(stored -> stored.mapPartitions(edges::added))
        .toRows(spark, rows.schema().add("edges", EDGES));
  }

  private Iterator<InternalRow> added(Iterator<InternalRow> rows) {
    SessionRowReader reader = new SessionRowReader(schemas);
    Edges.Finder finder = new Edges.Finder(rules, conditions.compile());
    JoinedRow joined = new JoinedRow();
    GenericInternalRow last = new GenericInternalRow(1);
    return StreamSupport.stream(Spliterators.spliteratorUnknownSize(rows, 0), false)
        .map(
            row -> {
              Session session = reader.session(row);
              Edges edges = SessionRowReader.isDamaged(row, session) ? null : finder.of(session);
              last.update(0, edges == null ? null : row(edges));
              return (InternalRow) joined.apply(row, last);
            })
        .iterator();
  }

  private static InternalRow row(Edges edges) {
    return new GenericInternalRow(
        new Object[] {
          UTF8String.fromString(edges.split()),
          edges.splitMs(),
          edges.start().starts(),
          texts(edges.start().values()),
          edges.start().day(),
          edges.start().events(),
          UTF8String.fromString(edges.end().endedBy()),
          texts(edges.end().values()),
          edges.end().events()
        });
  }

  private static GenericArrayData texts(List<String> texts) {
    return new GenericArrayData(texts.stream().map(UTF8String::fromString).toArray());
  }
}
