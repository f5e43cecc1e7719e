package io.sessionize.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.Failure;
import io.sessionize.report.TestSessions;
import io.sessionize.summary.TableNames;
import io.sessionize.testing.TestSpark;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What {@code drop} prints and asks, and which answer it takes. */
class DropCommandTest {
  private final List<String> questions = new ArrayList<>();
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final TableNames names =
      TestSessions.of("ann|2026-03-01T23:59|home", "bob|2026-03-02T09:50|home");

  @Test
  void aDryRunShowsWhatAnExecutionRemoves() throws Exception {
    drop(null, "--dry-run");
    List<String> lines = out.toString(StandardCharsets.UTF_8).lines().toList();
    String table = names.database() + "." + names.table();
    assertEquals("catalog    local, warehouse " + TestSpark.warehouse(), lines.get(0));
    assertEquals(
        "table      " + table + "_rejected  0 rows, 0 bytes, and its history", lines.get(1));
    assertTrue(
        lines.get(2).matches("table      " + table + "  2 rows, \\d+ KB, and its history"),
        lines.get(2));
    assertEquals("dry run: nothing was removed", lines.get(lines.size() - 1));
    assertEquals(List.of(), questions);
    assertEquals(2, TestSpark.session().table(names.sessions()).count());
  }

  @Test
  void onlyTheNameWithItsDatabaseRemovesTheTables() throws Exception {
    String table = names.database() + "." + names.table();
    for (String answer : new String[] {null, "", "yes", names.table(), table + "x"}) {
      Failure failure = assertThrows(Failure.class, () -> drop(answer));
      assertEquals("Nothing was removed.", failure.getMessage());
      assertEquals(Failure.Kind.USAGE, failure.kind());
      assertEquals(2, TestSpark.session().table(names.sessions()).count());
    }
    assertEquals("Remove all of this for good? Type the name " + table + ": ", questions.get(0));
    drop(" " + table + " ");
    assertTrue(out.toString(StandardCharsets.UTF_8).endsWith("done\n"));
    Failure none = assertThrows(Failure.class, () -> drop(table));
    assertTrue(none.getMessage().startsWith("There is nothing to remove"), none.getMessage());
  }

  @Test
  void filesThatRemainAreAFailure() throws Exception {
    Path folder = TestSpark.warehouse().resolve(names.database() + "/" + names.table());
    Files.writeString(folder.resolve("data/orphan.parquet"), "");
    for (String repeated : List.of("first", "again")) {
      Failure failure = assertThrows(Failure.class, () -> drop(null, "--yes"), repeated);
      assertEquals(Failure.Kind.OTHER, failure.kind());
      assertTrue(failure.getMessage().contains("files remain in " + folder), failure.getMessage());
    }
  }

  private void drop(String answer, String... options) throws Exception {
    DropCommand command =
        new DropCommand(
            () ->
                Optional.of(
                    text -> {
                      questions.add(text);
                      return answer;
                    }));
    List<String> words =
        new ArrayList<>(
            List.of("--iceberg-database", names.database(), "--iceberg-table", names.table()));
    words.addAll(List.of("--warehouse", TestSpark.warehouse().toString()));
    words.addAll(List.of(options));
    Arguments arguments = Arguments.parse(command, words, name -> null);
    out.reset();
    command
        .check(arguments)
        .execute(
            new TableContext(
                TestSpark.session(),
                arguments,
                new PrintStream(out, true, StandardCharsets.UTF_8)));
  }
}
