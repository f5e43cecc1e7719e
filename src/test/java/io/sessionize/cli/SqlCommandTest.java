package io.sessionize.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.Failure;
import io.sessionize.report.TestSessions;
import io.sessionize.summary.TableNames;
import io.sessionize.table.SessionTables;
import io.sessionize.testing.TestSpark;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** {@code sql --file}: the files of the folder {@code sql} as they are, and other files. */
@TestInstance(Lifecycle.PER_CLASS)
class SqlCommandTest {
  private static final Set<String> NEED_VALUES = Set.of("changes.sql", "sessions_of_a_day.sql");

  @TempDir private Path folder;
  private TableNames names;

  @BeforeAll
  void aFewSessions() {
    names =
        TestSessions.of(
            "ann|2026-03-01T23:59|home|search|search|selection", "bob|2026-03-02T09:50|home|-");
  }

  static List<Path> shipped() throws IOException {
    try (Stream<Path> files =
        Stream.concat(Files.list(Path.of("sql/analytics")), Files.list(Path.of("sql/audit")))) {
      return files.filter(f -> !NEED_VALUES.contains(f.getFileName().toString())).sorted().toList();
    }
  }

  @ParameterizedTest
  @MethodSource("shipped")
  void aShippedFileWorksAsItIs(Path file) throws Exception {
    sql(TestSpark.session(), file);
  }

  @Test
  void aShippedFileShowsTheSessionsOfTheTables() throws Exception {
    List<String> rows =
        sql(TestSpark.session(), Path.of("sql/analytics/user_sessions_numbered.sql"));
    assertEquals(2, rows.size(), rows.toString());
    assertTrue(rows.get(1).contains("\"numbered_session_id\":\"bob_session_1\""), rows.get(1));
  }

  @Test
  void aFileThatNeedsValuesTakesThemFromSparksSettings() throws Exception {
    Path file = Path.of("sql/audit/sessions_of_a_day.sql");
    assertRefused("The statement needs a value of snapshot, day: give --spark-conf", file);
    assertRefused(
        "The statement needs a value of from_snapshot, day, to_snapshot: give --spark-conf",
        Path.of("sql/audit/changes.sql"));

    SparkSession spark = TestSpark.session().newSession();
    long snapshot = new SessionTables(spark, names).base().sessionsSnapshot();
    spark.conf().set("snapshot", snapshot);
    spark.conf().set("day", "2026-03-02");
    assertEquals(1, sql(spark, file).size());
    spark.conf().set("from", "2026-03-02");
    assertEquals(1, sql(spark, Path.of("sql/analytics/sessions_per_hour.sql")).size());
  }

  @Test
  void aFileWithAByteOrderMarkIsRead() throws Exception {
    Path file = folder.resolve("bom.sql");
    Files.writeString(file, "\uFEFFSELECT 'ä' AS a;\n");
    assertEquals(List.of("{\"a\":\"ä\"}"), sql(TestSpark.session(), file));
  }

  @Test
  void aFileThatIsNotOneStatementInUtf8IsRefused() throws Exception {
    Path file = folder.resolve("wrong.sql");
    Files.writeString(file, "SELECT 1; SELECT 2");
    assertRefused("There is more than one statement", file);
    Files.writeString(file, "-- to do\n");
    assertRefused("There is no statement", file);
    Files.write(file, "SELECT 'ä'".getBytes(StandardCharsets.ISO_8859_1));
    assertRefused("--file " + file + " is not UTF-8.", file);
  }

  private void assertRefused(String message, Path file) {
    Failure failure = assertThrows(Failure.class, () -> sql(TestSpark.session(), file));
    assertEquals(Failure.Kind.USAGE, failure.kind());
    assertTrue(failure.getMessage().startsWith(message), failure.getMessage());
  }

  private List<String> sql(SparkSession spark, Path file) throws Exception {
    SqlCommand command = new SqlCommand();
    List<String> words =
        List.of(
            "--file",
            file.toString(),
            "--format",
            "jsonl",
            "--iceberg-database",
            names.database(),
            "--iceberg-table",
            names.table());
    Arguments arguments = Arguments.parse(command, words, name -> null);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    command
        .check(arguments)
        .execute(
            new TableContext(spark, arguments, new PrintStream(out, true, StandardCharsets.UTF_8)));
    String text = out.toString(StandardCharsets.UTF_8);
    assertFalse(text.contains("${"), text);
    return text.lines().toList();
  }
}
