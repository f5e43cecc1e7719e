package io.sessionize.spark.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.Failure;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.junit.jupiter.api.Test;

/** Selects the rows of a staging file that a batch takes out. */
class StagedHitsTest {
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
        failure.getMessage().startsWith("Of the 3 open sessions in file.parquet that change, only 2 "),
        failure.getMessage());
    assertThrows(Failure.class, () -> read(LongStream.empty()));
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
