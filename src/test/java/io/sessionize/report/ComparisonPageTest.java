package io.sessionize.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.sessionize.audit.Comparison;
import io.sessionize.session.Rules;
import io.sessionize.summary.TableNames;
import io.sessionize.table.SessionTables;
import io.sessionize.testing.TestSpark;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class ComparisonPageTest {
  private static final String HOSTILE = "</script><img src=x onerror=alert(1)>&\u2028";
  private static final Instant NOW = Instant.parse("2026-03-05T00:00:00Z");

  private static ComparisonPage page(TableNames names, long before) {
    return new ComparisonPage(
        new Comparison(TestSpark.session(), names, before, snapshot(names)),
        Rules.DEFAULT,
        new Rules(Duration.ofMinutes(45), Duration.ofHours(2), null, List.of()));
  }

  private static long snapshot(TableNames names) {
    return new SessionTables(TestSpark.session(), names)
        .sessionsTable()
        .currentSnapshot()
        .snapshotId();
  }

  @Test
  void itHasTotalsDaysAndUsersOfBothSidesAndNoMarkup() {
    TableNames names =
        TestSessions.of(
            "ann|2026-03-01T08:00|home",
            "ann|2026-03-01T08:40|home",
            HOSTILE + "|2026-03-01T09:00|home|search",
            "bob|2026-03-02T09:00|home|search");
    long before = snapshot(names);
    TestSpark.session().sql("DELETE FROM " + names.sessions() + " WHERE uuid <> 'bob'");
    ComparisonPage made = page(names, before);
    JsonNode data = made.data(NOW);
    assertEquals("[\"before\",\"after\"]", data.at("/totals/side/texts").toString());
    assertEquals("[4,1]", data.at("/totals/sessions").toString());
    assertEquals("[3,1]", data.at("/totals/users").toString());
    assertEquals("[30.0,60.0]", data.at("/totals/average_seconds").toString());
    assertEquals("[0.5,0.0]", data.at("/totals/bounce_rate").toString());
    assertEquals("[null,null]", data.at("/totals/conversion_rate").toString());
    assertEquals("[\"2026-03-01\"]", data.at("/days/day/texts").toString());
    assertEquals("[3]", data.at("/days/sessions_before").toString());
    assertEquals("[0]", data.at("/days/sessions_after").toString());
    assertFalse(data.get("has_more_days").asBoolean());
    assertEquals("ann", data.at("/users/uuid/texts/0").asText());
    assertEquals(HOSTILE, data.at("/users/uuid/texts/1").asText());
    assertEquals("inactivity 2", data.at("/users/ended_by_before/texts/0").asText());
    assertTrue(data.get("rules_after").asText().contains("PT45M"), data.toString());
    String html = made.page(NOW);
    assertFalse(html.contains("<img src=x"), "the user's name is markup");
    assertTrue(html.length() < 5_000_000);
  }

  @Test
  void equalSnapshotsAndEmptyTablesHaveAPage() {
    TableNames names = TestSessions.none();
    JsonNode data = page(names, snapshot(names)).data(NOW);
    assertEquals("[0,0]", data.at("/totals/sessions").toString());
    assertEquals("[null,null]", data.at("/totals/average_seconds").toString());
    assertEquals("[]", data.at("/days/day").toString());
    assertEquals("[]", data.at("/users/uuid").toString());
  }
}
