package io.sessionize.column;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;

/** What a stored row must hold in a session column. */
public enum Demand {
  /** The value that follows from the events of the row. */
  VALUE,

  /** That value, or null: the row may be older than the column. */
  VALUE_OR_NULL,

  /** Any value: the row may follow another expression of the column. */
  NOTHING;

  /**
   * The demand on each column in use, in the order of {@link RecordedColumns#used}.
   *
   * @param followed number of the columns that a row follows, if nothing has restated it since; 0
   *     if that is not known
   */
  public static List<Demand> since(RecordedColumns columns, int followed) {
    return columns.used().stream().map(column -> of(columns, column.name(), followed)).toList();
  }

  private static Demand of(RecordedColumns columns, String name, int followed) {
    Meaning inUse = Meaning.of(columns.inUse(), name).orElseThrow();
    SortedMap<Integer, SessionColumns> since = columns.taken().tailMap(followed);
    boolean isUnchanged =
        followed > 0
            && since.values().stream()
                .allMatch(one -> Meaning.of(one, name).filter(inUse::equals).isPresent());
    if (isUnchanged) {
      return VALUE;
    }
    // A column that was removed, and came back, keeps the values of before in some rows.
    boolean hasOthers =
        columns.taken().values().stream()
            .flatMap(one -> Meaning.of(one, name).stream())
            .anyMatch(one -> !one.equals(inUse));
    return hasOthers ? NOTHING : VALUE_OR_NULL;
  }

  /**
   * What decides the value of a column.
   *
   * @param set settings and version of its set; null for a column of its own
   */
  private record Meaning(SessionColumn column, WebSettings set) {
    static Optional<Meaning> of(SessionColumns columns, String name) {
      return columns.all().stream()
          .filter(column -> column.name().equals(name))
          .map(
              column ->
                  new Meaning(column, columns.own().contains(column) ? null : settings(columns)))
          .findFirst();
    }

    private static WebSettings settings(SessionColumns columns) {
      return Objects.requireNonNull(columns.web()).settings();
    }
  }
}
