package io.sessionize.maintenance;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.apache.iceberg.AppendFiles;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.actions.BinPackRewriteFilePlanner;
import org.apache.iceberg.actions.RewriteFileGroup;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.inmemory.InMemoryCatalog;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Asks Iceberg's planner which files of a day it takes. No file is read. */
class SmallFilesTest {
  private static final long KB = 1 << 10;
  private static final long MB = 1 << 20;
  private static final long TARGET = 512 * MB;

  @ParameterizedTest
  @ValueSource(longs = {100 * KB, 2 * MB, 6 * MB, 15 * MB})
  void tenFilesBelow16MbAreCompactedWhateverTheirSize(long bytes) throws Exception {
    assertEquals(List.of(10), planned(SmallFiles.COMPACTED, 10, bytes));
    assertEquals(List.of(), planned(SmallFiles.COMPACTED, 9, bytes));
  }

  @Test
  void filesOf16MbAreNotRewrittenAgain() throws Exception {
    assertEquals(List.of(), planned(SmallFiles.COMPACTED, 40, 16 * MB));
  }

  @Test
  void filesOfBatchesAreCompactedInStepsOf32Mb() throws Exception {
    assertEquals(List.of(5), planned(SmallFiles.OF_BATCHES, 5, 900 * KB));
    assertEquals(List.of(), planned(SmallFiles.OF_BATCHES, 4, 900 * KB));
    assertEquals(List.of(36, 36, 8), planned(SmallFiles.OF_BATCHES, 80, 900 * KB));
    assertEquals(List.of(), planned(SmallFiles.OF_BATCHES, 80, MB));
  }

  /** Returns how many files each group has. */
  private static List<Integer> planned(SmallFiles size, int files, long bytes) throws Exception {
    try (InMemoryCatalog catalog = new InMemoryCatalog()) {
      catalog.initialize("test", Map.of());
      catalog.createNamespace(Namespace.of("db"));
      Table table =
          catalog.createTable(
              TableIdentifier.of("db", "t"),
              new Schema(Types.NestedField.required(1, "id", Types.LongType.get())));
      AppendFiles append = table.newAppend();
      for (int i = 0; i < files; i++) {
        append.appendFile(
            DataFiles.builder(PartitionSpec.unpartitioned())
                .withPath("memory:/" + i + ".parquet")
                .withFileSizeInBytes(bytes)
                .withRecordCount(1)
                .build());
      }
      append.commit();
      BinPackRewriteFilePlanner planner = new BinPackRewriteFilePlanner(table);
      planner.init(size.options(TARGET));
      try (CloseableIterable<RewriteFileGroup> groups = planner.plan().groups()) {
        return StreamSupport.stream(groups.spliterator(), false)
            .map(RewriteFileGroup::inputFileNum)
            .sorted((one, other) -> other - one)
            .toList();
      }
    }
  }
}
