package io.sessionize.table;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.Failure;
import io.sessionize.session.Rules;
import io.sessionize.summary.RunSummary;
import io.sessionize.summary.TableNames;
import io.sessionize.testing.TestSpark;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.apache.iceberg.HasTableOperations;
import org.apache.iceberg.Table;
import org.apache.iceberg.spark.Spark3Util;
import org.apache.iceberg.types.Types;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Given tables whose schema differs from the one of this version. */
class TableDefinitionTest {
  private static final SparkSession SPARK = TestSpark.session();
  private static final RunSummary START =
      RunSummary.start("test", Map.of("topic", "id"), Rules.DEFAULT);

  private final TableNames names = TestSpark.uniqueNames();
  private final SessionTables tables = new SessionTables(SPARK, names);

  @BeforeEach
  void newTables() {
    tables.create(START);
  }

  @Test
  void newTablesAreCompleteAndLeftUnchanged() {
    assertEquals("1", table("").properties().get("sessionize.schema-version"));
    List<String> before = metadata();
    tables.create(START);
    assertEquals(before, metadata());
  }

  @Test
  void missingColumnsAreAddedInTheirPlace() throws Exception {
    List<String> expected = schemas();
    makeOlder();
    List<String> before = metadata();
    assertEquals(Set.of("topic"), tables.findBase().orElseThrow().progress().topics().keySet());
    Failure failure = assertThrows(Failure.class, tables::base);
    assertEquals(Failure.Kind.USAGE, failure.kind());
    assertTrue(
        failure.getMessage().contains("lacks close_reason, events.element.event_details, publ"),
        failure.getMessage());
    assertEquals(before, metadata());

    tables.create(START);
    assertEquals(expected, schemas());
    assertEquals("1", table("").properties().get("sessionize.schema-version"));
    assertEquals(0, SPARK.table(names.live()).count());
    tables.base();
  }

  @Test
  void twoDriversMayAddTheSameColumnsAtOnce() throws Exception {
    List<String> expected = schemas();
    makeOlder();
    CyclicBarrier together = new CyclicBarrier(2);
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try {
      List<Future<?>> drivers = new ArrayList<>();
      for (SparkSession session : List.of(SPARK.newSession(), SPARK.newSession())) {
        SessionTables driver = new SessionTables(session, names);
        drivers.add(
            threads.submit(
                () -> {
                  together.await();
                  driver.create(START);
                  return null;
                }));
      }
      for (Future<?> driver : drivers) {
        driver.get();
      }
    } finally {
      threads.shutdownNow();
    }
    assertEquals(expected, schemas());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "_open", "_rejected"})
  void aNewerSchemaIsRefused(String ending) {
    alter(ending, "SET TBLPROPERTIES ('sessionize.schema-version' = '3')");
    String message = assertRefused(Failure.Kind.USAGE);
    assertTrue(
        message.contains("version 3") && message.contains("supports 2: upgrade the"), message);
    assertTrue(message.startsWith("local.sessions." + names.table() + ending + " "), message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "''        | DROP COLUMN uuid                                  | it has no column uuid",
        "''        | DROP COLUMN events.element.event_id               | it has no column events.element.event_id",
        "''        | DROP COLUMN events                                | it has no column events",
        "''        | DROP PARTITION FIELD days(session_start)          | not partitioned by day of session_start",
        "''        | ADD COLUMN events.element.campaign STRING         | campaign], not [event_id",
        "''        | ALTER COLUMN events.element.page_name FIRST       | events.element holds [page_name, event_id",
        "''        | SET TBLPROPERTIES ('sessionize.schema-version'='x') | sessionize.schema-version is x",
        "''        | UNSET TBLPROPERTIES ('sessionize.schema-version') | sessionize.schema-version is missing",
        "_open     | DROP COLUMN session_start_time_ms                 | it has no column session_start_time_ms",
        "_rejected | DROP COLUMN value                                 | it has no column value",
        "_rejected | DROP PARTITION FIELD days(rejected_at)            | not partitioned by day of rejected_at",
      })
  void anIncompatibleSchemaIsRefused(String ending, String change, String difference) {
    alter(ending, change);
    String message = assertRefused(Failure.Kind.BROKEN);
    assertTrue(message.contains("made by something else, or altered: "), message);
    assertTrue(message.contains(difference), message);
  }

  @Test
  void anotherTypeNameOrPartitioningIsRefused() {
    alter("", "REPLACE PARTITION FIELD days(session_start) WITH bucket(4, session_start)");
    assertTrue(assertRefused(Failure.Kind.BROKEN).contains("not partitioned by day"));
    alter("", "ADD PARTITION FIELD months(session_start)");
    tables.base();

    alter("", "RENAME COLUMN event_count TO events_counted");
    alter("", "RENAME COLUMN events_counted TO Event_Count");
    assertTrue(assertRefused(Failure.Kind.BROKEN).contains("event_count is called Event_Count"));
    alter("", "DROP COLUMN Event_Count");
    alter("", "DROP COLUMN session_end");
    alter("", "ADD COLUMN session_end STRING");
    assertTrue(
        assertRefused(Failure.Kind.BROKEN).contains("session_end is string, not timestamptz"));
  }

  @Test
  void aRequiredUserAddedColumnIsRefused() {
    table("_open")
        .updateSchema()
        .allowIncompatibleChanges()
        .addRequiredColumn("campaign", Types.StringType.get())
        .commit();
    assertTrue(assertRefused(Failure.Kind.USAGE).contains("campaign of local.sessions."));
    alter("_open", "ALTER COLUMN campaign DROP NOT NULL");
    tables.base();
  }

  @Test
  void aTableOfAnotherProgramIsRefusedAndNothingIsCreated() {
    dropAll();
    SPARK.sql("CREATE TABLE " + names.sessions() + " (id BIGINT) USING iceberg");
    assertRefused(Failure.Kind.BROKEN);
    assertEquals(1, metadata().size());

    SPARK.sql("DROP TABLE " + names.sessions());
    SPARK.sql(Sql.named("schema/sessions").with(names).text());
    table("").newAppend().commit();
    assertTrue(assertRefused(Failure.Kind.BROKEN).contains("no Sessionize commit"));
    assertEquals(1, metadata().size());
  }

  @Test
  void aViewThatDiffersIsRecreated() {
    String query = SPARK.sql("SHOW CREATE TABLE " + names.live()).head().getString(0);
    SPARK.sql(
        String.format(
            "CREATE OR REPLACE VIEW %s AS SELECT uuid FROM %s", names.live(), names.sessions()));
    tables.create(START);
    assertEquals(query, SPARK.sql("SHOW CREATE TABLE " + names.live()).head().getString(0));
    SPARK.sql("DROP VIEW " + names.live());
    tables.create(START);
    assertEquals(0, SPARK.table(names.live()).count());
  }

  /** Drops columns, and the property with the schema version. */
  private void makeOlder() {
    alter(
        "", "DROP COLUMNS (pages_visited, events.element.booking_details, events.element.`order`)");
    alter("", "DROP COLUMN events.element.event_details.event_type");
    alter("_open", "DROP COLUMNS (close_reason, published, events.element.event_details)");
    alter("_rejected", "DROP COLUMNS (`key`, detail)");
    for (String ending : List.of("", "_open", "_rejected")) {
      alter(ending, "SET TBLPROPERTIES ('sessionize.schema-version' = '0')");
    }
  }

  private String assertRefused(Failure.Kind kind) {
    List<String> before = metadata();
    Failure failure = assertThrows(Failure.class, () -> tables.findBase());
    assertEquals(kind, failure.kind(), failure.getMessage());
    assertEquals(
        failure.getMessage(), assertThrows(Failure.class, () -> tables.create(START)).getMessage());
    assertEquals(before, metadata());
    return failure.getMessage();
  }

  private void dropAll() {
    SPARK.sql("DROP VIEW " + names.live());
    for (String table : List.of(names.sessions(), names.open(), names.rejected())) {
      SPARK.sql("DROP TABLE " + table + " PURGE");
    }
  }

  private void alter(String ending, String change) {
    SPARK.sql("ALTER TABLE local.sessions." + names.table() + ending + " " + change);
  }

  private List<String> schemas() {
    return Stream.of("", "_open", "_rejected")
        .map(ending -> SPARK.table("local.sessions." + names.table() + ending).schema().toDDL())
        .toList();
  }

  /** Returns the metadata file of each existing table; each commit writes a new file. */
  private List<String> metadata() {
    return Stream.of("", "_open", "_rejected")
        .filter(ending -> SPARK.catalog().tableExists("local.sessions." + names.table() + ending))
        .map(ending -> ((HasTableOperations) table(ending)).operations().current())
        .map(current -> current.metadataFileLocation())
        .toList();
  }

  private Table table(String ending) {
    try {
      return Spark3Util.loadIcebergTable(SPARK, "local.sessions." + names.table() + ending);
    } catch (org.apache.spark.sql.catalyst.parser.ParseException
        | org.apache.spark.sql.catalyst.analysis.NoSuchTableException e) {
      throw new IllegalStateException(e);
    }
  }
}
