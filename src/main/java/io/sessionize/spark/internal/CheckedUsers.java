package io.sessionize.spark.internal;

import io.sessionize.session.BrokenInvariant;
import io.sessionize.session.CheckedRow;
import io.sessionize.session.NeighbourInvariants;
import io.sessionize.session.StagingInvariants;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Queue;
import java.util.stream.Collectors;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.XXH64;

/**
 * The violations in one partition of rows of {@link CheckedRows}, which holds all rows of its
 * users. Its memory does not grow with the rows of a user: they are sorted by time, in memory and
 * beyond it on disk, and judged pair by pair. The rows of staging are sorted a second time with the
 * rows of the sessions table that have the same user and id. Rows of the same id are in memory
 * together; only an external statement makes many of them.
 */
final class CheckedUsers implements Iterator<InternalRow> {
  private final NeighbourInvariants neighbours;
  private final StagingInvariants staging;
  private final ViolationRows.Writer writer;
  private final SortedRows.Sorter copies =
      new SortedRows.Sorter(CheckedRows.COLUMNS, CheckedUsers::session);
  private final Iterator<InternalRow> byTime;
  private final Queue<Violation> found = new ArrayDeque<>();

  /** Hashes of the sessions in staging, sorted. */
  private final long[] staged;

  private CheckedRow previous;

  /** Null until all pairs are judged. */
  private Iterator<InternalRow> bySession;

  private CheckedRow next;

  /** Of the session of the next row. */
  private long hash;

  private record Key(String uuid, String id) {
    static Key of(CheckedRow row) {
      return new Key(row.uuid(), row.sessionId());
    }
  }

  private record Violation(ViolationRows.Table table, CheckedRow row, BrokenInvariant broken) {}

  CheckedUsers(
      Iterator<InternalRow> rows,
      NeighbourInvariants neighbours,
      StagingInvariants staging,
      ViolationRows.Writer writer) {
    this.neighbours = neighbours;
    this.staging = staging;
    this.writer = writer;
    SortedRows.Sorter sorter = SortedRows.checked();
    long[] hashes = new long[16];
    int count = 0;
    while (rows.hasNext()) {
      InternalRow row = rows.next();
      sorter.add(row);
      if (CheckedRows.place(row).isOpen()) {
        copies.add(row);
        hashes = count < hashes.length ? hashes : Arrays.copyOf(hashes, 2 * count);
        hashes[count++] = session(row);
      }
    }
    this.staged = Arrays.copyOf(hashes, count);
    Arrays.sort(staged);
    this.byTime = sorter.sorted();
  }

  /** The hash of the user and the id of a session. */
  private static long session(InternalRow row) {
    long user = SortedRows.hash(row);
    return row.isNullAt(CheckedRows.SESSION_ID)
        ? user
        : XXH64.hashUTF8String(row.getUTF8String(CheckedRows.SESSION_ID), user);
  }

  @Override
  public boolean hasNext() {
    while (found.isEmpty()) {
      if (byTime.hasNext()) {
        add(byTime.next());
      } else if (bySession == null) {
        judgeWith(null);
        bySession = copies.sorted();
        advance();
      } else if (next != null) {
        judgeCopies();
      } else {
        return false;
      }
    }
    return true;
  }

  @Override
  public InternalRow next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    Violation violation = found.remove();
    return writer.write(violation.table, violation.row, violation.broken);
  }

  /** Adds the next row in the order of users and times. */
  private void add(InternalRow stored) {
    CheckedRow row = CheckedRows.row(stored);
    for (BrokenInvariant broken : CheckedRows.broken(stored)) {
      found.add(
          new Violation(
              row.place().isOpen() ? ViolationRows.Table.OPEN : ViolationRows.Table.SESSIONS,
              row,
              broken));
    }
    if (!row.place().isOpen() && Arrays.binarySearch(staged, session(stored)) >= 0) {
      copies.add(stored);
    }
    if (row.place().isLive()) {
      judgeWith(row);
    }
  }

  /** Judges the previous row of the live view, and keeps this one. */
  private void judgeWith(CheckedRow row) {
    if (previous != null) {
      boolean isOfUser = row != null && Objects.equals(row.uuid(), previous.uuid());
      BrokenInvariant broken = neighbours.brokenBy(previous, isOfUser ? row : null);
      if (broken != null) {
        found.add(new Violation(ViolationRows.Table.LIVE, previous, broken));
      }
    }
    previous = row;
  }

  private void advance() {
    InternalRow row = bySession.hasNext() ? bySession.next() : null;
    next = row == null ? null : CheckedRows.row(row);
    hash = row == null ? 0 : session(row);
  }

  /** Judges the rows of the next session of staging, and of others with the same hash. */
  private void judgeCopies() {
    List<CheckedRow> open = new ArrayList<>();
    List<CheckedRow> published = new ArrayList<>();
    long first = hash;
    for (; next != null && hash == first; advance()) {
      (next.place().isOpen() ? open : published).add(next);
    }
    Map<Key, Long> copiesOf =
        open.stream().collect(Collectors.groupingBy(Key::of, Collectors.counting()));
    Map<Key, List<CheckedRow>> publishedOf =
        published.stream()
            .filter(row -> row.uuid() != null && row.sessionId() != null)
            .collect(Collectors.groupingBy(Key::of));
    for (CheckedRow row : open) {
      long count = copiesOf.get(Key.of(row));
      List<CheckedRow> same = publishedOf.getOrDefault(Key.of(row), List.of());
      if (same.isEmpty()) {
        add(row, null, count);
      }
      same.forEach(other -> add(row, other, count));
    }
  }

  private void add(CheckedRow open, CheckedRow published, long count) {
    for (BrokenInvariant broken : staging.brokenBy(open, published, count)) {
      found.add(new Violation(ViolationRows.Table.OPEN, open, broken));
    }
  }
}
