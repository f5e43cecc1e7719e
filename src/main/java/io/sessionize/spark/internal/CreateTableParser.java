package io.sessionize.spark.internal;

import java.util.List;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.parser.ParseException;
import org.apache.spark.sql.catalyst.plans.logical.CreateTable;
import org.apache.spark.sql.connector.expressions.Transform;
import org.apache.spark.sql.types.StructType;
import scala.collection.JavaConverters;

/** Parses a CREATE TABLE statement, so that the statement alone defines a table. */
public final class CreateTableParser {
  private CreateTableParser() {}

  /**
   * The contents of a statement.
   *
   * @param columns with their comments
   * @param partitioning as Spark represents it
   */
  public record Parsed(
      StructType columns, List<Transform> partitioning, java.util.Map<String, String> properties) {}

  /**
   * Parses a statement of {@code sql/schema}.
   *
   * @throws IllegalStateException if it is not valid
   */
  public static Parsed parse(SparkSession spark, String statement) {
    try {
      CreateTable parsed = (CreateTable) spark.sessionState().sqlParser().parsePlan(statement);
      return new Parsed(
          parsed.tableSchema(),
          JavaConverters.seqAsJavaList(parsed.partitioning()),
          JavaConverters.mapAsJavaMap(parsed.tableSpec().properties()));
    } catch (ParseException e) {
      throw new IllegalStateException(e);
    }
  }
}
