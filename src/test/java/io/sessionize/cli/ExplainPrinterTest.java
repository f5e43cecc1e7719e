package io.sessionize.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sessionize.audit.Batches;
import io.sessionize.audit.Cut;
import io.sessionize.audit.Explainer;
import io.sessionize.audit.Explanation;
import io.sessionize.audit.Explanation.UserEvent;
import io.sessionize.audit.Explanation.UserSession;
import io.sessionize.report.TestSessions;
import io.sessionize.session.CloseReason;
import io.sessionize.session.Rules;
import io.sessionize.summary.TableNames;
import io.sessionize.table.SessionTables;
import io.sessionize.testing.TestSpark;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.math.BigDecimal;
import java.sql.Timestamp;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What explain prints of a range, of damaged rows and of wide letters. */
class ExplainPrinterTest {
  private static final Map<String, Object> PROPERTIES =
      new TreeMap<>(Map.of("price", new BigDecimal("1.5"), "at", new Timestamp(0)));
  private static final String PAGE = "東".repeat(12);

  private final TableNames names =
      TestSessions.of(
          "ann|2026-03-01T23:50|home",
          "ann|2026-03-02T09:50|a|b|c",
          "bob|2026-03-02T09:50|" + PAGE);

  @Test
  void thePauseBeforeTheFirstShownEventIsKnown() {
    Explanation day = explain("ann", LocalDate.parse("2026-03-02"), 100);
    assertEquals(600 * 60_000L, day.sessions().get(0).events().get(0).pauseMs());
    Explanation limited = explain("ann", null, 3);
    assertEquals(600 * 60_000L, limited.sessions().get(0).events().get(0).pauseMs());
    List<String> lines = lines(explain("ann", null, 2));
    assertTrue(lines.contains("           ... 1 earlier events are not shown (--limit)"));
    assertTrue(lines.stream().noneMatch(line -> line.startsWith("?")), lines.toString());
  }

  @Test
  void aQuestionMarkIsExplainedOnce() throws Exception {
    UserEvent event = new UserEvent(0, "e", null, null, PROPERTIES, null, null, null);
    UserSession session =
        new UserSession(
            "ann_session_0",
            Explanation.State.CLOSED,
            0,
            0,
            2,
            "inactivity",
            List.of(event, event),
            0,
            "{\"pages\":2}",
            List.of(),
            new Cut(CloseReason.INACTIVITY, null, null, null, null));
    Explanation explanation =
        new Explanation(
            "ann",
            Rules.DEFAULT,
            null,
            false,
            false,
            1,
            2,
            List.of(session),
            List.of(),
            false,
            Batches.of(List.of(session), List.of()));
    List<String> lines = lines(explanation);
    assertTrue(lines.contains("           columns {\"pages\":2}"), lines.toString());
    JsonNode json = new ObjectMapper().readTree(ExplainJson.of(explanation));
    assertEquals(2, json.at("/sessions/0/columns/pages").asInt());
    assertEquals(
        "{\"at\":\"1970-01-01T00:00:00Z\",\"price\":1.5}",
        json.at("/sessions/0/events/0/properties").toString());
    assertEquals(2, lines.stream().filter(line -> line.endsWith(" ?")).count(), lines.toString());
    assertEquals("?    : the commit has expired, or was not searched", lines.get(lines.size() - 1));
    assertEquals(1, lines.stream().filter(line -> line.startsWith("?")).count());
  }

  @Test
  void aDamagedRowIsNotTakenForTheLimit() {
    update("event_count = 0 WHERE session_start_time_ms % 86400000 > 80000000");
    update("event_count = 0, events = NULL WHERE uuid = 'bob'");
    Explanation ann = explain("ann", null, 100);
    assertEquals(List.of(true, false), damaged(ann));
    assertEquals(0, ann.notShown());
    // A row that counts no event takes one of the limit, and has no more than that.
    assertEquals(4, ann.shownEvents());
    assertEquals(List.of(false), damaged(explain("ann", null, 3)));
    List<String> lines = lines(explain("bob", null, 100));
    assertTrue(
        lines.contains("           damaged row: 0 of its events can be read: run check"),
        lines.toString());
    assertTrue(lines.stream().noneMatch(line -> line.contains("not shown")), lines.toString());
  }

  @Test
  void wideLettersKeepTheColumns() {
    String line =
        lines(explain("bob", null, 100)).stream()
            .filter(text -> text.startsWith("2026-03-02 09:50"))
            .findFirst()
            .orElseThrow();
    assertEquals(
        "2026-03-02 09:50:00.000              " + "東".repeat(6) + "...  e0" + " ".repeat(35) + "1",
        line);
  }

  private static List<Boolean> damaged(Explanation explanation) {
    return explanation.sessions().stream().map(UserSession::isDamaged).toList();
  }

  private void update(String change) {
    TestSpark.session().sql("UPDATE " + names.sessions() + " SET " + change);
  }

  private Explanation explain(String user, LocalDate from, int limit) {
    return new Explainer(TestSpark.session(), new SessionTables(TestSpark.session(), names))
        .explain(user, from, null, limit);
  }

  private static List<String> lines(Explanation explanation) {
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    new ExplainPrinter(new PrintStream(text, true, UTF_8), explanation).print();
    return text.toString(UTF_8).lines().toList();
  }
}
