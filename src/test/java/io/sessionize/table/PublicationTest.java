package io.sessionize.table;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.Failure;
import io.sessionize.row.OutcomeRows;
import io.sessionize.session.CloseReason;
import io.sessionize.session.Event;
import io.sessionize.session.Outcome;
import io.sessionize.session.Outcome.Change;
import io.sessionize.session.Rules;
import io.sessionize.session.Session;
import io.sessionize.spark.internal.InternalRows;
import io.sessionize.spark.internal.WrittenOutcome;
import io.sessionize.summary.Base;
import io.sessionize.summary.RunSummary;
import io.sessionize.summary.RunSummary.Origin;
import io.sessionize.summary.TableNames;
import io.sessionize.summary.Work;
import io.sessionize.table.Publication.Extent;
import io.sessionize.testing.TestSpark;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.DataOperations;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.HasTableOperations;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.Transaction;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.apache.iceberg.exceptions.ValidationException;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.relocated.com.google.common.collect.Iterables;
import org.apache.spark.sql.Encoders;
import org.junit.jupiter.api.Test;

/** Publishes batches from branches, step by step, also with two drivers on the same tables. */
class PublicationTest {
  private static final RunSummary START =
      RunSummary.start("test", Map.of("topic", "id"), Rules.DEFAULT);

  private final TableNames names = TestSpark.uniqueNames();
  private final SessionTables tables = new SessionTables(TestSpark.session(), names);
  private final InternalRows nothing = WrittenOutcome.all(List.of());

  @Test
  void aBranchThatAnotherDriverHasDroppedIsNotPublished() {
    // Given a driver that has written its branches, and another one that publishes and drops them
    tables.create(START);
    RunSummary summary = batch();
    Base base = tables.base();
    try (Publication stale = tables.publication(base);
        Publication faster = tables.publication(base)) {
      write(stale, summary);
      write(faster, summary);
      faster.publishSessions();
      faster.publishOpen();
      Base published = tables.base();
      // When the first continues; then it ends with a conflict and has changed nothing
      assertConflict(stale::publishSessions);
      assertConflict(stale::publishOpen);
      assertEquals(published, tables.base());
    }
  }

  @Test
  void aBranchOnAStaleBaseIsNotPublished() {
    // Given a driver that has begun, and another one that has published
    tables.create(START);
    RunSummary summary = batch();
    Base base = tables.base();
    try (Publication stale = tables.publication(base);
        Publication faster = tables.publication(base)) {
      write(faster, summary);
      faster.publishSessions();
      faster.publishOpen();
      Base published = tables.base();
      // When the first continues, then its branches begin at its base, and it ends with a conflict
      write(stale, summary);
      assertConflict(stale::publishSessions);
      assertConflict(stale::publishOpen);
      assertEquals(published, tables.base());
    }
    // And it leaves no branch
    assertEquals(Set.of("main"), tables.load(names.sessions()).refs().keySet());
    assertEquals(Set.of("main"), tables.load(names.open()).refs().keySet());
  }

  @Test
  void aBatchWhoseBaseHasExpiredIsAConflict() {
    tables.create(START);
    RunSummary summary = batch();
    Base base = tables.base();
    try (Publication stale = tables.publication(base);
        Publication faster = tables.publication(base)) {
      write(faster, summary);
      faster.publishSessions();
      faster.publishOpen();
      Table table = tables.load(names.sessions());
      table.expireSnapshots().expireSnapshotId(base.sessionsSnapshot()).commit();
      assertConflict(() -> write(stale, summary));
    }
  }

  @Test
  void aChangeOfStagingWhoseBaseWasCompactedAndHasExpiredIsMadeAgain() {
    // Given a batch that changes staging
    tables.create(START);
    Base base = tables.base();
    try (Publication publication = tables.publication(base)) {
      change(publication);
      // When staging is compacted, and the base expires
      Table staging = tables.load(names.open());
      Lineage.repeatSummary(staging, names.open(), Map.of());
      staging.expireSnapshots().expireSnapshotId(base.openSnapshot()).commit();
      // Then the batch is to find the rows again, and has published nothing
      assertFalse(publication.publishSessions());
    }
    assertEquals(base.sessionsSnapshot(), tables.base().sessionsSnapshot());
    assertEquals(Set.of("main"), tables.load(names.open()).refs().keySet());
  }

  @Test
  void aChangeOfStagingThatIsRefusedForAnotherReasonFails() {
    // Given a catalog that refuses commits while the clock of the driver is behind
    tables.create(START);
    boolean[] refuses = {false};
    TableOperations catalog = ((HasTableOperations) tables.load(names.open())).operations();
    TableOperations refusing =
        (TableOperations)
            Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {TableOperations.class},
                (proxy, method, arguments) -> {
                  boolean addsSnapshot =
                      method.getName().equals("commit")
                          && ((TableMetadata) arguments[1]).snapshots().size()
                              > ((TableMetadata) arguments[0]).snapshots().size();
                  if (addsSnapshot && refuses[0]) {
                    throw new ValidationException("Invalid snapshot timestamp 1: before 2");
                  }
                  return method.invoke(catalog, arguments);
                });
    Base base = tables.base();
    try (Publication publication =
        new Publication(
            TestSpark.session(),
            names,
            tables.load(names.sessions()),
            new BaseTable(refusing, names.open()),
            tables.load(names.rejected()),
            Optional.empty(),
            base,
            tables.allSchemas())) {
      change(publication);
      // When it does so after staging was compacted, then the batch does not try for ever
      Lineage.repeatSummary(tables.load(names.open()), names.open(), Map.of());
      refuses[0] = true;
      assertThrows(ValidationException.class, publication::publishSessions);
    }
  }

  private void change(Publication publication) {
    publication.writeSessions(nothing, List.of(), Extent.NOTHING, batch());
    publication.changeOpen(
        new StagingDelta(nothing, OutcomeRows.OUTCOME, 0, List.of(), Set.of(), null), batch());
  }

  private void write(Publication publication, RunSummary summary) {
    publication.writeSessions(nothing, List.of(), Extent.NOTHING, summary);
    publication.writeOpen(nothing, OutcomeRows.OUTCOME, 0, summary);
  }

  @Test
  void aCommitOfAnotherRunIsNotPublished() {
    // Given a branch
    tables.create(START);
    RunSummary summary = batch();
    Table table = tables.load(names.sessions());
    long base = table.currentSnapshot().snapshotId();
    Branch branch = Branch.create(table, names.sessions(), base);
    String name =
        table.refs().keySet().stream().filter(ref -> !ref.equals("main")).findFirst().orElseThrow();
    // When its commit does not name the run, then it is not published
    Failure failure =
        assertThrows(
            Failure.class,
            () ->
                branch.commit(
                    TestSpark.session(),
                    summary.toProperties(),
                    () -> {
                      table.newAppend().toBranch(name).commit();
                      return null;
                    }));
    assertEquals(Failure.Kind.USAGE, failure.kind(), failure.getMessage());
    assertThrows(Failure.class, branch::publish);
    table.refresh();
    assertEquals(base, table.currentSnapshot().snapshotId());
  }

  @Test
  void aCommitThatIsRefusedAfterItWasMadeIsMadeAgain() throws IOException {
    // Given a catalog whose client repeats a request without an answer
    tables.create(START);
    TableOperations catalog = ((HasTableOperations) tables.load(names.sessions())).operations();
    boolean[] refuses = {true};
    TableOperations repeating =
        (TableOperations)
            Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {TableOperations.class},
                (proxy, method, arguments) -> {
                  Object result = method.invoke(catalog, arguments);
                  if (method.getName().equals("commit") && refuses[0]) {
                    refuses[0] = false;
                    throw new CommitFailedException("The table has changed");
                  }
                  return result;
                });
    Table table = new BaseTable(repeating, names.sessions());
    // When a batch is committed
    Branch branch = Branch.on(table, names.sessions(), table.currentSnapshot().snapshotId());
    branch.commit(batch().toProperties(), Transaction::newAppend);
    assertTrue(branch.publish());
    // Then its snapshot can be read, and there is no other one
    table.refresh();
    assertEquals(2, Iterables.size(table.snapshots()));
    try (CloseableIterable<FileScanTask> files = table.newScan().planFiles()) {
      assertFalse(files.iterator().hasNext());
    }
  }

  @Test
  void newSessionsAreAppendedInOneFileForEachDay() {
    // Given sessions on both sides of midnight, and one that changes nothing
    LocalDate day = LocalDate.parse("2026-03-02");
    List<Outcome> outcomes =
        List.of(
            row(Change.ADDED, "ann", day),
            row(Change.ADDED, "bob", day),
            row(Change.ADDED, "ann", day.plusDays(1)),
            row(Change.NONE, "cat", day));
    tables.create(START);
    RunSummary summary = batch();
    // When they are added
    try (Publication publication = tables.publication(tables.base())) {
      publication.writeSessions(
          WrittenOutcome.all(outcomes, 4),
          List.of(),
          new Extent(3, 0, 3, List.of(day, day.plusDays(1))),
          summary);
      publication.writeOpen(nothing, OutcomeRows.OUTCOME, 0, summary);
      publication.publishSessions();
    }
    // Then one commit has appended only these sessions
    Table table = tables.load(names.sessions());
    Snapshot commit = table.currentSnapshot();
    assertEquals(DataOperations.APPEND, commit.operation());
    assertTrue(RunSummary.isIn(commit.summary()));
    assertEquals("2", commit.summary().get("added-data-files"));
    assertEquals(
        List.of("ann", "ann", "bob"),
        TestSpark.session()
            .table(names.sessions())
            .select("uuid")
            .orderBy("uuid")
            .as(Encoders.STRING())
            .collectAsList());
  }

  @Test
  void manyDaysAreWrittenOneAfterTheOther() {
    // Given sessions on many days, in random order
    List<LocalDate> days =
        LocalDate.parse("2026-03-02").datesUntil(LocalDate.MAX).limit(40).toList();
    List<Outcome> outcomes =
        new ArrayList<>(days.stream().map(day -> row(Change.ADDED, "ann", day)).toList());
    Collections.shuffle(outcomes, new Random(1));
    tables.create(START);
    RunSummary summary = batch();
    // When they are written
    try (Publication publication = tables.publication(tables.base())) {
      publication.writeSessions(
          WrittenOutcome.all(outcomes, 2), List.of(), new Extent(40, 0, 40_000_000, days), summary);
      publication.writeOpen(nothing, OutcomeRows.OUTCOME, 0, summary);
      publication.publishSessions();
    }
    // Then each task has written its files by day
    Map<String, List<LocalDate>> written = new TreeMap<>();
    TestSpark.session()
        .sql(
            "SELECT regexp_extract(file_path, '[^/]*$', 0), partition.session_start_day FROM "
                + names.sessions()
                + ".files ORDER BY 1")
        .collectAsList()
        .forEach(
            file ->
                written
                    .computeIfAbsent(file.getString(0).split("-")[0], task -> new ArrayList<>())
                    .add(file.getDate(1).toLocalDate()));
    assertEquals(
        days.size(), written.values().stream().mapToInt(List::size).sum(), written.toString());
    written.values().forEach(ofTask -> assertEquals(ofTask.stream().sorted().toList(), ofTask));
  }

  @Test
  void aStagingTableThatIsPartitionedByDayIsSortedByEndToo() {
    // Given a staging table with partitions, and sessions around midnight, in the order of their
    // ends
    tables.create(START);
    tables.load(names.open()).updateSpec().addField(Expressions.day("session_start")).commit();
    long midnightMs = Instant.parse("2026-03-03T00:00:00Z").toEpochMilli();
    List<Outcome> outcomes =
        List.of(
            open("ann", midnightMs + 1, midnightMs + 2),
            open("bob", midnightMs - 1, midnightMs + 3),
            open("cat", midnightMs + 1, midnightMs + 4));
    RunSummary summary = batch();
    // When so many events are written that they are sorted
    try (Publication publication = tables.publication(tables.base())) {
      publication.writeSessions(nothing, List.of(), Extent.NOTHING, summary);
      publication.writeOpen(WrittenOutcome.all(outcomes), OutcomeRows.OUTCOME, 100_000, summary);
      publication.publishSessions();
      publication.publishOpen();
    }
    // Then all of them are there
    assertEquals(3, tables.open().count());
  }

  @Test
  void filesHaveEvenSizesRatherThanTheExactNumber() {
    LocalDate day = LocalDate.parse("2026-03-02");
    List<Outcome> outcomes =
        IntStream.range(0, 8).mapToObj(i -> row(Change.ADDED, "user" + i, day)).toList();
    tables.create(START);
    RunSummary summary = batch();
    // When four partitions are written that hold events for three files
    try (Publication publication = tables.publication(tables.base())) {
      publication.writeSessions(
          WrittenOutcome.all(outcomes, 4),
          List.of(),
          new Extent(8, 0, 600_000, List.of(day)),
          summary);
      publication.writeOpen(nothing, OutcomeRows.OUTCOME, 0, summary);
      publication.publishSessions();
    }
    // Then each task wrote one partition: four files
    Snapshot commit = tables.load(names.sessions()).currentSnapshot();
    assertEquals("4", commit.summary().get("added-data-files"));
  }

  /** The summary of a run's first batch, which has read nothing. */
  private static RunSummary batch() {
    return new RunSummary(
        new Origin("test", Optional.of("run"), 1, Work.RUN),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Rules.DEFAULT.text(),
        Optional.empty(),
        Optional.empty(),
        Map.of(),
        START.progress());
  }

  private static Outcome row(Change change, String user, LocalDate day) {
    long startMs = day.atTime(8, 0).toInstant(ZoneOffset.UTC).toEpochMilli();
    Event event = new Event(startMs, "e", "home", null, null);
    Session session = new Session(user, List.of(event), CloseReason.INACTIVITY);
    return new Outcome(session, change, null, false, true, false, 1);
  }

  private static Outcome open(String user, long startMs, long endMs) {
    Event first = new Event(startMs, "1", "home", null, null);
    Event last = new Event(endMs, "2", "home", null, null);
    Session session = new Session(user, List.of(first, last), CloseReason.INACTIVITY);
    return new Outcome(session, Change.NONE, null, true, false, false, 2);
  }

  private static void assertConflict(Runnable step) {
    Failure failure = assertThrows(Failure.class, step::run);
    assertEquals(Failure.Kind.CONFLICT, failure.kind(), failure.getMessage());
  }
}
