package io.sessionize.report;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.summary.TableNames;
import io.sessionize.table.Sql;
import io.sessionize.testing.TestSpark;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Runs the queries on a crawler's session of many distinct pages. A query that carries the whole
 * list of pages on each page takes gigabytes for it.
 */
@TestInstance(Lifecycle.PER_CLASS)
class WideSessionTest {
  private static final int PAGES = 50_000;

  private TableNames names;

  @BeforeAll
  void aCrawler() {
    names = TestSessions.crawler(PAGES);
  }

  @ParameterizedTest
  @Timeout(60)
  @ValueSource(
      strings = {
        "entry_and_exit_pages",
        "funnel",
        "newest_sessions",
        "page_transitions",
        "returning_users",
        "session_durations",
        "session_lengths",
        "sessions_per_day",
        "sessions_per_hour",
        "user_sessions_numbered"
      })
  void aQueryTakesTimeInProportionToThePages(String name) {
    String text = Sql.named("analytics/" + name).with(names).with("from", "2026-03-01").text();
    Map<String, Object> funnel = Map.of("funnel", new String[] {"page-1", "page-9", "page-40000"});
    assertTrue(TestSpark.session().sql(text, funnel).toLocalIterator().hasNext());
  }
}
