package io.sessionize.spark.internal;

import io.sessionize.row.SessionRows;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expressions;
import org.apache.spark.sql.catalyst.InternalRow;
import org.roaringbitmap.longlong.Roaring64Bitmap;

/** The rows of one data file that are to be read, by position and by user. */
final class FileHits implements Serializable {
  private static final long serialVersionUID = 1L;

  /** Iceberg compares at most so many literals with the statistics of a row group. */
  private static final int LITERALS = 200;

  /** Beyond, nearly every row group of a file holds a hit, so the file is read once as a whole. */
  private static final int USERS = 25 * LITERALS;

  private final Roaring64Bitmap positions = new Roaring64Bitmap();

  /** Null if the file is read as a whole. */
  private TreeSet<String> users = new TreeSet<>();

  /**
   * Rows to read in one pass.
   *
   * @param filter leaves out row groups
   * @param users whose rows; null for all users
   */
  record Pass(Expression filter, Set<String> users, Roaring64Bitmap positions) {
    /**
     * @param row with the columns of a session
     * @param position its position in the file
     */
    boolean contains(InternalRow row, long position) {
      return positions.contains(position)
          // A row group can hold users of two passes.
          && (users == null || users.contains(row.getString(SessionRows.UUID)));
    }
  }

  FileHits add(RowKey row) {
    positions.addLong(row.position());
    if (row.uuid() == null) {
      users = null;
    } else {
      addUsers(Set.of(row.uuid()));
    }
    return this;
  }

  FileHits add(FileHits other) {
    positions.or(other.positions);
    if (other.users == null) {
      users = null;
    } else {
      addUsers(other.users);
    }
    return this;
  }

  private void addUsers(Set<String> more) {
    if (users != null) {
      users.addAll(more);
      users = users.size() > USERS ? null : users;
    }
  }

  /**
   * The passes in which all rows are read. In a file that is sorted by user, a pass reads only the
   * row groups that hold its users.
   *
   * @param rowGroups of the file; if they are few, it is read once as a whole
   */
  List<Pass> passes(int rowGroups) {
    if (users == null || users.size() > LITERALS * rowGroups) {
      return List.of(new Pass(Expressions.alwaysTrue(), null, positions));
    }
    List<Pass> passes = new ArrayList<>();
    List<String> sorted = List.copyOf(users);
    for (int from = 0; from < sorted.size(); from += LITERALS) {
      List<String> some = sorted.subList(from, Math.min(sorted.size(), from + LITERALS));
      passes.add(new Pass(Expressions.in("uuid", some.toArray()), new HashSet<>(some), positions));
    }
    return passes;
  }
}
