package io.sessionize.column;

import java.util.SortedMap;
import java.util.TreeMap;

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
}
