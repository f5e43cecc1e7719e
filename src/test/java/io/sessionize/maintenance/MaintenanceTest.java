package io.sessionize.maintenance;

import static org.apache.spark.sql.functions.col;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.Failure;
import io.sessionize.maintenance.MaintenanceStep.Kind;
import io.sessionize.row.OutcomeRows;
import io.sessionize.row.SessionRows;
import io.sessionize.session.CloseReason;
import io.sessionize.session.Event;
import io.sessionize.session.Outcome;
import io.sessionize.session.Outcome.Change;
import io.sessionize.session.Published;
import io.sessionize.session.Rules;
import io.sessionize.session.Session;
import io.sessionize.session.StoredAt;
import io.sessionize.spark.internal.InternalRows;
import io.sessionize.spark.internal.OutcomeFilter;
import io.sessionize.spark.internal.StoredRows;
import io.sessionize.spark.internal.WrittenOutcome;
import io.sessionize.summary.Base;
import io.sessionize.summary.RunSummary;
import io.sessionize.summary.TableNames;
import io.sessionize.table.Lineage;
import io.sessionize.table.Publication;
import io.sessionize.table.Publication.Extent;
import io.sessionize.table.SessionTables;
import io.sessionize.testing.TestSpark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.iceberg.HasTableOperations;
import org.apache.iceberg.Table;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.util.SnapshotUtil;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Maintains real tables between and during commits. */
class MaintenanceTest {
  private static final LocalDate DAY = LocalDate.parse("2026-03-02");
  private static final long START = DAY.atTime(8, 0).toInstant(ZoneOffset.UTC).toEpochMilli();
  private static final Duration NONE = Duration.ZERO;

  private final SparkSession spark = TestSpark.session();
  private final TableNames names = TestSpark.uniqueNames();
  private final SessionTables tables = new SessionTables(spark, names);

  @BeforeEach
  void createTables() {
    tables.create(RunSummary.start("test", Map.of("topic", "id"), Rules.DEFAULT));
  }

  @Test
  void aDryRunReportsTheNextStepsAndWritesNothing() {
    commitExternally("e", "c", "a", "d", "b");
    commit(Change.CHANGED, "c");
    Map<String, Session> before = TestSpark.sessions(names.sessions());
    List<String> metadata = metadata();

    List<MaintenanceStep> planned = maintain(NONE, NONE, true);
    assertEquals(metadata, metadata());
    List<MaintenanceStep> done = maintain(NONE, NONE, false);

    for (List<MaintenanceStep> steps : List.of(planned, done)) {
      assertEquals("6 -> 1", counts(steps, names.sessions(), Kind.DATA_FILES));
      assertEquals("1 -> 0", counts(steps, names.sessions(), Kind.DELETE_FILES));
      assertEquals("2 -> 1", counts(steps, names.open(), Kind.SNAPSHOTS));
    }
    assertEquals(before, TestSpark.sessions(names.sessions()));
    assertEquals(List.of("a", "b", "c", "d", "e"), usersInFileOrder());
    assertEquals(1, SnapshotUtil.currentAncestorIds(tables.load(names.sessions())).size());
    assertFalse(tables.base().outOfSync());
  }

  @Test
  void afterAnExternalCommitExpiryKeepsTheTablesOutOfSync() {
    commit(Change.ADDED, "z");
    commitExternally("e", "c", "a", "d", "b");
    assertTrue(tables.base().outOfSync());

    maintain(NONE, NONE, false);
    assertTrue(tables.base().outOfSync());
    maintain(NONE, NONE, false);
    assertTrue(tables.base().outOfSync());

    commit(Change.ADDED, "y");
    assertFalse(tables.base().outOfSync());
  }

  @Test
  void aDayThatAnUpdateChangesMeanwhileIsLeftForTheNextTime() {
    commitExternally("e", "c", "a", "d", "b");
    Table stale = tables.load(names.sessions());
    commit(Change.CHANGED, "c");
    Map<String, Session> before = TestSpark.sessions(names.sessions());

    List<MaintenanceStep> late = new ArrayList<>();
    new Compaction(spark, stale, names.sessions(), null, false, late::add).execute();
    assertEquals("5 -> 5", counts(late, names.sessions(), Kind.LEFT));
    assertEquals("0 -> 0", counts(late, names.sessions(), Kind.DATA_FILES));
    assertEquals(before, TestSpark.sessions(names.sessions()));

    List<MaintenanceStep> steps = maintain(NONE, NONE, false);
    assertEquals("6 -> 1", counts(steps, names.sessions(), Kind.DATA_FILES));
    assertEquals(before, TestSpark.sessions(names.sessions()));
  }

  @Test
  void aCompactionBesideAnAppendSucceeds() {
    commitExternally("e", "c", "a", "d", "b");
    Table stale = tables.load(names.sessions());
    commit(Change.ADDED, "f");
    new Compaction(spark, stale, names.sessions(), null, false, step -> {}).execute();
    assertEquals(6, TestSpark.sessions(names.sessions()).size());
    assertFalse(tables.base().outOfSync());
  }

  @Test
  void aBatchWhoseBaseIsExpiredIsCommittedOnTheCompactionIfItHasBegunToWrite() {
    commitExternally("e", "c", "a", "d", "b");
    RunSummary summary = summary();
    Base base = tables.base();
    InternalRows nothing = WrittenOutcome.all(List.of());
    try (Publication begun = tables.publication(base)) {
      begun.writeSessions(nothing, List.of(), Extent.NOTHING, summary);
      begun.writeOpen(nothing, OutcomeRows.OUTCOME, 0, summary);
      maintain(NONE, NONE, false);
      assertTrue(begun.publishSessions());
    }
    // A batch that has only read so far, and whose base is now expired
    assertConflict(
        () -> {
          try (Publication late = tables.publication(base)) {
            late.writeSessions(nothing, List.of(), Extent.NOTHING, summary);
            late.writeOpen(nothing, OutcomeRows.OUTCOME, 0, summary);
          }
        });
    assertEquals(
        Failure.Kind.CONFLICT,
        ((Failure) tables.conflictIfExpired(base, new IOException())).kind());
  }

  @Test
  void aBatchThatFailsAndCannotAskTheTablesWhyKeepsItsOwnFailure() {
    commit(Change.ADDED, "a");
    Base base = tables.base();
    spark.sql("DROP TABLE " + names.open());
    RuntimeException first = new IllegalStateException("first");
    assertSame(first, tables.conflictIfExpired(base, first));
    assertEquals(1, first.getSuppressed().length);
  }

  @Test
  void aDailyTagHoldsTheLastCommitPointAndSurvivesExpiry() {
    commit(Change.ADDED, "a");
    maintain(NONE, Duration.ofDays(90), false);
    commit(Change.ADDED, "b");
    commit(Change.ADDED, "c");
    List<MaintenanceStep> steps = maintain(NONE, Duration.ofDays(90), false);
    assertEquals(List.of(), step(steps, names.sessions(), Kind.SNAPSHOTS).names());
    commit(Change.ADDED, "d");
    maintain(NONE, NONE, false);

    Table sessions = tables.load(names.sessions());
    Table open = tables.load(names.open());
    String tag = "audit-" + LocalDate.ofInstant(now(open), ZoneOffset.UTC);
    assertEquals(
        List.of("a", "b", "c"), users(spark.read().option("tag", tag).table(names.sessions())));
    long belongsTo =
        RunSummary.ofProperties(open.snapshot(tag).summary()).sessionsSnapshot().orElseThrow();
    assertEquals(belongsTo, Lineage.contentSnapshot(sessions.snapshot(tag), sessions));
    assertEquals(List.of("a", "b", "c", "d"), users(spark.table(names.sessions())));
  }

  @Test
  void aTagIsDroppedWhenItsAgeIsReached() {
    commit(Change.ADDED, "a");
    Table sessions = tables.load(names.sessions());
    Table open = tables.load(names.open());
    // At the time of the commit, since a tag that is too old is not made.
    long committed = now(open).toEpochMilli();
    List<AuditTags.Kept> kept =
        List.of(new AuditTags.Kept(AuditTags.Period.DAY, Duration.ofMillis(1)));
    AuditTags.due(sessions, open, kept, committed).create();
    List<String> tags = AuditTags.due(sessions, open, kept, committed).names();
    assertEquals(List.of(), tags);
    assertEquals(2, tables.load(names.open()).refs().size());

    List<MaintenanceStep> steps = maintain(Duration.ofDays(7), NONE, false);
    assertEquals(1, step(steps, names.sessions(), Kind.SNAPSHOTS).names().size());
    assertEquals(1, step(steps, names.open(), Kind.SNAPSHOTS).names().size());
    assertEquals(1, tables.load(names.sessions()).refs().size());
    assertEquals(1, tables.load(names.open()).refs().size());
  }

  @Test
  void orphanFilesAreDeletedWhenTheyAreOldEnough() throws IOException {
    Path folder = Path.of(tables.load(names.sessions()).location());
    Path old = orphan(folder.resolve("data/old.parquet"), Duration.ofDays(4));
    Path young = orphan(folder.resolve("data/young.parquet"), Duration.ofDays(2));
    Path checkpoint =
        orphan(TestSpark.warehouse().resolve("_checkpoints/x/offsets/0"), Duration.ofDays(40));

    List<MaintenanceStep> planned = maintain(Duration.ofDays(7), NONE, true);
    assertTrue(Files.exists(old));
    List<MaintenanceStep> done = maintain(Duration.ofDays(7), NONE, false);

    for (List<MaintenanceStep> steps : List.of(planned, done)) {
      List<String> orphans = step(steps, names.sessions(), Kind.ORPHAN_FILES).names();
      assertEquals(1, orphans.size());
      assertTrue(orphans.get(0).endsWith("old.parquet"), orphans.toString());
    }
    assertFalse(Files.exists(old));
    assertTrue(Files.exists(young));
    assertTrue(Files.exists(checkpoint));
    commit(Change.ADDED, "a");
  }

  private List<MaintenanceStep> maintain(Duration snapshots, Duration tags, boolean dryRun) {
    List<MaintenanceStep> steps = new ArrayList<>();
    Maintenance.Policy policy = new Maintenance.Policy(snapshots, tags, dryRun);
    new Maintenance(spark, names, policy, System::currentTimeMillis).execute(steps::add);
    return steps;
  }

  /** Commits one session of this user, as a run does. */
  private void commit(Change change, String user) {
    RunSummary summary = summary();
    Base base = tables.base();
    StoredRows stored = tables.storedSessions(base);
    List<StoredAt> places =
        stored.keys(Expressions.alwaysTrue(), null).collect().stream()
            .filter(row -> row.uuid().equals(user))
            .map(row -> new StoredAt(row.file(), row.position()))
            .toList();
    Published before =
        places.isEmpty() ? null : new Published(user, START, session(user), true, null, places);
    InternalRows outcomes =
        WrittenOutcome.all(
            List.of(new Outcome(session(user), change, before, false, true, false, 1)));
    Extent extent =
        new Extent(
            change == Change.REMOVED ? 0 : 1, change == Change.ADDED ? 0 : 1, 1, List.of(DAY));
    try (Publication publication = tables.publication(base)) {
      publication.writeSessions(outcomes, stored.files(), extent, summary);
      publication.writeOpen(OutcomeFilter.open(outcomes), OutcomeRows.OUTCOME, 1, summary);
      publication.publishSessions();
      publication.publishOpen();
    }
  }

  private RunSummary summary() {
    Base base = tables.base();
    Map<String, String> properties =
        new TreeMap<>(base.open().toProperties(base.sessionsSnapshot()));
    properties.put("sessionize.run", UUID.randomUUID().toString());
    properties.putAll(RunSummary.builtOn(base.openSnapshot()));
    return RunSummary.ofProperties(properties);
  }

  /** Makes an external commit with one file for each user. */
  private void commitExternally(String... users) {
    List<Row> rows = Stream.of(users).map(user -> row(Change.ADDED, user)).toList();
    try {
      spark
          .createDataFrame(rows, OutcomeRows.OUTCOME)
          .select(SessionRows.columns())
          .repartitionByRange(users.length, col("uuid"))
          .writeTo(names.sessions())
          .option("distribution-mode", "none")
          .append();
    } catch (org.apache.spark.sql.catalyst.analysis.NoSuchTableException e) {
      throw new AssertionError(e);
    }
  }

  private static Row row(Change change, String user) {
    return WrittenOutcome.of(new Outcome(session(user), change, null, false, true, false, 1));
  }

  private static Session session(String user) {
    return new Session(
        user, List.of(new Event(START, "e", "home", null, null)), CloseReason.INACTIVITY);
  }

  private List<String> metadata() {
    return Stream.of(names.sessions(), names.open(), names.rejected())
        .map(tables::load)
        .map(table -> ((HasTableOperations) table).operations().current().metadataFileLocation())
        .toList();
  }

  private List<String> usersInFileOrder() {
    Dataset<Row> rows = spark.table(names.sessions());
    assertEquals(1, rows.select("_file").distinct().count());
    return rows.orderBy("_pos").select("uuid").as(Encoders.STRING()).collectAsList();
  }

  private static List<String> users(Dataset<Row> rows) {
    return rows.orderBy(col("uuid")).select("uuid").as(Encoders.STRING()).collectAsList();
  }

  private static Instant now(Table table) {
    return Instant.ofEpochMilli(table.currentSnapshot().timestampMillis());
  }

  private static Path orphan(Path file, Duration age) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, "orphan");
    return Files.setLastModifiedTime(file, FileTime.from(Instant.now().minus(age)));
  }

  private static MaintenanceStep step(List<MaintenanceStep> steps, String table, Kind kind) {
    return steps.stream()
        .filter(step -> step.table().equals(TableNames.plain(table)) && step.kind() == kind)
        .findFirst()
        .orElseThrow(() -> new AssertionError(steps.toString()));
  }

  private static String counts(List<MaintenanceStep> steps, String table, Kind kind) {
    MaintenanceStep step = step(steps, table, kind);
    return step.before() + " -> " + step.after();
  }

  private static void assertConflict(Runnable step) {
    Failure failure = assertThrows(Failure.class, step::run);
    assertEquals(Failure.Kind.CONFLICT, failure.kind(), failure.getMessage());
  }
}
