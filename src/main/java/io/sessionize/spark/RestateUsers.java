package io.sessionize.spark;

import io.sessionize.row.DecodedRows;
import io.sessionize.row.SessionRows;
import io.sessionize.session.DamagedRows;
import io.sessionize.session.Event;
import io.sessionize.session.Outcome;
import io.sessionize.session.Published;
import io.sessionize.session.RepeatedTexts;
import io.sessionize.session.Restatement;
import io.sessionize.session.Rules;
import io.sessionize.session.Session;
import io.sessionize.spark.internal.InternalRows;
import io.sessionize.spark.internal.OutcomeCogroup;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.function.CoGroupFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Converts one user's rows to events and sessions and passes them to {@link Restatement}, which is
 * plain Java.
 */
public final class RestateUsers implements CoGroupFunction<String, Row, Row, Outcome> {
  private static final long serialVersionUID = 1L;

  /** The column, after those of a session, that is true for a row of the sessions table. */
  public static final String IS_PUBLISHED_ROW = "is_published_row";

  private static final int IS_PUBLISHED_ROW_INDEX = SessionRows.SESSION.length();

  private final Rules rules;
  private final long watermarkMs;
  private final DamagedRows damagedRows;
  private transient Restatement restatement;

  private RestateUsers(Rules rules, long watermarkMs, DamagedRows damagedRows) {
    this.rules = rules;
    this.watermarkMs = watermarkMs;
    this.damagedRows = damagedRows;
  }

  /**
   * Restates each user. Lazy.
   *
   * @param events decoded, with {@link DecodedRows#eventColumns()}
   * @param known sessions, and {@link #IS_PUBLISHED_ROW}
   * @return rows of {@link io.sessionize.row.OutcomeRows#OUTCOME}
   */
  public static InternalRows restated(
      Rules rules,
      Dataset<Row> events,
      Dataset<Row> known,
      long watermarkMs,
      DamagedRows damagedRows) {
    return OutcomeCogroup.apply(events, known, new RestateUsers(rules, watermarkMs, damagedRows));
  }

  @Override
  public Iterator<Outcome> call(String uuid, Iterator<Row> events, Iterator<Row> sessions) {
    List<Session> staged = new ArrayList<>();
    List<Published> damagedOpen = new ArrayList<>();
    List<Published> loaded = new ArrayList<>();
    while (sessions.hasNext()) {
      Row row = sessions.next();
      if (row.getBoolean(IS_PUBLISHED_ROW_INDEX)) {
        loaded.add(SessionRows.published(row));
      } else {
        Session session = SessionRows.session(row);
        if (SessionRows.isDamaged(row, session)) {
          damagedOpen.add(SessionRows.published(row));
        } else {
          staged.add(session);
        }
      }
      SessionRows.forgetEvents(row);
    }
    List<Event> fresh = new ArrayList<>();
    RepeatedTexts texts = new RepeatedTexts();
    events.forEachRemaining(row -> fresh.add(DecodedRows.event(row, texts)));
    if (restatement == null) {
      restatement = new Restatement(rules, watermarkMs, damagedRows);
    }
    return restatement.restate(uuid, staged, damagedOpen, loaded, fresh).iterator();
  }
}
