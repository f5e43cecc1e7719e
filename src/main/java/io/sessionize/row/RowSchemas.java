package io.sessionize.row;

import io.sessionize.column.SessionColumn;
import io.sessionize.session.Property;
import java.io.Serializable;
import java.util.List;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * The columns of all kinds of rows, if events carry these properties and sessions these session
 * columns. Each property is a column of an event, after all others and in this order. Session
 * columns are the last columns of a row. So the positions of the other columns are constants.
 */
public final class RowSchemas implements Serializable {
  private static final long serialVersionUID = 1L;

  /** The columns if events carry no property, and sessions no session column. */
  public static final RowSchemas PLAIN = new RowSchemas(List.of(), List.of());

  private final List<Property> properties;
  private final StructType columns;
  private final StructType event;
  private final StructType session;
  private final StructType open;
  private final StructType known;
  private final StructType outcome;
  private final StructType decoded;

  private RowSchemas(List<Property> properties, List<SessionColumn> columns) {
    this.properties = List.copyOf(properties);
    this.columns = columns(columns);
    this.event = EventRows.with(this.properties);
    StructType base = SessionRows.of(event);
    StructType baseOpen = SessionRows.openOf(base);
    this.session = withColumns(base);
    this.open = withColumns(baseOpen);
    this.known = withColumns(KnownRows.of(base));
    this.outcome = withColumns(OutcomeRows.of(baseOpen));
    this.decoded = DecodedRows.of(event);
  }

  private static StructType columns(List<SessionColumn> columns) {
    StructType types = new StructType();
    for (SessionColumn column : columns) {
      types = types.add(column.name(), DataType.fromDDL(column.type()));
    }
    return types;
  }

  private StructType withColumns(StructType base) {
    StructType all = base;
    for (StructField column : columns.fields()) {
      all = all.add(column);
    }
    return all;
  }

  /** The columns if events carry these properties, and sessions no session column. */
  public static RowSchemas of(List<Property> properties) {
    return of(properties, List.of());
  }

  /** The columns if events carry these properties, and sessions these session columns. */
  public static RowSchemas of(List<Property> properties, List<SessionColumn> columns) {
    return properties.isEmpty() && columns.isEmpty() ? PLAIN : new RowSchemas(properties, columns);
  }

  /** The session columns, in their order. */
  public StructType columns() {
    return columns;
  }

  /** The properties, in the order of their columns. */
  public List<Property> properties() {
    return properties;
  }

  /** The columns of an event: see {@link EventRows}. */
  public StructType event() {
    return event;
  }

  /** The columns of a session: see {@link SessionRows}. */
  public StructType session() {
    return session;
  }

  /** The columns of the staging table: see {@link SessionRows}. */
  public StructType open() {
    return open;
  }

  /** The columns of a stored row that a batch restates: see {@link KnownRows}. */
  public StructType known() {
    return known;
  }

  /** The columns of an outcome: see {@link OutcomeRows}. */
  public StructType outcome() {
    return outcome;
  }

  /** The columns of a decoded record: see {@link DecodedRows}. */
  public StructType decoded() {
    return decoded;
  }
}
