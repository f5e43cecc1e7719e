package io.sessionize.table;

import io.sessionize.Failure;
import io.sessionize.event.Definition;
import io.sessionize.event.Definitions;
import java.util.Map;
import org.apache.iceberg.Table;

/**
 * The definitions that a table has taken in, in its properties: {@code
 * sessionize.definition.NUMBER} holds the text. They survive compaction, expiry and rollback.
 *
 * <p>The staging table decides. The sessions table repeats them, so that each table says by itself
 * which properties its events have.
 */
final class RecordedDefinitions {
  static final String PREFIX = "sessionize.definition.";

  private static final NumberedProperties<Definition> TEXTS =
      new NumberedProperties<>(PREFIX, Definition::parse);

  private RecordedDefinitions() {}

  /**
   * Returns the definitions in the properties of a table; none for a table of an older version.
   *
   * @throws Failure of usage, if a newer version of the job wrote one; broken, if one is damaged
   */
  static Definitions in(Table table) {
    return new Definitions(TEXTS.in(table));
  }

  /** The properties of a table that it does not have yet. */
  static Map<String, String> missing(Table table, Definitions definitions) {
    return TEXTS.missing(table, definitions.taken(), Definition::text);
  }
}
