package io.sessionize.table;

import io.sessionize.row.RowSchemas;
import io.sessionize.summary.TableNames;
import java.util.List;
import org.apache.iceberg.catalog.Catalog;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.catalog.ViewCatalog;
import org.apache.iceberg.spark.Spark3Util;
import org.apache.iceberg.spark.SparkSchemaUtil;
import org.apache.iceberg.view.SQLViewRepresentation;
import org.apache.iceberg.view.View;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Creates the live view (closed and open sessions), if the catalog supports views. */
final class LiveView {
  private static final Logger LOG = LoggerFactory.getLogger(LiveView.class);

  private final SparkSession spark;
  private final TableNames names;
  private final StructType columns;
  private final String statement;

  /**
   * @param recorded of the sessions table: the view has its session columns too
   */
  LiveView(SparkSession spark, TableNames names, Recorded recorded) {
    RowSchemas plain = RowSchemas.of(recorded.definitions().properties());
    StructType session = RowSchemas.of(List.of(), recorded.columns().all()).columns();
    StructType live = plain.session().add("is_open", DataTypes.BooleanType);
    StringBuilder more = new StringBuilder();
    for (StructField column : session.fields()) {
      live = live.add(column);
      more.append(", ").append(TableNames.quote(column.name()));
    }
    this.columns = live;
    this.spark = spark;
    this.names = names;
    this.statement =
        Sql.named("schema/live").with(names).with("session_columns", more.toString()).text();
  }

  /** Creates the view if it is missing, or if this version defines it differently. */
  void create() {
    Catalog catalog = Spark3Util.loadIcebergCatalog(spark, names.catalog());
    TableIdentifier live = TableIdentifier.of(names.database(), TableNames.simple(names.live()));
    try {
      if (!(catalog instanceof ViewCatalog views)) {
        throw new UnsupportedOperationException(catalog.getClass().getName());
      }
      if (!views.viewExists(live) || !isCurrent(views.loadView(live))) {
        spark.sql(statement);
      }
    } catch (UnsupportedOperationException e) {
      LOG.warn("Catalog {} does not support views: {} is not created", names.catalog(), live);
    }
  }

  /** The view stores the types of its columns, so they must match those of the tables too. */
  private boolean isCurrent(View view) {
    SQLViewRepresentation query = view.sqlFor("spark");
    return query != null
        && statement.strip().endsWith(query.sql().strip())
        && SparkSchemaUtil.convert(view.schema()).catalogString().equals(columns.catalogString());
  }
}
