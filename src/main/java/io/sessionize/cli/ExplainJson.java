package io.sessionize.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.sessionize.audit.Cut;
import io.sessionize.audit.Explainer;
import io.sessionize.audit.Explanation;
import io.sessionize.audit.Explanation.RejectedRecord;
import io.sessionize.audit.Explanation.RowChange;
import io.sessionize.audit.Explanation.UserEvent;
import io.sessionize.audit.Explanation.UserSession;
import io.sessionize.history.Commit;
import io.sessionize.summary.RunSummary;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;

/** Writes an {@link Explanation} as JSON. Members that are not known are null. */
final class ExplainJson {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private final Explanation explanation;

  private ExplainJson(Explanation explanation) {
    this.explanation = explanation;
  }

  static String of(Explanation explanation) {
    try {
      return JSON.writeValueAsString(new ExplainJson(explanation).write());
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  private ObjectNode write() {
    ObjectNode all = JSON.createObjectNode();
    all.put("user", explanation.user());
    all.put("rules", explanation.rules().text());
    all.put("watermark", text(explanation.watermark()));
    all.put("set_aside", explanation.isSetAside());
    all.put("out_of_sync", explanation.isOutOfSync());
    all.put("session_count", explanation.sessionCount());
    all.put("event_count", explanation.eventCount());
    all.put("events_not_shown", explanation.notShown());
    ArrayNode batches = JSON.createArrayNode();
    for (Commit batch : explanation.batches().list()) {
      write(batch, batches.addObject());
    }
    ArrayNode sessions = all.putArray("sessions");
    explanation.sessions().forEach(session -> write(session, sessions.addObject()));
    ArrayNode rejected = all.putArray("rejected");
    explanation.rejected().forEach(record -> write(record, rejected.addObject()));
    all.put("more_rejected", explanation.hasMoreRejected());
    all.set("runs", batches);
    return all;
  }

  private void write(UserSession session, ObjectNode node) {
    node.put("session_id", session.id());
    node.put("state", session.state().name().toLowerCase(Locale.ROOT));
    node.put("start_ms", session.startMs());
    node.put("end_ms", session.endMs());
    node.put("event_count", session.eventCount());
    node.put("close_reason", session.closeReason());
    node.set("columns", json(session.columns()));
    ArrayNode changes = node.putArray("changes");
    for (RowChange change : session.changes()) {
      changes.addObject().put("change", change.change()).put("run", number(change.by()));
    }
    ArrayNode events = node.putArray("events");
    for (UserEvent event : session.events()) {
      ObjectNode one = events.addObject();
      one.put("time_ms", event.timeMs())
          .put("time", Instant.ofEpochMilli(event.timeMs()).toString())
          .put("pause_ms", event.pauseMs())
          .put("event_id", event.id())
          .put("page_name", event.pageName())
          .put("event_name", event.eventName())
          .put("run", number(event.readBy()))
          .put("late", event.isLate());
      write(event.properties(), one.putObject("properties"));
    }
    write(session.cut(), node.putObject("cut"));
  }

  private static JsonNode json(String text) {
    try {
      return text == null ? NullNode.getInstance() : JSON.readTree(text);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void write(Map<String, Object> properties, ObjectNode node) {
    properties.forEach(
        (name, value) ->
            node.set(
                name,
                value instanceof Timestamp time
                    ? TextNode.valueOf(time.toInstant().toString())
                    : JSON.valueToTree(value)));
  }

  private static void write(Cut cut, ObjectNode node) {
    node.put("reason", cut.reason().text());
    node.put("pause_ms", cut.pauseMs());
    node.put("duration_with_next_ms", cut.durationMs());
    node.put("page", cut.page());
    node.put("boundary_rule", cut.boundaryRule());
  }

  private void write(RejectedRecord record, ObjectNode node) {
    node.put("topic", record.topic());
    node.put("partition", record.partition());
    node.put("offset", record.offset());
    node.put("record_time", text(record.recordTime()));
    node.put("reason", record.reason());
    node.put("detail", record.detail());
    node.put("rejected_at", text(record.rejectedAt()));
    node.put("run", number(record.readBy()));
  }

  private void write(Commit batch, ObjectNode node) {
    RunSummary summary = batch.summary().orElse(null);
    node.put("run", number(batch));
    node.put("at", batch.at().toString());
    node.put("what", batch.what());
    node.put("run_id", batch.run().orElse(null));
    node.put("snapshot", batch.id());
    node.put("table", batch.table());
    node.put("offsets", batch.progress().map(read -> Explainer.offsets(read)).orElse(null));
    node.put(
        "watermark_before",
        summary == null
            ? null
            : text(summary.watermarkBeforeMs().map(Instant::ofEpochMilli).orElse(null)));
    node.put(
        "copies_of_all_users", summary == null ? null : Long.valueOf(summary.count("duplicates")));
    node.put("late_of_all_users", summary == null ? null : Long.valueOf(summary.count("late")));
  }

  /** The number of a batch in {@code runs}. */
  private Integer number(Commit batch) {
    return explanation.batches().number(batch);
  }

  private static String text(Instant instant) {
    return instant == null ? null : instant.toString();
  }
}
