package io.sessionize.spark.internal;

import static io.sessionize.spark.internal.CheckedRows.number;
import static io.sessionize.spark.internal.CheckedRows.text;

import io.sessionize.row.EventRows;
import io.sessionize.row.RowSchemas;
import io.sessionize.row.SessionRows;
import io.sessionize.session.CheckedRow.Place;
import io.sessionize.session.Edges;
import io.sessionize.session.RowInvariants;
import io.sessionize.session.Rules;
import io.sessionize.session.Session;
import io.sessionize.session.StoredColumns;
import io.sessionize.session.StoredEvents;
import java.io.Serializable;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** Judges stored rows, each by itself: rows of {@link CheckedRows}. */
final class RowJudge implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final int PUBLISHED = SessionRows.SESSION.length();

  private final RowSchemas schemas;
  private final Rules rules;
  private final RowInvariants invariants;

  /** Null if no rule but a class looks at events: then a row's times are enough. */
  private final RuleConditions.Counted conditions;

  private final StructType event;

  /**
   * @param schemas with the properties of the events
   * @param rules by which the rows were made; their class is not asked
   * @throws io.sessionize.Failure of usage, if this process cannot apply the rules
   */
  RowJudge(SparkSession spark, RowSchemas schemas, Rules rules) {
    this.schemas = schemas;
    this.rules = rules;
    this.invariants = new RowInvariants(rules);
    boolean looksAtEvents = !rules.withoutClass().boundaryNames().isEmpty();
    this.conditions =
        looksAtEvents ? RuleConditions.of(spark, rules, schemas).counted(spark) : null;
    this.event = looksAtEvents ? schemas.event() : keyOfEvent();
  }

  /** What identifies and orders an event, and its page: half of its bytes. */
  private static StructType keyOfEvent() {
    StructType all = EventRows.EVENT;
    return new StructType(
        new StructField[] {
          all.apply(EventRows.EVENT_ID),
          all.apply(EventRows.EVENT_TIME_MS),
          all.apply(EventRows.PAGE_NAME),
          all.apply(EventRows.ORDER)
        });
  }

  /**
   * The columns to read.
   *
   * @param open whether of staging
   */
  StructType columns(boolean open) {
    StructType columns = new StructType();
    for (StructField column : SessionRows.SESSION.fields()) {
      columns =
          column.name().equals("events")
              ? columns.add("events", DataTypes.createArrayType(event))
              : columns.add(column);
    }
    return open ? columns.add("published", DataTypes.BooleanType) : columns;
  }

  /** For one task. */
  Task task(boolean open) {
    return new Task(open);
  }

  final class Task {
    private final boolean open;
    private final SessionRowReader reader = new SessionRowReader(schemas);
    private final Edges.Finder finder =
        conditions == null ? null : new Edges.Finder(rules, conditions.compile());
    private final CheckedRows.Writer writer =
        new CheckedRows.Writer(
            SessionRows.UUID,
            SessionRows.SESSION_ID,
            SessionRows.START_MS,
            SessionRows.END_MS,
            SessionRows.CLOSE_REASON,
            SessionRows.BOUNDARY_RULE);

    private Task(boolean open) {
      this.open = open;
    }

    /** Judges a row with these columns. The result is the same mutable row each time. */
    InternalRow judged(InternalRow row) {
      Edges edges = edges(row);
      return writer.write(
          row, place(row), invariants.brokenBy(stored(row), new Events(row, event), edges), edges);
    }

    private Place place(InternalRow row) {
      return open
          ? Place.ofOpen(row.isNullAt(PUBLISHED) ? null : row.getBoolean(PUBLISHED))
          : Place.SESSIONS;
    }

    /**
     * Null for a damaged row, one whose events are not in order, and one that holds a pause or a
     * duration beyond the limits of the rules.
     */
    private Edges edges(InternalRow row) {
      if (finder == null) {
        return null;
      }
      Session session = reader.session(row);
      return SessionRowReader.isDamaged(row, session) ? null : finder.of(session);
    }
  }

  private static StoredColumns stored(InternalRow row) {
    return new StoredColumns(
        text(row, SessionRows.UUID),
        text(row, SessionRows.SESSION_ID),
        number(row, SessionRows.START_MS),
        number(row, SessionRows.END_MS),
        number(row, SessionRows.DURATION_SECONDS),
        number(row, SessionRows.EVENT_COUNT),
        row.isNullAt(SessionRows.PAGES_VISITED)
            ? null
            : CheckedRows.texts(row.getArray(SessionRows.PAGES_VISITED)),
        number(row, SessionRows.START),
        number(row, SessionRows.END),
        text(row, SessionRows.CLOSE_REASON),
        text(row, SessionRows.BOUNDARY_RULE));
  }

  /** The events of a row, without an object for each. */
  private static final class Events implements StoredEvents {
    private final ArrayData events;
    private final int columns;
    private final int order;

    Events(InternalRow row, StructType event) {
      this.events = row.isNullAt(SessionRows.EVENTS) ? null : row.getArray(SessionRows.EVENTS);
      this.columns = event.length();
      this.order = event.fieldIndex("order");
    }

    @Override
    public int size() {
      return events == null ? 0 : events.numElements();
    }

    private InternalRow at(int index) {
      return events.isNullAt(index) ? null : events.getStruct(index, columns);
    }

    @Override
    public Long timeMs(int index) {
      InternalRow event = at(index);
      return event == null ? null : number(event, EventRows.EVENT_TIME_MS);
    }

    @Override
    public Long order(int index) {
      InternalRow event = at(index);
      return event == null ? null : number(event, order);
    }

    @Override
    public String id(int index) {
      InternalRow event = at(index);
      return event == null ? null : text(event, EventRows.EVENT_ID);
    }

    @Override
    public boolean hasId(int index) {
      InternalRow event = at(index);
      return event != null && !event.isNullAt(EventRows.EVENT_ID);
    }

    @Override
    public String page(int index) {
      InternalRow event = at(index);
      return event == null ? null : text(event, EventRows.PAGE_NAME);
    }
  }
}
