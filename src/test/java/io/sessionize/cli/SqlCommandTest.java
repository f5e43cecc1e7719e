package io.sessionize.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.sessionize.Failure;
import io.sessionize.report.TestSessions;
import io.sessionize.spark.internal.StatementPlan;
import io.sessionize.spark.internal.StatementPlan.Verb;
import io.sessionize.summary.TableNames;
import io.sessionize.table.SessionTables;
import io.sessionize.testing.TestSpark;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.SnapshotChanges;
import org.apache.iceberg.Table;
import org.apache.iceberg.spark.Spark3Util;
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
  /** Files with placeholders without a value, and those on session columns of the set web. */
  private static final Set<String> NEED_MORE =
      Set.of("changes.sql", "sessions_of_a_day.sql", "breakdown.sql", "conversion_per_day.sql");

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
      return files.filter(f -> !NEED_MORE.contains(f.getFileName().toString())).sorted().toList();
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
  void aShippedViewIsCreatedBesideTheTables() throws Exception {
    run(TestSpark.session(), Path.of("sql/views/visits.sql"), "--write");
    assertEquals(2, TestSpark.session().table(names.visits()).count());
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

  @Test
  void aNamedParameterIsATextOrAnArrayAndNeverPartOfTheStatement() throws Exception {
    Path funnel = Path.of("sql/analytics/funnel.sql");
    assertEquals(
        List.of("home", "search", "selection", "home"),
        jsonl("page", funnel, "--param", "funnel=home, search,selection"));
    assertEquals(List.of("search"), jsonl("page", funnel, "--param", "funnel=search"));
    // Without it, the pages of --funnel.
    assertEquals(List.of("search"), jsonl("page", funnel, "--funnel", "search"));

    Path file = folder.resolve("parameters.sql");
    Files.writeString(file, "SELECT uuid FROM ${live} WHERE uuid = :u OR size(:more) > 2");
    assertEquals(List.of("ann"), jsonl("uuid", file, "--param", "u=ann", "--param", "more=a,"));
    assertEquals(List.of(), jsonl("uuid", file, "--param", "u=' OR '1'='1", "--param", "more=a,b"));
    assertRefused("The statement has the parameter :more: give --param more=VALUE", file, "u=a");
    assertRefused("--param x: the statement has no parameter :x", file, "u=a", "more=a,", "x=1");
    Files.writeString(file, "SELECT :text AS text, array_contains(:list, 'b') AS `found`");
    assertEquals(
        List.of("a,b"), jsonl("text", file, "--param", "text=a\\,b", "--param", "list=a,b"));
  }

  @Test
  void aStatementThatIsNoQueryNeedsWrite() throws Exception {
    String name = names.sessions();
    for (String statement :
        List.of(
            "DELETE FROM " + name,
            "UPDATE " + name + " SET uuid = 'x'",
            "INSERT INTO " + name + " SELECT * FROM " + name,
            "WITH a AS (SELECT * FROM " + name + ") INSERT INTO " + name + " SELECT * FROM a",
            "FROM " + name + " INSERT INTO " + name + " SELECT *",
            "MERGE INTO " + name + " USING " + name + " b ON false WHEN MATCHED THEN DELETE",
            "TRUNCATE TABLE " + name,
            "DROP TABLE " + name,
            "ALTER TABLE " + name + " ADD COLUMN x INT",
            "CREATE TABLE local.sessions.other AS SELECT 1 AS a",
            "CALL local.system.expire_snapshots('sessions.x')",
            "CACHE TABLE " + name,
            "SET spark.sql.ansi.enabled = true",
            "ADD JAR '/tmp/x.jar'",
            "USE local",
            "SELECT TRANSFORM(uuid) USING 'touch /tmp/x' AS (a) FROM " + name,
            "SELECT 1 WHERE EXISTS (SELECT reflect('java.lang.System', 'gc'))",
            "ALTER TABLE " + name + " CREATE TAG t")) {
      Path file = Files.writeString(folder.resolve("write.sql"), statement);
      assertRefused("The statement is no query", file);
    }
    for (String query :
        List.of(
            "SELECT 1",
            "WITH a AS (SELECT 1) SELECT * FROM a",
            "VALUES (1)",
            "TABLE " + name,
            "EXPLAIN DELETE FROM " + name,
            "SHOW TABLES IN local.sessions",
            "DESCRIBE TABLE " + name,
            "DESCRIBE QUERY SELECT 1",
            "SHOW TBLPROPERTIES " + name,
            "FROM " + name + " SELECT *")) {
      sql(TestSpark.session(), Files.writeString(folder.resolve("query.sql"), query));
    }
  }

  @Test
  void aChangeSaysHowManyRowsItChanged() throws Exception {
    TableNames own =
        TestSessions.of(
            "ann|2026-03-01T23:59|home", "bob|2026-03-02T09:50|home", "cid|2026-03-03T09:50|home");
    String name = own.sessions();
    assertEquals("1 rows deleted", written("DELETE FROM " + name + " WHERE uuid = 'ann'"));
    assertEquals("0 rows deleted", written("DELETE FROM " + name + " WHERE uuid = 'ann'"));
    assertEquals("2 rows changed", written("UPDATE " + name + " SET close_reason = 'x'"));
    assertEquals("0 rows changed", written("UPDATE " + name + " SET close_reason = 'x'"));
    assertEquals("2 rows inserted", written("INSERT INTO " + name + " SELECT * FROM " + name));
    assertEquals(
        "2 rows added or changed, 2 changed or removed",
        written(
            "MERGE INTO "
                + name
                + " t USING (SELECT 'bob' AS u) ON t.uuid = u WHEN MATCHED THEN UPDATE SET"
                + " close_reason = 'y'"));
    assertEquals("4 rows deleted", written("DELETE FROM " + name));
    assertEquals(
        "2 rows inserted",
        written(
            "INSERT INTO "
                + own.rejected()
                + " SELECT 't', 0, explode(array(1L, 2L)), null, null, null, X'ff', 'malformed',"
                + " null, null, null"));
    assertEquals("2 rows deleted", written("DELETE FROM " + own.rejected()));
  }

  @Test
  void aFileIsForQueriesOnly() throws Exception {
    TableNames own = TestSessions.of("ann|2026-03-01T23:59|home");
    for (String statement :
        List.of(
            "DELETE FROM " + own.sessions(),
            "CALL local.system.expire_snapshots('sessions." + own.table() + "')")) {
      Path file = Files.writeString(folder.resolve("written.sql"), statement);
      Path rows = folder.resolve("rows.parquet");
      Failure failure =
          assertThrows(
              Failure.class,
              () -> run(TestSpark.session(), file, "--write", "--output", rows.toString()));
      assertEquals("--output is for queries, and the statement is no query.", failure.getMessage());
      assertFalse(Files.exists(rows));
    }
    assertEquals(1, TestSpark.session().table(own.sessions()).count());
  }

  @Test
  void onlyTheCommitsOfTheStatementAreCounted() throws Exception {
    TableNames own = TestSessions.none();
    SparkSession spark = TestSpark.session();
    String insert =
        "INSERT INTO "
            + own.rejected()
            + " SELECT 't', 0, explode(array(1L, 2L)), null, null, null, X'ff', 'malformed', null,"
            + " null, null";
    spark.sql(insert);
    Table table = Spark3Util.loadIcebergTable(spark, own.rejected());
    SnapshotChanges changes =
        SnapshotChanges.builderFor(table).snapshot(table.currentSnapshot()).build();
    DataFile data = changes.addedDataFiles().iterator().next();
    List<String> name = List.of("local", own.database(), own.table() + "_rejected");
    TableChange change =
        TableChange.before(spark, new StatementPlan.Change(Verb.INSERT, name)).orElseThrow();
    // A run commits meanwhile. It is no commit of this Spark application.
    table.newAppend().appendFile(copyOf(data, table)).commit();
    spark.sql(insert);
    assertEquals("2 rows inserted", change.text());
    spark.sql("DROP TABLE " + own.rejected());
    assertEquals("rows not counted", change.text());
  }

  private static DataFile copyOf(DataFile file, Table table) {
    return DataFiles.builder(table.spec()).copy(file).withPath(file.location() + ".copy").build();
  }

  @Test
  void aPlanAndAStatementAreShownInTheirLines() throws Exception {
    assertTrue(written("EXPLAIN SELECT 1").contains("== Physical Plan ==\n"));
    assertTrue(written("SHOW CREATE TABLE " + names.sessions()).contains(",\n  session_id STRING"));
  }

  @Test
  void changesAreThoseOfAllCommits() throws Exception {
    TableNames own = TestSessions.of("ann|2026-03-01T23:59|home", "bob|2026-03-02T09:50|home");
    written("DELETE FROM " + own.sessions() + " WHERE uuid = 'ann'");
    Path file =
        Files.writeString(
            folder.resolve("changes.sql"),
            "SELECT concat_ws(' ', change, uuid, cause, after.event_count) AS c FROM ${changes}"
                + " ORDER BY step, uuid");
    List<String> options =
        List.of("--iceberg-database", own.database(), "--iceberg-table", own.table());
    assertEquals(
        List.of(
            "added ann external commit 1",
            "added bob external commit 1",
            "removed ann external commit"),
        jsonl("c", file, options.toArray(String[]::new)));
  }

  /** Returns the line that the command prints. */
  private String written(String statement) throws Exception {
    Path file = Files.writeString(folder.resolve("written.sql"), statement);
    return String.join("\n", run(TestSpark.session(), file, "--write", "--format", "table"));
  }

  /** Returns a column of the rows. */
  private List<String> jsonl(String column, Path file, String... options) throws Exception {
    List<String> values = new ArrayList<>();
    for (String row : run(TestSpark.session(), file, options)) {
      values.add(new ObjectMapper().readTree(row).path(column).asText());
    }
    return values;
  }

  private void assertRefused(String message, Path file, String... parameters) {
    String[] options =
        Stream.of(parameters).flatMap(p -> Stream.of("--param", p)).toArray(String[]::new);
    Failure failure =
        assertThrows(
            Failure.class, () -> run(TestSpark.session(), file, options), () -> read(file));
    assertEquals(Failure.Kind.USAGE, failure.kind());
    assertTrue(failure.getMessage().startsWith(message), failure.getMessage());
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private List<String> sql(SparkSession spark, Path file) throws Exception {
    return run(spark, file);
  }

  private List<String> run(SparkSession spark, Path file, String... options) throws Exception {
    SqlCommand command = new SqlCommand();
    List<String> words = new ArrayList<>(List.of("--file", file.toString()));
    words.addAll(List.of("--iceberg-database", names.database()));
    words.addAll(List.of("--iceberg-table", names.table()));
    words.addAll(List.of(options));
    if (!words.contains("--format") && !words.contains("--output")) {
      words.addAll(List.of("--format", "jsonl"));
    }
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
