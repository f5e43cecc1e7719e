package io.sessionize.spark.internal;

import io.sessionize.row.RowSchemas;
import io.sessionize.row.SessionRows;
import io.sessionize.session.DamagedRows;
import io.sessionize.session.Outcome;
import io.sessionize.session.Restatement;
import io.sessionize.session.Rules;
import io.sessionize.session.SetAside;
import java.io.Serializable;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;

/**
 * Restates users in one pass over their events and their stored rows, both sorted by the hash of
 * the user. Converts rows to events and sessions and passes them to {@link Restatement}, which is
 * plain Java.
 */
public final class RestateUsers implements Serializable {
  private static final long serialVersionUID = 1L;

  /** About how many events of one user become objects at once: some hundred megabytes. */
  static final int MOST = 500_000;

  private final SessionExpressions columns;
  private final Rules rules;
  private final RuleConditions.Counted conditions;
  private final long watermarkMs;
  private final DamagedRows damagedRows;

  private final SetAside setAside;

  private RestateUsers(
      SessionExpressions columns,
      Rules rules,
      RuleConditions.Counted conditions,
      long watermarkMs,
      DamagedRows damagedRows,
      SetAside setAside) {
    this.columns = columns;
    this.rules = rules;
    this.conditions = conditions;
    this.watermarkMs = watermarkMs;
    this.damagedRows = damagedRows;
    this.setAside = setAside;
  }

  /**
   * Restates each user. Lazy.
   *
   * @param columns session columns, with the columns of all rows
   * @param conditions of the rules
   * @param events decoded rows, shuffled by user
   * @param known rows of {@link io.sessionize.row.KnownRows}, shuffled by user into as many
   *     partitions
   * @param setAside users of whom no session remains
   * @return rows of {@link io.sessionize.row.OutcomeRows}
   */
  public static InternalRows restated(
      SessionExpressions columns,
      Rules rules,
      RuleConditions.Counted conditions,
      InternalRows events,
      InternalRows known,
      long watermarkMs,
      DamagedRows damagedRows,
      SetAside setAside) {
    RestateUsers restate =
        new RestateUsers(columns, rules, conditions, watermarkMs, damagedRows, setAside);
    return new InternalRows(events.rdd().zipPartitions(known.rdd(), restate::outcomes));
  }

  private Iterator<InternalRow> outcomes(
      Iterator<InternalRow> events, Iterator<InternalRow> known) {
    RowSchemas schemas = columns.schemas();
    return new Outcomes(
        schemas,
        columns.compile(),
        new Restatement(rules, conditions.compile(), watermarkMs, damagedRows),
        setAside,
        new Side(events, schemas.decoded()),
        new Side(known, schemas.known()));
  }

  /** Rows sorted by hash, without rows that hold a rejected record. */
  private static final class Side {
    private final Iterator<InternalRow> rows;
    private InternalRow next;
    private long hash;

    Side(Iterator<InternalRow> rows, StructType columns) {
      this.rows = SortedRows.byHash(rows, columns);
      advance();
    }

    private void advance() {
      next = rows.hasNext() ? rows.next() : null;
      hash = next == null ? 0 : SortedRows.hash(next);
    }

    boolean isAtEnd() {
      return next == null;
    }

    boolean isAt(long other) {
      return next != null && hash == other;
    }

    /** Whether the other side has no row with a lower hash. */
    boolean isFirst(Side other) {
      return next != null && (other.next == null || hash <= other.hash);
    }
  }

  /** Outcomes, each written into the same mutable row. */
  private static final class Outcomes implements Iterator<InternalRow> {
    private final RowSchemas schemas;
    private final ColumnValues columns;
    private final Restatement restatement;
    private final SetAside setAside;
    private final Side events;
    private final Side known;
    private final OutcomeRowWriter writer;
    private Iterator<Map.Entry<UTF8String, UserRows>> users = Collections.emptyIterator();
    private Iterator<Outcome> made = Collections.emptyIterator();
    private UTF8String user;
    private UserRows rows;

    Outcomes(
        RowSchemas schemas,
        ColumnValues columns,
        Restatement restatement,
        SetAside setAside,
        Side events,
        Side known) {
      this.schemas = schemas;
      this.columns = columns;
      this.writer = new OutcomeRowWriter(schemas, columns);
      this.restatement = restatement;
      this.setAside = setAside;
      this.events = events;
      this.known = known;
    }

    @Override
    public boolean hasNext() {
      try {
        return advance();
      } catch (OutOfMemoryError e) {
        throwIfLarge(e);
        throw e;
      }
    }

    private boolean advance() {
      while (!made.hasNext()) {
        if (users.hasNext()) {
          Map.Entry<UTF8String, UserRows> next = users.next();
          users.remove();
          user = next.getKey();
          rows = next.getValue();
          made = restated(user, rows);
        } else if (events.isAtEnd() && known.isAtEnd()) {
          return false;
        } else {
          users = usersOfNextHash().entrySet().iterator();
        }
      }
      return true;
    }

    @Override
    public InternalRow next() {
      try {
        return writer.write(made.next());
      } catch (OutOfMemoryError | IllegalArgumentException e) {
        // Spark's writer refuses a row of more than two gigabytes with an illegal argument.
        throwIfLarge(e);
        throw e;
      }
    }

    private void throwIfLarge(Throwable thrown) {
      LargeUserException.throwIfLarge(
          thrown,
          user == null ? null : user.toString(),
          rows == null ? 0 : rows.size(),
          rows != null && rows.isLarge());
    }

    private Iterator<Outcome> restated(UTF8String uuid, UserRows user) {
      return user.isSetAside()
          ? user.removed()
          : user.restated(restatement, uuid == null ? null : uuid.toString());
    }

    /** The rows of the next hash: nearly always those of one user. */
    private Map<UTF8String, UserRows> usersOfNextHash() {
      long hash = events.isFirst(known) ? events.hash : known.hash;
      Map<UTF8String, UserRows> all = new LinkedHashMap<>();
      add(known, hash, all, UserRows::addKnown);
      add(events, hash, all, UserRows::addEvent);
      return all;
    }

    private void add(
        Side side,
        long hash,
        Map<UTF8String, UserRows> all,
        BiConsumer<UserRows, InternalRow> adding) {
      rows = null;
      for (; side.isAt(hash); side.advance()) {
        UTF8String next = uuidOf(side.next);
        if (rows == null || !isSame(user, next)) {
          user = next == null ? null : next.clone();
          rows = all.computeIfAbsent(user, this::rowsOf);
        }
        adding.accept(rows, side.next);
      }
    }

    private UserRows rowsOf(UTF8String uuid) {
      boolean isSetAside = uuid != null && setAside.contains(uuid.toString());
      return new UserRows(schemas, columns, MOST, isSetAside);
    }

    private static UTF8String uuidOf(InternalRow row) {
      return row.isNullAt(SessionRows.UUID) ? null : row.getUTF8String(SessionRows.UUID);
    }

    private static boolean isSame(UTF8String one, UTF8String other) {
      return one == null ? other == null : one.equals(other);
    }
  }
}
