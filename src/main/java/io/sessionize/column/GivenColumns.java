package io.sessionize.column;

import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The session columns that a definition file gives.
 *
 * @param isGiven false if the file says nothing of session columns. Then the recorded ones hold.
 * @param columns SQL by name
 * @param web settings of the set web; null if it is not included
 */
public record GivenColumns(boolean isGiven, SortedMap<String, String> columns, WebSettings web) {

  /** No columns are given. */
  public static final GivenColumns NONE = new GivenColumns(false, new TreeMap<>(), null);

  public GivenColumns {
    columns = new TreeMap<>(columns);
  }

  /** Whether the tables use these columns, or none are given. The version of a set may differ. */
  public boolean areUsed(RecordedColumns recorded) {
    SessionColumns inUse = recorded.inUse();
    Map<String, String> own =
        inUse.own().stream().collect(Collectors.toMap(SessionColumn::name, SessionColumn::sql));
    boolean isSameSet =
        web == null
            ? inUse.web() == null
            : inUse.web() != null && web.hasSettingsOf(inUse.web().settings());
    return !isGiven || isSameSet && own.equals(columns);
  }

  /**
   * The columns of tables after they have taken in the given ones.
   *
   * @param mayChange whether expressions and sets may change: the tables have read nothing, or all
   *     rows are made again
   * @param typed returns the given columns with their types
   * @return the recorded ones, if none are given, or if the given ones are in use
   * @throws io.sessionize.Failure of usage, if the tables cannot take them in
   */
  public RecordedColumns takenInto(
      RecordedColumns recorded, boolean mayChange, Function<GivenColumns, SessionColumns> typed) {
    if (!isGiven || !mayChange && areUsed(recorded)) {
      return recorded;
    }
    ColumnChange change = new ColumnChange(recorded, this);
    if (!mayChange) {
      change.requireSameExpressions();
    }
    SessionColumns now = typed.apply(this);
    if (!mayChange && web != null && recorded.inUse().web() != null) {
      // A set that is in use stays as the tables have it.
      now = new SessionColumns(now.own(), recorded.inUse().web());
    }
    change.requireColumns(now);
    if (!mayChange) {
      change.requireSameMeaning(now);
    }
    boolean isNone = now.all().isEmpty() && recorded.taken().isEmpty();
    return isNone || now.equals(recorded.inUse()) ? recorded : recorded.with(now);
  }
}
