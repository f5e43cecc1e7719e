package io.sessionize.spark.internal;

import io.sessionize.row.KnownRows;
import io.sessionize.row.OutcomeRows;
import io.sessionize.row.RowSchemas;
import io.sessionize.session.Outcome;
import io.sessionize.session.Outcome.Change;
import io.sessionize.session.Published;
import io.sessionize.session.Session;
import java.io.Serializable;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import java.util.Spliterators;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.apache.spark.sql.catalyst.InternalRow;

/**
 * Evaluates the session columns of stored rows again, row by row: no session changes, so no row
 * needs another one. A row that is damaged, or was altered by hand, stays as it is.
 */
public final class RefilledRows implements Serializable {
  private static final long serialVersionUID = 1L;

  private final SessionExpressions columns;

  private RefilledRows(SessionExpressions columns) {
    this.columns = columns;
  }

  /**
   * The rows of the sessions table whose session columns do not follow from their events, with
   * those that follow. Lazy.
   *
   * @param columns in use
   * @param known rows of {@link KnownRows}
   * @return rows of {@link OutcomeRows}
   */
  public static InternalRows published(SessionExpressions columns, InternalRows known) {
    RefilledRows rows = new RefilledRows(columns);
    return known.map(rdd -> rdd.mapPartitions(rows::published));
  }

  /**
   * The rows of staging, with session columns that follow from their events. Lazy.
   *
   * @param columns in use
   * @param open rows of {@link KnownRows} without file, each with the flag {@code published} as its
   *     last column
   * @return rows of {@link OutcomeRows}
   */
  public static InternalRows staged(SessionExpressions columns, InternalRows open) {
    RefilledRows rows = new RefilledRows(columns);
    return open.map(rdd -> rdd.mapPartitions(rows::staged));
  }

  /**
   * Counts the rows of the sessions table that would get another value, for each session column.
   * Runs a Spark job.
   *
   * @param columns in use
   * @param known rows of {@link KnownRows}
   */
  public static SortedMap<String, Long> changed(SessionExpressions columns, InternalRows known) {
    SortedMap<String, Long> changed = new TreeMap<>();
    String[] names = columns.schemas().columns().fieldNames();
    if (names.length > 0) {
      RefilledRows rows = new RefilledRows(columns);
      long[] counts =
          known
              .rdd()
              .mapPartitions(part -> List.of(rows.changed(part)).iterator())
              .fold(new long[names.length], RefilledRows::sums);
      for (int i = 0; i < names.length; i++) {
        changed.put(names[i], counts[i]);
      }
    }
    return changed;
  }

  private static long[] sums(long[] one, long[] other) {
    return IntStream.range(0, one.length).mapToLong(i -> one[i] + other[i]).toArray();
  }

  private long[] changed(Iterator<InternalRow> rows) {
    ColumnValues values = columns.compile();
    SessionRowReader reader = new SessionRowReader(columns.schemas());
    long[] changed = new long[columns.schemas().columns().length()];
    while (rows.hasNext()) {
      InternalRow row = rows.next();
      Published stored = reader.published(row);
      if (stored.intact()) {
        values.differing(row, stored.session()).forEach(column -> changed[column]++);
      }
    }
    return changed;
  }

  private Iterator<InternalRow> published(Iterator<InternalRow> rows) {
    ColumnValues values = columns.compile();
    SessionRowReader reader = new SessionRowReader(columns.schemas());
    return outcomes(
        rows,
        row -> {
          Published stored = reader.published(row);
          boolean stays = !stored.intact() || values == null || values.areIn(row, stored.session());
          if (stays && !stored.isDamaged()) {
            return null;
          }
          Change change = stored.isDamaged() ? Change.NONE : Change.CHANGED;
          return new Outcome(stored.session(), change, stored, false, true, false, 0);
        },
        values);
  }

  private Iterator<InternalRow> staged(Iterator<InternalRow> rows) {
    RowSchemas schemas = columns.schemas();
    int flag = schemas.known().length();
    SessionRowReader reader = new SessionRowReader(schemas);
    return outcomes(
        rows,
        row -> {
          Session session = reader.session(row);
          Published damaged =
              SessionRowReader.isDamaged(row, session) ? reader.published(row) : null;
          // An older version wrote staging without this column: see RowKey.
          boolean isPublished = row.isNullAt(flag) || row.getBoolean(flag);
          return new Outcome(session, Change.NONE, damaged, true, isPublished, true, 0);
        },
        columns.compile());
  }

  private Iterator<InternalRow> outcomes(
      Iterator<InternalRow> rows, Function<InternalRow, Outcome> outcome, ColumnValues values) {
    OutcomeRowWriter writer = new OutcomeRowWriter(columns.schemas(), values);
    LargestRow largest = new LargestRow();
    return StreamSupport.stream(Spliterators.spliteratorUnknownSize(rows, 0), false)
        .map(
            row -> {
              largest.met(row, UserRows.bytes(row));
              try {
                Outcome made = outcome.apply(row);
                return made == null ? null : writer.write(made);
              } catch (OutOfMemoryError e) {
                largest.throwIfLarge(e);
                throw e;
              }
            })
        .filter(Objects::nonNull)
        .iterator();
  }
}
