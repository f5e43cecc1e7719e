package io.sessionize.summary;

import java.time.LocalDate;
import java.util.Optional;

/**
 * How far the rows of the tables follow the session columns.
 *
 * @param complete number of the session columns that all rows follow; 0 for none
 * @param through how far {@code recompute --columns-only} has come; empty if it has not begun, or
 *     if all rows follow the columns in use
 */
public record ColumnProgress(int complete, Optional<Through> through) {

  /** No session columns. */
  public static final ColumnProgress NONE = new ColumnProgress(0, Optional.empty());

  /**
   * The rows that {@code recompute --columns-only} has filled.
   *
   * @param number of the session columns that they follow
   * @param day the sessions that start up to and including this UTC day, and the open ones
   */
  public record Through(int number, LocalDate day) {

    /** The text that the tables record: {@code NUMBER/DAY}. */
    public String text() {
      return number + "/" + day;
    }

    static Through parse(String text) {
      int slash = text.indexOf('/');
      return new Through(
          Integer.parseInt(text.substring(0, slash)), LocalDate.parse(text.substring(slash + 1)));
    }
  }

  /** All rows follow the columns of this number. */
  public static ColumnProgress complete(int number) {
    return new ColumnProgress(number, Optional.empty());
  }

  /** The same, with the rows up to this day filled for the columns of this number. */
  public ColumnProgress through(int number, LocalDate day) {
    return new ColumnProgress(complete, Optional.of(new Through(number, day)));
  }

  /** What holds while the columns of this number are in use. */
  ColumnProgress using(int number) {
    return new ColumnProgress(complete, through.filter(filled -> filled.number() == number));
  }
}
