package io.sessionize.spark.internal;

import static org.apache.iceberg.types.Types.NestedField.required;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.Failure;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.LongStream;
import org.apache.iceberg.Schema;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.expressions.Evaluator;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.types.Types.LongType;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Selects the rows of a staging file that a batch takes out. */
class StagedHitsTest {
  private static final Schema ENDS = new Schema(required(1, "session_end_time_ms", LongType.get()));

  private final StagedHits hits =
      new StagedHits().add(key(3)).add(new StagedHits().add(key(5)).add(key(7)));

  @Test
  void selectsTheRowsByTheirPositions() {
    assertEquals(List.of(3L, 5L, 7L), read(LongStream.range(0, 9)));
  }

  @Test
  void aRowThatIsNotReadIsAFailure() {
    // When a row group with a row to read was left out, then its loss is noticed
    Failure failure = assertThrows(Failure.class, () -> read(LongStream.range(4, 9)));
    assertEquals(Failure.Kind.BROKEN, failure.kind());
    assertTrue(
        failure
            .getMessage()
            .startsWith("Of the 3 open sessions in file.parquet that change, only 2 "),
        failure.getMessage());
    assertThrows(Failure.class, () -> read(LongStream.empty()));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 300})
  void theFilterIsTrueForAllRowsToRead(int rows) {
    Random random = new Random(rows);
    StagedHits some = new StagedHits();
    Set<Long> endsMs = new TreeSet<>();
    for (int i = 0; i < rows; i++) {
      // Also before 1970, and at the edges of periods
      long endMs = (random.nextInt(2_000) - 1_000) * 5_000L;
      endsMs.add(endMs);
      some.add(new RowKey(null, 0, endMs, false, 0, i));
    }
    Evaluator filter = new Evaluator(ENDS.asStruct(), some.filter());
    endsMs.forEach(endMs -> assertTrue(filter.eval(row(endMs)), endMs + " ms"));
    // It is false for nearly all others, unless it would have too many ranges
    long others = LongStream.range(-2_000, 2_000).filter(i -> filter.eval(row(5_000 * i))).count();
    assertTrue(rows > 100 ? others == 4_000 : others <= 2 * rows, others + " others");
  }

  private static StructLike row(long endMs) {
    GenericRecord row = GenericRecord.create(ENDS);
    row.set(0, endMs);
    return row;
  }

  private List<Long> read(LongStream positions) {
    List<InternalRow> rows = new ArrayList<>();
    positions.forEach(position -> rows.add(new GenericInternalRow(new Object[] {position})));
    List<Long> read = new ArrayList<>();
    hits.of(CloseableIterable.withNoopClose(rows), 0, "file.parquet")
        .forEach(row -> read.add(row.getLong(0)));
    return read;
  }

  private static RowKey key(long position) {
    return new RowKey(null, 0, 1_000 * position, false, 0, position);
  }
}
