package io.sessionize.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.report.TestSessions;
import io.sessionize.summary.TableNames;
import io.sessionize.testing.TestSpark;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The pages of the packaged jar in a real browser: see src/test/browser. */
class ReportPageIT {
  private static final Path BROWSER = Path.of("src/test/browser");
  private static final String HOSTILE =
      "\u202e</script><script>window.pwned = true</script><img src=\"x\" onerror=\"window.pwned = true\">";

  @TempDir Path folder;

  @Test
  void aBrowserShowsIt() throws Exception {
    List<String> lines =
        new ArrayList<>(
            List.of(
                "ann|2026-03-01T23:00|home|search|selection",
                "ann|2026-03-02T08:00|home",
                "bob|2026-03-02T09:00|search|home",
                "ann|2026-03-03T10:00|home|search|booking",
                "mallory|2026-03-03T11:00|" + HOSTILE + "|home"));
    for (int user = 0; user < 36; user++) {
      lines.add("user-" + user % 29 + "|2026-03-01T" + (10 + user % 12) + ":30|home|search|home");
    }
    TableNames names = TestSessions.of(lines.toArray(String[]::new));
    addColumns(names);
    for (int run = 0; run < 3; run++) {
      TestSessions.addRun(names, "run-" + run, 100);
    }
    Path page = folder.resolve("report.html");
    try (Launched report =
        Launched.sessionize(
            folder,
            Map.of(),
            "report",
            "--warehouse",
            TestSpark.warehouse().toString(),
            "--iceberg-table",
            names.table(),
            "--html",
            page.toString())) {
      assertEquals(List.of("report: " + page), report.succeeds().out());
    }
    look("look_at_report.mjs", page);
  }

  @Test
  void aBrowserShowsAWhatIf() throws Exception {
    String hostile = "</script><script>window.pwned = true</script><img src=x>";
    TableNames names =
        TestSessions.of(
            "ann|2026-03-01T08:00|home",
            "ann|2026-03-01T08:40|home",
            hostile + "|2026-03-01T08:00|home",
            hostile + "|2026-03-01T08:40|home",
            "bob|2026-03-02T09:00|home|search");
    Path page = folder.resolve("what-if.html");
    try (Launched whatIf =
        Launched.sessionize(
            folder,
            Map.of(),
            "recompute",
            "--what-if",
            "--inactivity-timeout",
            "45m",
            "--warehouse",
            TestSpark.warehouse().toString(),
            "--iceberg-table",
            names.table(),
            "--html",
            page.toString())) {
      assertTrue(whatIf.succeeds().out().contains("page: " + page), () -> whatIf.out().toString());
    }
    look("look_at_comparison.mjs", page);
  }

  private void look(String program, Path page) throws Exception {
    List<String> look =
        List.of(
            Launched.venv().resolve("bin/node").toString(),
            BROWSER.resolve(program).toString(),
            page.toString(),
            Path.of("target/browser").toAbsolutePath().toString());
    try (Launched browser = Launched.start(folder, Map.of(), look)) {
      assertEquals(0, browser.exitCode(), () -> String.join("\n", browser.out()));
    }
  }

  /** Adds session columns. Those of the user mallory are not filled, except for a hostile text. */
  private static void addColumns(TableNames names) {
    TestSpark.session()
        .sql(
            String.format(
                "ALTER TABLE %s ADD COLUMNS"
                    + " (channel STRING, `<b>it's` STRING, key_events BIGINT, revenue DOUBLE, bounced BOOLEAN)",
                names.sessions()));
    TestSpark.session()
        .sql(
            String.format(
                """
                UPDATE %s SET
                  channel = CASE uuid WHEN 'ann' THEN 'Email' WHEN 'bob' THEN '' WHEN 'mallory' THEN NULL ELSE 'Direct' END,
                  `<b>it's` = IF(uuid = 'mallory', pages_visited[0], NULL),
                  key_events = CASE uuid WHEN 'mallory' THEN NULL WHEN 'ann' THEN 1 ELSE 0 END,
                  revenue = IF(uuid = 'ann', 12.5D, NULL),
                  bounced = IF(uuid = 'mallory', NULL, event_count = 1)
                """,
                names.sessions()));
  }
}
