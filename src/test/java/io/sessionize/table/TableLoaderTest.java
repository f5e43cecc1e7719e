package io.sessionize.table;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.sessionize.session.Rules;
import io.sessionize.summary.RunSummary;
import io.sessionize.summary.TableNames;
import io.sessionize.testing.TestSpark;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.Catalog;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.spark.Spark3Util;
import org.junit.jupiter.api.Test;

/** How long a driver that commits batch after batch keeps its tables. */
class TableLoaderTest {
  private final TableNames names = TestSpark.uniqueNames();
  private final AtomicLong clock = new AtomicLong();
  private final TableLoader loader = TableLoader.keeping(TestSpark.session(), names, clock::get);

  TableLoaderTest() {
    create();
  }

  private void create() {
    new SessionTables(TestSpark.session(), names)
        .create(RunSummary.start("test", Map.of("topic", "id"), Rules.DEFAULT));
  }

  @Test
  void aTableIsLoadedAnewAfterFiveMinutesAndAfterAFailure() {
    // A refresh keeps the credentials that a REST catalog has given with the table. The catalog of
    // RestCatalogIT gives keys that do not expire, so it cannot show this
    Table first = loader.load(names.open());
    long snapshot = first.currentSnapshot().snapshotId();
    clock.addAndGet(Duration.ofMinutes(4).toNanos());
    assertSame(first, loader.load(names.open()));
    clock.addAndGet(Duration.ofMinutes(1).toNanos());
    Table second = loader.holding(names.open(), snapshot);
    assertNotSame(first, second);
    assertSame(second, loader.holding(names.open(), snapshot));
    loader.forget();
    assertNotSame(second, loader.load(names.open()));
  }

  @Test
  void tablesThatWereDroppedAndCreatedAgainAreLoadedAnew() throws Exception {
    Table open = loader.load(names.open());
    Table sessions = loader.load(names.sessions());
    Catalog catalog = Spark3Util.loadIcebergCatalog(TestSpark.session(), names.catalog());
    for (String table : new String[] {names.sessions(), names.open(), names.rejected()}) {
      catalog.dropTable(TableIdentifier.of(names.database(), TableNames.simple(table)));
    }
    assertFalse(loader.find(names.open()).isPresent());
    create();
    assertNotSame(open, loader.load(names.open()));
    assertNotSame(sessions, loader.load(names.sessions()));
    assertEquals(
        new SessionTables(TestSpark.session(), names).load(names.sessions()).uuid(),
        loader.load(names.sessions()).uuid());
  }
}
