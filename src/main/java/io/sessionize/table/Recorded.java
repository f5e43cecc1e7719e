package io.sessionize.table;

import io.sessionize.column.RecordedColumns;
import io.sessionize.event.Definitions;
import java.util.Map;
import java.util.TreeMap;
import org.apache.iceberg.Table;

/**
 * What a table records of the columns of its rows.
 *
 * @param definitions that it has taken in, with the properties of its events
 * @param columns session columns that it has taken in
 */
record Recorded(Definitions definitions, RecordedColumns columns) {
  /** The records of a table that has none. */
  static final Recorded NONE = new Recorded(Definitions.NONE, RecordedColumns.NONE);

  /**
   * Reads the properties of a table.
   *
   * @throws io.sessionize.Failure as {@link RecordedDefinitions#in} and {@link ColumnProperties#in}
   */
  static Recorded in(Table table) {
    return new Recorded(RecordedDefinitions.in(table), ColumnProperties.in(table));
  }

  /** The properties of a table that it does not have yet. */
  Map<String, String> missing(Table table) {
    Map<String, String> missing = new TreeMap<>(RecordedDefinitions.missing(table, definitions));
    missing.putAll(ColumnProperties.missing(table, columns));
    return missing;
  }

  /** These, or those of the table where it has taken in more. */
  Recorded orNewer(Table table) {
    Recorded own = in(table);
    return new Recorded(
        own.definitions.taken().size() > definitions.taken().size() ? own.definitions : definitions,
        own.columns.taken().size() > columns.taken().size() ? own.columns : columns);
  }
}
