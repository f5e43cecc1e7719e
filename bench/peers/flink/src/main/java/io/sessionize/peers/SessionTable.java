package io.sessionize.peers;

import java.io.Serializable;
import java.util.Map;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.table.data.GenericArrayData;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.StringData;
import org.apache.hadoop.conf.Configuration;
import org.apache.iceberg.Schema;
import org.apache.iceberg.catalog.Catalog;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.SupportsNamespaces;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.flink.CatalogLoader;
import org.apache.iceberg.flink.FlinkSchemaUtil;
import org.apache.iceberg.flink.TableLoader;
import org.apache.iceberg.flink.util.FlinkCompatibilityUtil;
import org.apache.iceberg.types.Types;

/** The Iceberg table of sessions, in a catalog like the product's, and a session as a row of it. */
final class SessionTable implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final TableIdentifier NAME = TableIdentifier.of("peers", "sessions");

  private final String folder;
  private final boolean withEvents;

  SessionTable(String folder, boolean withEvents) {
    this.folder = folder;
    this.withEvents = withEvents;
  }

  TableLoader create() {
    CatalogLoader loader =
        CatalogLoader.custom(
            "local",
            Map.of(
                "uri",
                "jdbc:sqlite:" + folder + "/catalog.db",
                "jdbc.schema-version",
                "V1",
                "warehouse",
                folder),
            new Configuration(),
            "org.apache.iceberg.jdbc.JdbcCatalog");
    Catalog catalog = loader.loadCatalog();
    ((SupportsNamespaces) catalog).createNamespace(Namespace.of("peers"));
    catalog.createTable(NAME, schema());
    return TableLoader.fromCatalog(loader, NAME);
  }

  TypeInformation<RowData> rowType() {
    return FlinkCompatibilityUtil.toTypeInfo(FlinkSchemaUtil.convert(schema()));
  }

  RowData row(Session session) {
    StringData uuid = StringData.fromString(session.uuid);
    long start = session.sessionStartTimeMs;
    long end = session.sessionEndTimeMs;
    if (!withEvents) {
      return GenericRowData.of(uuid, start, end, session.eventCount);
    }
    Object[] events = session.events.stream().map(SessionTable::event).toArray();
    return GenericRowData.of(uuid, start, end, session.eventCount, new GenericArrayData(events));
  }

  private static RowData event(Click click) {
    return GenericRowData.of(
        click.eventTimestamp,
        StringData.fromString(click.eventId),
        StringData.fromString(click.pageName),
        StringData.fromString(click.bookingDetails),
        click.eventDetails == null ? null : details(click.eventDetails));
  }

  private static RowData details(Click.Details details) {
    return GenericRowData.of(
        StringData.fromString(details.eventName),
        StringData.fromString(details.eventType),
        StringData.fromString(details.eventValue));
  }

  private Schema schema() {
    Types.NestedField uuid = Types.NestedField.optional(1, "uuid", Types.StringType.get());
    Types.NestedField start =
        Types.NestedField.optional(2, "session_start_time_ms", Types.LongType.get());
    Types.NestedField end =
        Types.NestedField.optional(3, "session_end_time_ms", Types.LongType.get());
    Types.NestedField count = Types.NestedField.optional(4, "event_count", Types.LongType.get());
    if (!withEvents) {
      return new Schema(uuid, start, end, count);
    }
    Types.StructType details =
        Types.StructType.of(
            Types.NestedField.optional(12, "event_name", Types.StringType.get()),
            Types.NestedField.optional(13, "event_type", Types.StringType.get()),
            Types.NestedField.optional(14, "event_value", Types.StringType.get()));
    Types.StructType event =
        Types.StructType.of(
            Types.NestedField.optional(7, "event_time_ms", Types.LongType.get()),
            Types.NestedField.optional(8, "event_id", Types.StringType.get()),
            Types.NestedField.optional(9, "page_name", Types.StringType.get()),
            Types.NestedField.optional(10, "booking_details", Types.StringType.get()),
            Types.NestedField.optional(11, "event_details", details));
    Types.ListType events = Types.ListType.ofOptional(6, event);
    return new Schema(uuid, start, end, count, Types.NestedField.optional(5, "events", events));
  }
}
