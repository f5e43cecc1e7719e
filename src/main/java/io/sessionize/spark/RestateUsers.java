package io.sessionize.spark;

import io.sessionize.row.SessionRows;
import io.sessionize.session.DamagedRows;
import io.sessionize.session.Event;
import io.sessionize.session.Published;
import io.sessionize.session.RepeatedTexts;
import io.sessionize.session.Restatement;
import io.sessionize.session.Rules;
import io.sessionize.session.Session;
import io.sessionize.spark.internal.OutcomeRowWriter;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.function.CoGroupFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.SerializeFromObject;
import org.apache.spark.sql.execution.CommandExecutionMode;
import org.apache.spark.sql.types.ObjectType;

/** One user's rows to the core and back. */
final class RestateUsers implements CoGroupFunction<String, Row, Row, InternalRow> {
  private static final long serialVersionUID = 1L;

  /** The column, after those of a session, that tells a published row from an open one. */
  static final String IS_PUBLISHED_ROW = "is_published_row";

  private static final ObjectType OBJECT = new ObjectType(InternalRow.class);
  private static final int IS_PUBLISHED_ROW_INDEX = SessionRows.SESSION.length();

  private final Rules rules;
  private final long watermarkMs;
  private final DamagedRows damagedRows;
  private transient Restatement restatement;
  private transient OutcomeRowWriter writer;

  private RestateUsers(Rules rules, long watermarkMs, DamagedRows damagedRows) {
    this.rules = rules;
    this.watermarkMs = watermarkMs;
    this.damagedRows = damagedRows;
  }

  /**
   * Restates each user, whose events and sessions Spark brings together.
   *
   * @param events decoded, with {@link DecodeRecords#eventColumns()}
   * @param known sessions, and {@link #IS_PUBLISHED_ROW}
   * @return rows of {@link SessionRows#OUTCOME} in Spark's own form, each in the place of the one
   *     before
   */
  static JavaRDD<InternalRow> restated(
      Rules rules,
      Dataset<Row> events,
      Dataset<Row> known,
      long watermarkMs,
      DamagedRows damagedRows) {
    Dataset<InternalRow> restated =
        events
            .groupBy("uuid")
            .as(Encoders.STRING(), Encoders.row(events.schema()))
            .cogroup(
                known.groupBy("uuid").as(Encoders.STRING(), Encoders.row(known.schema())),
                new RestateUsers(rules, watermarkMs, damagedRows),
                // Never run: with an encoder of whole objects the cogroup hands out ours as they
                // are, and what would encode them is left out below.
                Encoders.kryo(InternalRow.class));
    LogicalPlan objects = ((SerializeFromObject) restated.queryExecution().analyzed()).child();
    return events
        .sparkSession()
        .sessionState()
        .executePlan(objects, CommandExecutionMode.ALL())
        .toRdd()
        .toJavaRDD()
        .map(object -> (InternalRow) object.get(0, OBJECT));
  }

  @Override
  public Iterator<InternalRow> call(String uuid, Iterator<Row> events, Iterator<Row> sessions) {
    List<Session> carried = new ArrayList<>();
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
          carried.add(session);
        }
      }
      SessionRows.forgetEvents(row);
    }
    List<Event> fresh = new ArrayList<>();
    RepeatedTexts texts = new RepeatedTexts();
    events.forEachRemaining(row -> fresh.add(DecodeRecords.event(row, texts)));
    if (restatement == null) {
      restatement = new Restatement(rules, watermarkMs, damagedRows);
      writer = new OutcomeRowWriter();
    }
    return restatement.restate(uuid, carried, damagedOpen, loaded, fresh).stream()
        .map(writer::write)
        .iterator();
  }
}
