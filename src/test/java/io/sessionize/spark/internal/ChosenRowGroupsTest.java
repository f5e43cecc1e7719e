package io.sessionize.spark.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.row.KnownRows;
import io.sessionize.testing.TestSpark;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.ToLongFunction;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.apache.iceberg.BaseFileScanTask;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.PartitionSpecParser;
import org.apache.iceberg.SchemaParser;
import org.apache.iceberg.Table;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.expressions.ResidualEvaluator;
import org.apache.iceberg.inmemory.InMemoryInputFile;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.spark.Spark3Util;
import org.apache.iceberg.spark.source.SerializableTableWithSize;
import org.apache.iceberg.util.TableScanUtil;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a reader of some row groups returns is what a reader of the whole file returns of them. */
class ChosenRowGroupsTest {
  private static final int ROWS = 5_000;
  private static final long LATE_FROM = 2_000;
  private static final Expression LATE =
      Expressions.greaterThanOrEqual("session_end_time_ms", LATE_FROM);
  private static final StructType COLUMNS =
      KnownRows.KEY.add(
          "events",
          DataTypes.createArrayType(
              new StructType()
                  .add("event_id", DataTypes.StringType)
                  .add("event_time_ms", DataTypes.LongType)));

  private final SparkSession spark = TestSpark.session();
  private final String name = TestSpark.uniqueNames().sessions();

  @ParameterizedTest
  @CsvSource({"40, 2", "100000, 2", "40, 3"})
  void rowsAreFoundByUserAndByPosition(int rowsOfGroup, int formatVersion) throws Exception {
    Table table = table(rowsOfGroup, formatVersion);
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
      TreeMap<Long, String> late = read(table, file, users::rowsToRead, LATE);
      assertTrue(some.entrySet().containsAll(late.entrySet()), wanted.toString());
      assertEquals(of(all, wanted).tailMap(LATE_FROM), of(late, wanted).tailMap(LATE_FROM));
      assertTrue(rowsOfGroup > ROWS || some.size() <= 80 * wanted.size(), "rows " + some.size());

      long[] positions = of(all, wanted).keySet().stream().mapToLong(row -> row).toArray();
      TreeMap<Long, String> at = read(table, file, group -> group.rowsUpToLastOf(positions));
      at.keySet().retainAll(of(all, wanted).keySet());
      assertEquals(of(all, wanted), at);
      TreeMap<Long, String> lateAt =
          read(table, file, group -> group.rowsUpToLastOf(positions), LATE);
      lateAt.keySet().retainAll(of(all, wanted).tailMap(LATE_FROM).keySet());
      assertEquals(of(all, wanted).tailMap(LATE_FROM), lateAt);
    }
  }

  @Test
  void theFlightRecorderKnowsHowManyRowGroupsWereOpened(@TempDir Path folder) throws Exception {
    Table table = table(40);
    StoredFile file = file(table);
    SearchedUsers one = SearchedUsers.few(List.of(user(7)));
    Path recorded = folder.resolve("reads.jfr");
    try (Recording recording = new Recording()) {
      recording.enable(OpenedRowGroups.NAME);
      recording.start();
      read(table, file, null);
      read(table, file, one::rowsToRead);
      recording.stop();
      recording.dump(recorded);
    }
    List<RecordedEvent> events =
        RecordingFile.readAllEvents(recorded).stream()
            .filter(event -> event.getString("path").equals(file.task().file().location()))
            .sorted(Comparator.comparing(RecordedEvent::getStartTime))
            .toList();
    assertEquals(
        List.of(file.task().file().splitOffsets().size(), 1),
        events.stream().map(event -> event.getInt("rowGroups")).toList());
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 3})
  void thePartsOfAFileHaveEachRowOnce(int shift) throws Exception {
    Table table = table(40);
    StoredFile original = file(table);
    List<Long> offsets =
        original.task().file().splitOffsets().stream().map(offset -> offset + shift).toList();
    StoredFile whole = with(table, original, data -> data.withSplitOffsets(offsets));
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
    assertEquals(read(table, original, null), rows);
    assertEquals(rows.size(), count);
  }

  @Test
  void anEncryptedFileIsLeftToIceberg() throws Exception {
    Table table = table(40);
    StoredFile plain = file(table);
    StoredFile encrypted =
        with(
            table,
            plain,
            data -> data.withEncryptionKeyMetadata(ByteBuffer.wrap(new byte[] {1, 2, 3})));
    assertTrue(chosen(table, plain).isPresent());
    assertTrue(chosen(table, encrypted).isEmpty());
  }

  @Test
  void eachIterationHasTheSamePositions() throws Exception {
    Table table = table(40);
    ChosenRowGroups chosen = chosen(table, file(table)).orElseThrow();
    CloseableIterable<InternalRow> rows =
        chosen.located(
            CloseableIterable.transform(
                CloseableIterable.withNoopClose(LongStream.range(0, 100).boxed().toList()),
                position -> new GenericInternalRow(new Object[] {position})),
            0);
    List<Long> first = new ArrayList<>();
    rows.forEach(row -> first.add(row.getLong(0)));
    List<Long> second = new ArrayList<>();
    rows.forEach(row -> second.add(row.getLong(0)));
    assertEquals(first, second);
  }

  private static Optional<ChosenRowGroups> chosen(Table table, StoredFile file) {
    return ChosenRowGroups.of(
        file,
        table.io().newInputFile(file.task().file().location()),
        table.schema(),
        group -> group.firstRow() < 200 ? 0 : group.rows());
  }

  private static StoredFile with(
      Table table, StoredFile file, UnaryOperator<DataFiles.Builder> change) {
    return new StoredFile(
        file.number(),
        new BaseFileScanTask(
            change.apply(DataFiles.builder(table.spec()).copy(file.task().file())).build(),
            file.task().deletes().toArray(DeleteFile[]::new),
            SchemaParser.toJson(table.schema()),
            PartitionSpecParser.toJson(table.spec()),
            ResidualEvaluator.unpartitioned(Expressions.alwaysTrue())));
  }

  @Test
  void aFooterThatIsNotUnderstoodIsLeftToIceberg() throws Exception {
    Table table = table(40);
    byte[] bytes;
    try (InputStream in = table.io().newInputFile(file(table).task().file()).newStream()) {
      bytes = in.readAllBytes();
    }
    assertEquals(user(0), footer(bytes).orElseThrow().rowGroups().get(0).least().toString());
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

  @Test
  void aFileWithoutIdsHasNoBounds(@TempDir Path dir) throws Exception {
    Path files = dir.resolve("files");
    spark.range(0, 10, 1, 1).selectExpr("string(id) AS uuid").write().parquet(files.toString());
    try (Stream<Path> written = Files.list(files)) {
      Path file = written.filter(f -> f.toString().endsWith(".parquet")).findFirst().orElseThrow();
      ParquetFooter.RowGroup only =
          footer(Files.readAllBytes(file)).orElseThrow().rowGroups().get(0);
      assertEquals(10, only.rows());
      assertNull(only.least());
    }
  }

  private static Optional<ParquetFooter> footer(byte[] bytes) {
    return ParquetFooter.of(new InMemoryInputFile(bytes), 1);
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
    return read(table, file, wanted, Expressions.alwaysTrue());
  }

  private TreeMap<Long, String> read(
      Table table,
      StoredFile file,
      ToLongFunction<ParquetFooter.RowGroup> wanted,
      Expression filter)
      throws IOException {
    Broadcast<Table> shared =
        new JavaSparkContext(spark.sparkContext())
            .broadcast(SerializableTableWithSize.copyOf(table));
    StoredFileReader reader = new StoredFileReader(shared, COLUMNS);
    TreeMap<Long, String> found = new TreeMap<>();
    try (CloseableIterable<InternalRow> rows = reader.open(file, filter, wanted)) {
      rows.forEach(
          row -> {
            long position = row.getLong(reader.positionIndex());
            assertEquals(eventsOf(position), eventsOf(row));
            found.put(position, row.getString(0));
          });
    }
    return found;
  }

  private static List<String> eventsOf(long id) {
    return LongStream.rangeClosed(1, id % 4).mapToObj(i -> id + "_" + i + "@" + (id + i)).toList();
  }

  private static List<String> eventsOf(InternalRow row) {
    ArrayData events = row.getArray(KnownRows.KEY.length());
    return IntStream.range(0, events.numElements())
        .mapToObj(i -> events.getStruct(i, 2))
        .map(event -> event.getString(0) + "@" + event.getLong(1))
        .toList();
  }

  private static StoredFile file(Table table) throws IOException {
    try (CloseableIterable<FileScanTask> files = table.newScan().planFiles()) {
      return new StoredFile(0, files.iterator().next());
    }
  }

  /** A table of one file, sorted by user, of whose rows every hundredth is deleted. */
  private Table table(int rowsOfGroup) throws Exception {
    return table(rowsOfGroup, 2);
  }

  private Table table(int rowsOfGroup, int formatVersion) throws Exception {
    spark.sql(
        "CREATE TABLE "
            + name
            + " (uuid STRING, session_start TIMESTAMP, session_end_time_ms BIGINT,"
            + " events ARRAY<STRUCT<event_id: STRING, event_time_ms: BIGINT>>) USING iceberg"
            + " TBLPROPERTIES ('format-version'='"
            + formatVersion
            + "', 'write.parquet.row-group-size-bytes'='1',"
            + " 'write.delete.mode'='merge-on-read',"
            + " 'write.parquet.row-group-check-min-record-count'='"
            + rowsOfGroup
            + "', 'write.parquet.row-group-check-max-record-count'='"
            + rowsOfGroup
            + "')");
    spark.sql(
        "INSERT INTO "
            + name
            + " SELECT concat('ü', lpad(id, 9, '0')), timestamp_millis(id), id,"
            + " transform(slice(array(1L, 2L, 3L), 1, int(id % 4)), i -> named_struct("
            + "'event_id', concat(id, '_', i), 'event_time_ms', id + i)) FROM range(0, "
            + ROWS
            + ", 1, 1)");
    spark.sql("DELETE FROM " + name + " WHERE session_end_time_ms % 100 = 50");
    return Spark3Util.loadIcebergTable(spark, name);
  }

  private static String user(int id) {
    return String.format("ü%09d", id);
  }
}
