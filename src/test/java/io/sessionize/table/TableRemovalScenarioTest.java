package io.sessionize.table;

import static io.sessionize.testing.TestClick.click;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.Failure;
import io.sessionize.summary.TableNames;
import io.sessionize.testing.Scenario;
import io.sessionize.testing.TestSpark;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.spark.Spark3Util;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Given two table sets in one database, one of them is removed. */
class TableRemovalScenarioTest {
  @TempDir private Path folder;

  @Test
  void oneTableSetIsRemovedWithItsFilesAndNothingElse() throws Exception {
    Scenario kept = scenario();
    Scenario removed = scenario();
    TableRemoval removal = removal(removed);
    assertEquals(
        List.of("_rejected", "", "_open"),
        removal.tables().stream()
            .map(part -> part.table().name().substring(removed.names().table().length()))
            .toList());
    assertEquals(
        List.of(0L, 1L, 1L), removal.tables().stream().map(TableRemoval.Part::rows).toList());
    assertTrue(removal.tables().get(1).bytes() > 0);
    assertEquals(removed.names().table() + "_live", removal.view().name());
    // A run that was killed leaves a file that no snapshot lists.
    Path orphan = folder(removed.names().table()).resolve("data/orphan.parquet");
    Files.writeString(orphan, "");

    assertEquals(List.of(folder(removed.names().table()).toString()), removal.execute());

    TableRemoval repeated = removal(removed);
    assertTrue(repeated.isEmpty());
    assertEquals(List.of(folder(removed.names().table()).toString()), repeated.forgotten());
    assertFalse(Files.exists(removed.checkpoint()));
    assertFalse(Files.exists(folder(removed.names().table() + "_open")));
    try (var left = Files.walk(folder(removed.names().table()))) {
      assertEquals(List.of(orphan), left.filter(Files::isRegularFile).toList());
    }
    kept.assertEqualToOracle();
    assertTrue(Files.exists(kept.checkpoint()));
  }

  @Test
  void aRemovalThatWasInterruptedIsRepeated() {
    Scenario scenario = scenario();
    scenario.byHand("DROP TABLE ${sessions} PURGE");
    TableRemoval rest = removal(scenario);
    assertEquals(2, rest.tables().size());
    assertEquals(List.of(), rest.execute());
    assertTrue(removal(scenario).isEmpty());
  }

  @Test
  void filesOfATableThatTheCatalogHasForgottenAreNamed() throws Exception {
    Scenario scenario = scenario();
    String staging = scenario.names().table() + "_open";
    TableRemoval interrupted = removal(scenario);
    // The catalog removes its row first, and is killed then.
    Spark3Util.loadIcebergCatalog(TestSpark.session(), scenario.names().catalog())
        .dropTable(TableIdentifier.of("sessions", staging), false);
    TableRemoval repeated = removal(scenario);
    assertEquals(List.of(folder(staging).toString()), repeated.forgotten());
    assertEquals(2, repeated.tables().size());
    assertEquals(List.of(folder(staging).toString()), repeated.execute());
    assertTrue(Files.exists(folder(staging)));
    // What something else removed meanwhile counts as remaining.
    assertEquals(3, interrupted.execute().size());
  }

  @Test
  void onlyACheckpointOfTheseTablesIsRemoved() throws Exception {
    Scenario scenario = scenario();
    Path data = Files.createDirectories(folder.resolve("data/offsets"));
    assertRefused("contains " + TestSpark.warehouse(), scenario, TestSpark.warehouse().getParent());
    assertRefused("contains ", scenario, folder(scenario.names().table()));
    assertRefused("has no metadata", scenario, Files.createDirectory(folder.resolve("empty")));
    Path link = Files.createSymbolicLink(folder.resolve("link"), TestSpark.warehouse());
    assertRefused("contains " + TestSpark.warehouse(), scenario, link);
    Files.writeString(data.resolveSibling("notes.txt"), "");
    assertRefused("did not write its notes.txt", scenario, data.getParent());
    Files.delete(data.resolveSibling("notes.txt"));

    TableRemoval removal = given(scenario, data.getParent());
    assertEquals(List.of(), removal.execute());
    assertFalse(Files.exists(data.getParent()));
    Files.createDirectories(data);
    assertRefused("None of the tables exists", scenario, data.getParent());
    assertTrue(Files.exists(data));
  }

  private static void assertRefused(String why, Scenario scenario, Path checkpoint) {
    Failure failure = assertThrows(Failure.class, () -> given(scenario, checkpoint));
    assertEquals(Failure.Kind.USAGE, failure.kind());
    assertTrue(failure.getMessage().contains(why), failure.getMessage());
  }

  private static TableRemoval given(Scenario scenario, Path checkpoint) {
    return new TableRemoval(TestSpark.session(), scenario.names(), checkpoint.toString(), false);
  }

  @Test
  void aTableThatSomethingElseMadeIsNotRemoved() {
    TableNames names = TestSpark.uniqueNames();
    TestSpark.session().sql("CREATE NAMESPACE IF NOT EXISTS " + names.namespace());
    TestSpark.session().sql("CREATE TABLE " + names.open() + " (a INT) USING iceberg");
    Failure failure =
        assertThrows(
            Failure.class,
            () -> new TableRemoval(TestSpark.session(), names, "/nowhere/checkpoint", true));
    assertEquals(Failure.Kind.USAGE, failure.kind());
    assertTrue(failure.getMessage().contains("was not made by this job"), failure.getMessage());
    assertEquals(0, TestSpark.session().table(names.open()).count());
    TestSpark.session().sql("DROP TABLE " + names.open());
    assertNull(new TableRemoval(TestSpark.session(), names, "/nowhere/checkpoint", true).view());
  }

  private static Scenario scenario() {
    Scenario scenario = new Scenario(1);
    scenario.send(click("ann", "08:00"), click("bob", "12:00"));
    scenario.runAt("12:01");
    return scenario;
  }

  private static TableRemoval removal(Scenario scenario) {
    return new TableRemoval(
        TestSpark.session(), scenario.names(), scenario.checkpoint().toString(), true);
  }

  private static Path folder(String table) {
    return TestSpark.warehouse().resolve("sessions/" + table);
  }
}
