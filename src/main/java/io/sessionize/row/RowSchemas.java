package io.sessionize.row;

import io.sessionize.session.Property;
import java.io.Serializable;
import java.util.List;
import org.apache.spark.sql.types.StructType;

/**
 * The columns of all kinds of rows, if events carry these properties. Each property is a column of
 * an event, after all others and in this order. So the positions of the other columns are
 * constants.
 */
public final class RowSchemas implements Serializable {
  private static final long serialVersionUID = 1L;

  /** The columns if events carry no property. */
  public static final RowSchemas PLAIN = new RowSchemas(List.of());

  private final List<Property> properties;
  private final StructType event;
  private final StructType session;
  private final StructType open;
  private final StructType known;
  private final StructType outcome;
  private final StructType decoded;

  private RowSchemas(List<Property> properties) {
    this.properties = List.copyOf(properties);
    this.event = EventRows.with(this.properties);
    this.session = SessionRows.of(event);
    this.open = SessionRows.openOf(session);
    this.known = KnownRows.of(session);
    this.outcome = OutcomeRows.of(open);
    this.decoded = DecodedRows.of(event);
  }

  /** The columns if events carry these properties. */
  public static RowSchemas of(List<Property> properties) {
    return properties.isEmpty() ? PLAIN : new RowSchemas(properties);
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
