package io.sessionize.column;

import io.sessionize.Failure;
import java.util.Optional;

/**
 * Session columns that are given for tables with other columns: whether they can take them in.
 *
 * <p>They take in columns that are added or removed. A column with another expression, and a set
 * with other settings, would differ from older rows, which a recompute alone fills.
 */
final class ColumnChange {
  private final RecordedColumns recorded;
  private final GivenColumns given;

  ColumnChange(RecordedColumns recorded, GivenColumns given) {
    this.recorded = recorded;
    this.given = given;
  }

  /**
   * Checks that no expression and no set changes.
   *
   * @throws Failure of usage, if one does
   */
  void requireSameExpressions() {
    given
        .columns()
        .forEach(
            (name, sql) -> {
              Optional<SessionColumn> before = recorded.last(name);
              if (before.isPresent() && !before.get().sql().equals(sql)) {
                throw changed("the expression of session column " + name);
              }
            });
    recorded
        .lastWeb()
        .filter(web -> given.web() != null && !given.web().hasSettingsOf(web.settings()))
        .ifPresent(
            web -> {
              throw changed("the settings of the set web");
            });
  }

  /**
   * Checks that each column is computed as the last column of its name, which another set may have
   * brought, and that these columns are not older ones.
   *
   * @param typed the given columns with their types
   * @throws Failure of usage, if not
   */
  void requireSameMeaning(SessionColumns typed) {
    for (SessionColumn column : typed.all()) {
      Optional<SessionColumn> before = recorded.last(column.name());
      if (before.isPresent() && !before.get().sql().equals(column.sql())) {
        throw changed("the expression of session column " + column.name());
      }
    }
    recorded
        .taken()
        .forEach(
            (number, columns) -> {
              if (number < recorded.number() && columns.equals(typed)) {
                throw Failure.usage(
                    "--definition has the session columns %d of the tables, and they have taken in columns %d since:"
                        + " give the newer file, omit the option, or take them in again with recompute --columns-only.",
                    number, recorded.number());
              }
            });
  }

  private static Failure changed(String what) {
    return Failure.usage(
        "--definition changes %s, and the rows of the tables follow the old one. Take the new one in with recompute"
            + " --columns-only, or restore it, or use another name.",
        what);
  }

  /**
   * Checks the names and types of columns.
   *
   * @param typed the given columns with their types
   * @throws Failure of usage, if the tables have another column of this name
   */
  void requireColumns(SessionColumns typed) {
    for (SessionColumn column : typed.all()) {
      long same =
          typed.all().stream().filter(one -> one.name().equalsIgnoreCase(column.name())).count();
      if (same > 1) {
        throw Failure.usage(
            "Session column %s of --definition is in the set web too: give it another name.",
            column.name());
      }
      recorded.last(column.name()).ifPresent(before -> requireSameColumn(before, column));
    }
  }

  private static void requireSameColumn(SessionColumn before, SessionColumn column) {
    if (!before.name().equals(column.name())) {
      throw Failure.usage(
          "Session column %s of --definition has the name of column %s in other letters: give it this or another name.",
          column.name(), before.name());
    }
    if (!ColumnType.widens(before.type(), column.type())) {
      throw Failure.usage(
          "Session column %s of --definition is of type %s, but the tables have it as %s, which cannot become that: cast"
              + " it, or give the column another name.",
          column.name(), column.type(), before.type());
    }
  }
}
