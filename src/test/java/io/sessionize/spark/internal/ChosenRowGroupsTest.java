package io.sessionize.spark.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.row.KnownRows;
import io.sessionize.testing.TestSpark;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Table;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.inmemory.InMemoryInputFile;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.spark.Spark3Util;
import org.apache.iceberg.spark.source.SerializableTableWithSize;
import org.apache.iceberg.util.TableScanUtil;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a reader of some row groups returns is what a reader of the whole file returns of them. */
class ChosenRowGroupsTest {
  private static final int ROWS = 5_000;

  private final SparkSession spark = TestSpark.session();
  private final String name = TestSpark.uniqueNames().sessions();

  @ParameterizedTest
  @ValueSource(ints = {40, 100_000})
  void rowsAreFoundByUserAndByPosition(int rowsOfGroup) throws Exception {
    Table table = table(rowsOfGroup);
    StoredFile file = file(table);
    TreeMap<Long, String> all = read(table, file, null);
    assertEquals(ROWS - 50, all.size());
    for (List<Integer> wanted :
        List.of(
            List.of(0),
            List.of(7, 8, 2_100, ROWS - 1),
            IntStream.range(0, 200).map(i -> i * 17).boxed().toList(),
            List.<Integer>of(ROWS + 1))) {
      SearchedUsers users =
          SearchedUsers.few(wanted.stream().map(ChosenRowGroupsTest::user).toList());
      TreeMap<Long, String> some = read(table, file, users::rowsToRead);
      assertTrue(all.entrySet().containsAll(some.entrySet()), wanted.toString());
      assertEquals(of(all, wanted), of(some, wanted));
      assertTrue(rowsOfGroup > ROWS || some.size() <= 80 * wanted.size(), "rows " + some.size());

      long[] positions = of(all, wanted).keySet().stream().mapToLong(row -> row).toArray();
      TreeMap<Long, String> at = read(table, file, group -> group.rowsUpToLastOf(positions));
      at.keySet().retainAll(of(all, wanted).keySet());
      assertEquals(of(all, wanted), at);
    }
  }

  @Test
  void thePartsOfAFileHaveEachRowOnce() throws Exception {
    Table table = table(40);
    StoredFile whole = file(table);
    List<FileScanTask> parts = new ArrayList<>();
    TableScanUtil.splitFiles(
            CloseableIterable.withNoopClose(List.of(whole.task())), whole.task().length() / 5)
        .forEach(parts::add);
    assertTrue(parts.size() > 3, "parts " + parts.size());
    TreeMap<Long, String> rows = new TreeMap<>();
    int count = 0;
    for (FileScanTask part : parts) {
      TreeMap<Long, String> some = read(table, new StoredFile(0, part), null);
      count += some.size();
      rows.putAll(some);
    }
    assertEquals(read(table, whole, null), rows);
    assertEquals(rows.size(), count);
  }

  @Test
  void aFooterThatIsNotUnderstoodIsLeftToIceberg() throws Exception {
    Table table = table(40);
    byte[] bytes;
    try (InputStream in = table.io().newInputFile(file(table).task().file()).newStream()) {
      bytes = in.readAllBytes();
    }
    assertTrue(footer(bytes).isPresent());
    byte[] encrypted = bytes.clone();
    encrypted[bytes.length - 1] = 'E';
    assertTrue(footer(encrypted).isEmpty());
    byte[] cut = bytes.clone();
    Arrays.fill(cut, bytes.length - 2_000, bytes.length - 1_000, (byte) 0);
    assertTrue(footer(cut).isEmpty());
    byte[] tooLong = bytes.clone();
    tooLong[bytes.length - 5] = 0x7f;
    assertTrue(footer(tooLong).isEmpty());
  }

  private static Optional<ParquetFooter> footer(byte[] bytes) {
    return ParquetFooter.of(new InMemoryInputFile(bytes), 1, "uuid");
  }

  private static TreeMap<Long, String> of(TreeMap<Long, String> rows, List<Integer> users) {
    Set<String> names = users.stream().map(ChosenRowGroupsTest::user).collect(Collectors.toSet());
    TreeMap<Long, String> some = new TreeMap<>(rows);
    some.values().removeIf(user -> !names.contains(user));
    return some;
  }

  private TreeMap<Long, String> read(
      Table table, StoredFile file, ToLongFunction<ParquetFooter.RowGroup> wanted)
      throws IOException {
    Broadcast<Table> shared =
        new JavaSparkContext(spark.sparkContext())
            .broadcast(SerializableTableWithSize.copyOf(table));
    StoredFileReader reader = new StoredFileReader(shared, KnownRows.KEY);
    TreeMap<Long, String> found = new TreeMap<>();
    try (CloseableIterable<InternalRow> rows =
        reader.open(file, Expressions.alwaysTrue(), wanted)) {
      rows.forEach(row -> found.put(row.getLong(reader.positionIndex()), row.getString(0)));
    }
    return found;
  }

  private static StoredFile file(Table table) throws IOException {
    try (CloseableIterable<FileScanTask> files = table.newScan().planFiles()) {
      return new StoredFile(0, files.iterator().next());
    }
  }

  /** A table of one file, sorted by user, of whose rows every hundredth is deleted. */
  private Table table(int rowsOfGroup) throws Exception {
    spark.sql(
        "CREATE TABLE "
            + name
            + " (uuid STRING, session_start TIMESTAMP, session_end_time_ms BIGINT) USING iceberg"
            + " TBLPROPERTIES ('write.parquet.row-group-size-bytes'='1',"
            + " 'write.delete.mode'='merge-on-read',"
            + " 'write.parquet.row-group-check-min-record-count'='"
            + rowsOfGroup
            + "', 'write.parquet.row-group-check-max-record-count'='"
            + rowsOfGroup
            + "')");
    spark.sql(
        "INSERT INTO "
            + name
            + " SELECT concat('ü', lpad(id, 9, '0')), timestamp_millis(id), id FROM range(0, "
            + ROWS
            + ", 1, 1)");
    spark.sql("DELETE FROM " + name + " WHERE session_end_time_ms % 100 = 50");
    return Spark3Util.loadIcebergTable(spark, name);
  }

  private static String user(int id) {
    return String.format("ü%09d", id);
  }
}
