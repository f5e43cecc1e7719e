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
import org.junit.jupiter.api.Test;

/** Given two table sets in one database, one of them is removed. */
class TableRemovalScenarioTest {
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

    assertTrue(removal(removed).isEmpty());
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
  void aTableThatSomethingElseMadeIsNotRemoved() {
    TableNames names = TestSpark.uniqueNames();
    TestSpark.session().sql("CREATE NAMESPACE IF NOT EXISTS " + names.namespace());
    TestSpark.session().sql("CREATE TABLE " + names.open() + " (a INT) USING iceberg");
    Failure failure =
        assertThrows(
            Failure.class,
            () -> new TableRemoval(TestSpark.session(), names, "/nowhere/checkpoint"));
    assertEquals(Failure.Kind.USAGE, failure.kind());
    assertTrue(failure.getMessage().contains("was not made by this job"), failure.getMessage());
    assertEquals(0, TestSpark.session().table(names.open()).count());
    TestSpark.session().sql("DROP TABLE " + names.open());
    assertNull(new TableRemoval(TestSpark.session(), names, "/nowhere/checkpoint").view());
  }

  private static Scenario scenario() {
    Scenario scenario = new Scenario(1);
    scenario.send(click("ann", "08:00"), click("bob", "12:00"));
    scenario.runAt("12:01");
    return scenario;
  }

  private static TableRemoval removal(Scenario scenario) {
    return new TableRemoval(
        TestSpark.session(), scenario.names(), scenario.checkpoint().toString());
  }

  private static Path folder(String table) {
    return TestSpark.warehouse().resolve("sessions/" + table);
  }
}
