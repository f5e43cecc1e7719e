package io.sessionize.column;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * The session columns that the tables have taken in.
 *
 * @param taken by number, from 1 on; the numbers never change
 * @param number of the columns in use: the greatest one, except in the replay of a past batch; 0 if
 *     there are none
 */
public record RecordedColumns(SortedMap<Integer, SessionColumns> taken, int number)
    implements Serializable {

  /** The columns of tables that have taken in none. */
  public static final RecordedColumns NONE = new RecordedColumns(new TreeMap<>());

  public RecordedColumns {
    taken = Collections.unmodifiableSortedMap(new TreeMap<>(taken));
  }

  /** The newest columns are in use. */
  public RecordedColumns(SortedMap<Integer, SessionColumns> taken) {
    this(taken, taken.isEmpty() ? 0 : taken.lastKey());
  }

  /** The columns in use. */
  public SessionColumns inUse() {
    return taken.getOrDefault(number, SessionColumns.NONE);
  }

  /** These columns and newer ones, which are then in use. */
  public RecordedColumns with(SessionColumns newer) {
    SortedMap<Integer, SessionColumns> more = new TreeMap<>(taken);
    more.put(taken.isEmpty() ? 1 : taken.lastKey() + 1, newer);
    return new RecordedColumns(more);
  }

  /**
   * These columns after the properties of events have changed, which can widen the type of an
   * expression: that needs columns with another number.
   *
   * @param typed returns columns with the types of their expressions
   * @throws io.sessionize.Failure of usage, if a type becomes another one
   */
  public RecordedColumns retyped(Function<GivenColumns, SessionColumns> typed) {
    SortedMap<String, String> own = new TreeMap<>();
    inUse().own().forEach(column -> own.put(column.name(), column.sql()));
    if (own.isEmpty()) {
      return this;
    }
    GivenColumns given = new GivenColumns(true, own, null);
    SessionColumns now = new SessionColumns(typed.apply(given).own(), inUse().web());
    new ColumnChange(this, given).requireColumns(now);
    List<SessionColumn> wider = new ArrayList<>();
    for (SessionColumn column : now.own()) {
      // A column that another definition has widened stays as wide.
      SessionColumn before = last(column.name()).orElse(column);
      wider.add(ColumnType.widens(column.type(), before.type()) ? before : column);
    }
    SessionColumns due = new SessionColumns(wider, inUse().web());
    return due.equals(inUse()) ? this : with(due);
  }

  /** The set web as the tables have had it last; empty if they have never had it. */
  Optional<SessionColumns.WebSet> lastWeb() {
    return taken.values().stream()
        .map(SessionColumns::web)
        .filter(Objects::nonNull)
        .reduce((before, after) -> after);
  }

  /** Names the columns in use: {@code NUMBER:HASH}. Empty if there are none. */
  public Optional<String> name() {
    return number == 0 ? Optional.empty() : Optional.of(number + ":" + inUse().hash());
  }

  /**
   * The same columns with others in use.
   *
   * @param name as a run has recorded it; empty for none
   * @return empty, if there are none of this name
   */
  public Optional<RecordedColumns> using(Optional<String> name) {
    if (name.isEmpty()) {
      return Optional.of(new RecordedColumns(taken, 0));
    }
    return taken.keySet().stream()
        .map(one -> new RecordedColumns(taken, one))
        .filter(one -> one.name().equals(name))
        .findFirst();
  }

  /**
   * All columns that the tables have, in their order: by the number that brought them, then by
   * name. A removed one stays. The type is the widest, the SQL is the newest.
   */
  public List<SessionColumn> all() {
    Map<String, SessionColumn> all = new LinkedHashMap<>();
    for (SessionColumns one : taken.values()) {
      Map<String, SessionColumn> sorted = new TreeMap<>();
      one.all().forEach(column -> sorted.put(column.name(), column));
      sorted
          .values()
          .forEach(
              column ->
                  all.merge(
                      column.name(),
                      column,
                      (before, now) ->
                          new SessionColumn(
                              now.name(),
                              ColumnType.widens(before.type(), now.type())
                                  ? now.type()
                                  : before.type(),
                              now.sql())));
    }
    return List.copyOf(all.values());
  }

  /** The columns in use, in the order and with the types of the tables. */
  public List<SessionColumn> used() {
    Map<String, SessionColumn> used = new LinkedHashMap<>();
    inUse().all().forEach(column -> used.put(column.name(), column));
    List<SessionColumn> inOrder = new ArrayList<>();
    for (SessionColumn column : all()) {
      SessionColumn one = used.get(column.name());
      if (one != null) {
        inOrder.add(new SessionColumn(one.name(), column.type(), one.sql()));
      }
    }
    return inOrder;
  }

  /** The newest column of a name, possibly in other letters; empty if there was none. */
  Optional<SessionColumn> last(String name) {
    return all().stream().filter(column -> column.name().equalsIgnoreCase(name)).findFirst();
  }
}
