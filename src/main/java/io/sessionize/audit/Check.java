package io.sessionize.audit;

import static org.apache.spark.sql.functions.lit;

import io.sessionize.session.Rules;
import io.sessionize.store.SessionRows;
import io.sessionize.store.Sql;
import io.sessionize.store.TableNames;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** The invariants of the tables, as queries that return the rows that break them. */
public final class Check {
  private final SparkSession spark;
  private final TableNames names;
  private final Rules rules;

  /**
   * @param rules those that made the tables
   */
  public Check(SparkSession spark, TableNames names, Rules rules) {
    this.spark = spark;
    this.names = names;
    this.rules = rules;
  }

  /**
   * The rows that break an invariant: columns {@code table_name, session_id, uuid, invariant,
   * detail}. Reads all of both tables.
   */
  public Dataset<Row> violations() {
    return query("check/rows", names.sessions())
        .union(query("check/rows", names.open()))
        .union(neighbours())
        .union(query("check/staging", names.open()));
  }

  /** Over both tables, with or without a catalog that has views. */
  private Dataset<Row> neighbours() {
    String view = "sessionize_check_live";
    spark
        .table(names.sessions())
        .select(SessionRows.columns())
        .union(
            spark.table(names.open()).where("published IS NOT TRUE").select(SessionRows.columns()))
        .createOrReplaceTempView(view);
    return query("check/neighbours", view)
        .withColumn("table_name", lit(TableNames.plain(names.live())));
  }

  private Dataset<Row> query(String name, String table) {
    return spark
        .sql(
            Sql.named(name)
                .with("table", table)
                .with("plain_sessions", TableNames.plain(names.sessions()))
                .with("timeout", Long.toString(rules.timeoutMs()))
                .with("maximum", Long.toString(rules.maxMs()))
                .with(names)
                .text())
        .withColumn("table_name", lit(TableNames.plain(table)));
  }
}
