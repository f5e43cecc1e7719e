package io.sessionize.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sessionize.session.Session;
import io.sessionize.trial.Tried;
import io.sessionize.trial.TriedTopic;
import java.time.Instant;

/** Writes what became of the records that a definition was tried on as JSON. */
final class TryJson {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private TryJson() {}

  static String of(Tried tried, TryColumns columns) {
    ObjectNode all = JSON.createObjectNode();
    ArrayNode topics = all.putArray("topics");
    tried.topics().forEach(topic -> write(topic, topics.addObject()));
    all.put("users", tried.users());
    all.put("events", tried.events());
    all.put("duplicates", tried.duplicates());
    all.put("conflicting_copies", tried.conflictingCopies());
    all.put("failed_conditions", tried.failedConditions());
    ArrayNode sessions = JSON.createArrayNode();
    for (Session made : tried.sessions()) {
      ObjectNode session = sessions.addObject();
      write(made, session);
      if (columns.areGiven()) {
        session.set("session_columns", columns.of(made));
      }
    }
    all.put("failed_columns", columns.failed());
    all.set("sessions", sessions);
    try {
      return JSON.writeValueAsString(all);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void write(TriedTopic tried, ObjectNode topic) {
    topic.put("topic", tried.name());
    topic.put("records", tried.records());
    topic.put("elements", tried.elements());
    topic.put("events", tried.events());
    topic.put("duplicates", tried.duplicates());
    topic.put("filtered", tried.filtered());
    ArrayNode rejected = topic.putArray("rejected");
    tried
        .rejected()
        .forEach(
            rejection ->
                rejected
                    .addObject()
                    .put("reason", rejection.reason().text())
                    .put("count", rejection.count())
                    .put("first", rejection.place())
                    .put("detail", rejection.detail())
                    .put("value", rejection.value()));
    ArrayNode unfit = topic.putArray("unfit");
    tried
        .unfit()
        .forEach(
            value ->
                unfit
                    .addObject()
                    .put("property", value.property())
                    .put("type", value.type().text())
                    .put("count", value.count())
                    .put("first", value.place())
                    .put("value", value.value()));
    ArrayNode unused = topic.putArray("unused");
    tried
        .unused()
        .forEach(
            field ->
                unused
                    .addObject()
                    .put("at", field.at())
                    .put("in", field.inRecord() ? "record" : "event")
                    .put("count", field.count())
                    .put("example", field.example()));
  }

  private static void write(Session made, ObjectNode session) {
    session.put("uuid", made.uuid());
    session.put("session_id", made.id());
    session.put("session_start", Instant.ofEpochMilli(made.startMs()).toString());
    session.put("session_end", Instant.ofEpochMilli(made.endMs()).toString());
    session.put("session_duration_seconds", made.durationSeconds());
    session.put("event_count", made.events().size());
    ArrayNode pages = session.putArray("pages_visited");
    made.pagesVisited().forEach(pages::add);
    session.put("close_reason", made.closeReason().text());
    session.put("boundary_rule", made.boundaryRule());
  }
}
