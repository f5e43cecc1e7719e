package io.sessionize.spark.internal;

import io.sessionize.row.DecodedRows;
import io.sessionize.row.EventRows;
import io.sessionize.row.KnownRows;
import io.sessionize.row.RowSchemas;
import io.sessionize.session.Event;
import io.sessionize.session.Outcome;
import io.sessionize.session.Published;
import io.sessionize.session.RepeatedTexts;
import io.sessionize.session.Restatement;
import io.sessionize.session.Session;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.types.StructType;

/**
 * The rows of one user in a restatement. Nearly all users have few events, which become objects at
 * once. The rows of a user with more than {@code most} events, or with more bytes than {@link
 * #MOST_BYTES}, are sorted by time, in memory and beyond it on disk, and the user is restated in
 * parts.
 */
final class UserRows {
  /** Rows of this size become objects of a few times of it. */
  static final long MOST_BYTES = 256L << 20;

  private static final int EVENT_TIME = DecodedRows.EVENT + EventRows.EVENT_TIME_MS;

  private final int most;
  private final boolean isSetAside;
  private final List<Published> damagedOpen = new ArrayList<>();
  private final SessionRowReader reader;
  private final Held<Session> staged;
  private final Held<Published> published;
  private final RepeatedTexts texts = new RepeatedTexts();
  private final Held<Event> events;
  private long held;
  private long all;
  private long bytes;

  /** Of the rows that did not become objects at once. */
  private boolean inOrder = true;

  /**
   * @param schemas columns of the rows
   * @param columns session columns of stored rows; null if there are none
   * @param most about how many events become objects at once
   * @param isSetAside whether only the published rows count, to be removed
   */
  UserRows(RowSchemas schemas, ColumnValues columns, int most, boolean isSetAside) {
    this.most = most;
    this.isSetAside = isSetAside;
    this.reader = new SessionRowReader(schemas, columns);
    this.staged = new Held<>(schemas.known(), Session::startMs, reader::session);
    this.published = new Held<>(schemas.known(), UserRows::startMs, reader::published);
    this.events = new Held<>(schemas.decoded(), Event::timeMs, row -> reader.event(row, texts));
  }

  private static long startMs(Published row) {
    // A damaged row may hold no event.
    return row.session().events().isEmpty() ? Long.MIN_VALUE : row.session().startMs();
  }

  /** Adds a row of {@link KnownRows}. */
  void addKnown(InternalRow row) {
    bytes += bytes(row);
    if (isSetAside) {
      // The user may be set aside because a row is too large: it is read as late as possible.
      if (!row.isNullAt(KnownRows.FILE)) {
        published.sort(row, 0);
      }
      return;
    }
    if (!row.isNullAt(KnownRows.FILE)) {
      Published stored = reader.published(row);
      inOrder &= hasSpace() || stored.isInOrder();
      add(published, stored, stored.session().events().size(), row);
      return;
    }
    Session session = reader.session(row);
    if (SessionRowReader.isDamaged(row, session)) {
      damagedOpen.add(reader.published(row));
    } else {
      inOrder &= hasSpace() || session.isInOrder();
      add(staged, session, session.events().size(), row);
    }
  }

  /** Adds a row of {@link DecodedRows}. */
  void addEvent(InternalRow row) {
    if (isSetAside) {
      return;
    }
    bytes += bytes(row);
    if (hasSpace()) {
      add(events, reader.event(row, texts), 1, row);
    } else {
      events.sort(row, row.getLong(EVENT_TIME));
      all++;
    }
  }

  private <T> void add(Held<T> to, T one, int count, InternalRow row) {
    all += count;
    if (hasSpace()) {
      held += count;
      to.objects.add(one);
    } else {
      to.sort(row, to.time.applyAsLong(one));
    }
  }

  private boolean hasSpace() {
    return held < most && bytes < MOST_BYTES;
  }

  static long bytes(InternalRow row) {
    return row instanceof UnsafeRow unsafe ? unsafe.getSizeInBytes() : 0;
  }

  boolean isSetAside() {
    return isSetAside;
  }

  /** Number of events, copies included. */
  long size() {
    return all;
  }

  /** Whether there are so many events, or so large ones, that they may exceed the memory. */
  boolean isLarge() {
    return all >= most || bytes >= MOST_BYTES;
  }

  /** How many events of this user become objects at once. */
  private int mostOfThem() {
    return bytes < MOST_BYTES ? most : (int) Math.min(most, Math.max(1, all * MOST_BYTES / bytes));
  }

  Iterator<Outcome> restated(Restatement restatement, String uuid) {
    if (all <= most && bytes < MOST_BYTES || reachesAnyTime()) {
      return restatement
          .restate(uuid, staged.all(), damagedOpen, published.all(), events.all())
          .iterator();
    }
    return restatement.restateInParts(
        uuid, staged.byTime(), published.byTime(), events.byTime(), mostOfThem());
  }

  /** Whether there is a damaged or altered row: it may reach any of the user's times. */
  private boolean reachesAnyTime() {
    return !inOrder
        || !damagedOpen.isEmpty()
        || !staged.objects.stream().allMatch(Session::isInOrder)
        || !published.objects.stream().allMatch(Published::isInOrder);
  }

  /** The outcomes of a user who is set aside. Sessions in staging have none: they do not stay. */
  Iterator<Outcome> removed() {
    Iterator<Published> rows = published.byTime();
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return rows.hasNext();
      }

      @Override
      public Outcome next() {
        return Outcome.removed(rows.next());
      }
    };
  }

  /** Rows of one kind: the first ones as objects, the others in a sorter. */
  private static final class Held<T> {
    private final StructType columns;
    private final ToLongFunction<T> time;
    private final Function<InternalRow, T> read;
    private final List<T> objects = new ArrayList<>();
    private final long[] timeMs = new long[1];
    private SortedRows.Sorter others;

    Held(StructType columns, ToLongFunction<T> time, Function<InternalRow, T> read) {
      this.columns = columns;
      this.time = time;
      this.read = read;
    }

    void sort(InternalRow row, long rowTimeMs) {
      if (others == null) {
        others = new SortedRows.Sorter(columns, any -> timeMs[0]);
      }
      timeMs[0] = rowTimeMs;
      others.add(row);
    }

    List<T> all() {
      if (others != null) {
        others.sorted().forEachRemaining(row -> objects.add(read.apply(row)));
      }
      return objects;
    }

    Iterator<T> byTime() {
      objects.sort(Comparator.comparingLong(time));
      Iterator<T> first = objects.iterator();
      return others == null ? first : new Merged<>(first, others.sorted(), read, time);
    }
  }

  /** Merges objects and rows, both sorted by time. */
  private static final class Merged<T> implements Iterator<T> {
    private final Iterator<T> objects;
    private final Iterator<InternalRow> rows;
    private final Function<InternalRow, T> read;
    private final ToLongFunction<T> time;
    private T object;
    private T row;

    Merged(
        Iterator<T> objects,
        Iterator<InternalRow> rows,
        Function<InternalRow, T> read,
        ToLongFunction<T> time) {
      this.objects = objects;
      this.rows = rows;
      this.read = read;
      this.time = time;
      nextObject();
      nextRow();
    }

    private void nextObject() {
      object = objects.hasNext() ? objects.next() : null;
    }

    private void nextRow() {
      row = rows.hasNext() ? read.apply(rows.next()) : null;
    }

    @Override
    public boolean hasNext() {
      return object != null || row != null;
    }

    @Override
    public T next() {
      boolean takesObject =
          row == null || object != null && time.applyAsLong(object) <= time.applyAsLong(row);
      T next = takesObject ? object : row;
      if (takesObject) {
        nextObject();
      } else {
        nextRow();
      }
      return next;
    }
  }
}
