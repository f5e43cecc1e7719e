package io.sessionize.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sessionize.summary.TableNames;
import io.sessionize.testing.TestSpark;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

@TestInstance(Lifecycle.PER_CLASS)
class HtmlReportTest {
  private static final String HOSTILE = "</script><img src=x onerror=alert(1)>&{{style}}\u2028";
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Instant NOW = Instant.parse("2026-03-05T00:00:00Z");

  private final List<String> days = new ArrayList<>();
  private String page;
  private JsonNode data;

  /** Creates a hundred days, each with its own page, of two users in turn. */
  @BeforeAll
  void aLongHistory() throws Exception {
    List<String> lines = new ArrayList<>();
    for (int day = 0; day < 100; day++) {
      days.add(LocalDate.parse("2026-01-01").plusDays(day).toString());
      lines.add("user-" + day % 2 + "|" + days.get(day) + "T08:00|home|page-" + day + "|end");
    }
    lines.add("mallory|" + days.get(99) + "T09:00|" + HOSTILE + "|home");
    page = page(TestSessions.of(lines.toArray(String[]::new)), "home", "end");
    data = JSON.readTree(embedded(page));
  }

  @Test
  void embeddedDataIsCompleteAndCannotEndItsElement() {
    String embedded = embedded(page);
    for (String dangerous : List.of("<", ">", "&", "\u2028")) {
      assertFalse(embedded.contains(dangerous), dangerous);
    }
    assertEquals(List.of(HOSTILE, "home"), texts(data.at("/newest_sessions/pages/0")));
  }

  @Test
  void thePageHasTheLicenseOfItsCharts() {
    assertTrue(page.contains("Licensed to the Apache Software Foundation"));
    assertTrue(page.contains("Copyright (c) 2017, Baidu Inc."));
  }

  @Test
  void atMostTwelvePagesAreNamed() {
    List<String> pages = texts(data.at("/entry_and_exit_pages/page/texts"));
    assertEquals(13, pages.size());
    assertTrue(pages.containsAll(List.of("home", "end", "(other pages)")), pages.toString());
    assertTrue(
        texts(data.at("/page_transitions/from_page/texts")).stream().allMatch(pages::contains));
  }

  @Test
  void atMostAQuarterOfDaysIsShown() {
    List<String> newest = days.subList(8, 100);
    for (String query :
        List.of(
            "sessions_per_day",
            "session_durations",
            "session_lengths",
            "returning_users",
            "entry_and_exit_pages",
            "page_transitions",
            "funnel")) {
      assertEquals(newest, texts(data.at("/" + query + "/day/texts")), query);
    }
    assertEquals(93, data.at("/sessions_per_hour/sessions").size());
    assertEquals(93, data.at("/newest_sessions/event_count").size());
  }

  @Test
  void tablesWithoutSessionsHaveAReport() throws Exception {
    JsonNode none = JSON.readTree(embedded(page(TestSessions.none(), "home", "search")));
    assertEquals(List.of("home", "search"), texts(none.get("funnel_pages")));
    assertEquals(0, none.at("/sessions_per_day/day").size());
    assertEquals(0, none.at("/runs/at").size());
    assertEquals(0, none.at("/rejected/reason").size());
  }

  private static String page(TableNames names, String... funnel) {
    return new HtmlReport(TestSpark.session(), names, List.of(funnel)).page(NOW);
  }

  private static String embedded(String page) {
    String start = "<script type=\"application/json\" id=\"data\">";
    int from = page.indexOf(start) + start.length();
    return page.substring(from, page.indexOf("</script>", from));
  }

  private static List<String> texts(JsonNode array) {
    List<String> texts = new ArrayList<>();
    array.forEach(text -> texts.add(text.textValue()));
    return texts;
  }
}
