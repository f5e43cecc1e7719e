package io.sessionize.pipeline;

import io.sessionize.event.DecodeRecords;
import io.sessionize.session.Event;
import io.sessionize.session.Published;
import io.sessionize.session.RepeatedTexts;
import io.sessionize.session.Restatement;
import io.sessionize.session.Rules;
import io.sessionize.session.Session;
import io.sessionize.store.OutcomeRow;
import io.sessionize.store.SessionRows;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.function.CoGroupFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;

/** One user's rows to the core and back. */
final class RestateUsers implements CoGroupFunction<String, Row, Row, InternalRow> {
  private static final long serialVersionUID = 1L;

  /** The column, after those of a session, that tells a published row from an open one. */
  static final String IS_PUBLISHED_ROW = "is_published_row";

  private static final int IS_PUBLISHED_ROW_INDEX = SessionRows.SESSION.length();

  private final Rules rules;
  private final long watermarkMs;
  private transient Restatement restatement;
  private transient OutcomeRow row;

  RestateUsers(Rules rules, long watermarkMs) {
    this.rules = rules;
    this.watermarkMs = watermarkMs;
  }

  @Override
  public Iterator<InternalRow> call(String uuid, Iterator<Row> events, Iterator<Row> sessions) {
    List<Session> carried = new ArrayList<>();
    List<Published> loaded = new ArrayList<>();
    while (sessions.hasNext()) {
      Row row = sessions.next();
      if (row.getBoolean(IS_PUBLISHED_ROW_INDEX)) {
        loaded.add(SessionRows.published(row));
      } else {
        carried.add(SessionRows.session(row));
      }
      SessionRows.forgetEvents(row);
    }
    List<Event> fresh = new ArrayList<>();
    RepeatedTexts texts = new RepeatedTexts();
    events.forEachRemaining(row -> fresh.add(DecodeRecords.event(row, texts)));
    if (restatement == null) {
      restatement = new Restatement(rules, watermarkMs);
      row = new OutcomeRow();
    }
    return restatement.restate(uuid, carried, loaded, fresh).stream().map(row::of).iterator();
  }
}
