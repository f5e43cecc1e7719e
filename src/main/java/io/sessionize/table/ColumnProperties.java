package io.sessionize.table;

import io.sessionize.Failure;
import io.sessionize.column.RecordedColumns;
import io.sessionize.column.SessionColumns;
import java.util.Map;
import org.apache.iceberg.Table;

/**
 * The session columns that a table has taken in, in its properties: {@code
 * sessionize.session-columns.NUMBER} holds the text. The staging table decides, as for {@link
 * RecordedDefinitions}.
 */
final class ColumnProperties {
  static final String PREFIX = "sessionize.session-columns.";

  private static final NumberedProperties<SessionColumns> TEXTS =
      new NumberedProperties<>(PREFIX, SessionColumns::parse);

  private ColumnProperties() {}

  /**
   * Returns the columns in the properties of a table.
   *
   * @throws Failure of usage, if a newer version of the job wrote them; broken, if they are damaged
   */
  static RecordedColumns in(Table table) {
    return new RecordedColumns(TEXTS.in(table));
  }

  /** The properties of a table that it does not have yet. */
  static Map<String, String> missing(Table table, RecordedColumns columns) {
    return TEXTS.missing(table, columns.taken(), SessionColumns::text);
  }
}
