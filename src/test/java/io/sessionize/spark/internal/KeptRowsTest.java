package io.sessionize.spark.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sessionize.testing.TestSpark;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeptRowsTest {
  private static final int PIECE = 1 << 18;

  /** Bytes of a row with one number and one text in a piece, beside the text. */
  private static final int OTHER = 32;

  private final SparkSession spark = TestSpark.session();

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0, 5, 7",
        // One row fills a piece, is shorter, or longer; so does a second one behind it.
        "PIECE - 8, 5, PIECE, 5, PIECE + 8, 5",
        "PIECE / 2, PIECE / 2, 0, PIECE / 2, PIECE / 2 + 8, PIECE / 2, PIECE / 2 - 8, 0",
        // The last piece of a large row is full, or holds a few bytes.
        "2 * PIECE - 8, 3 * PIECE - 16, 3 * PIECE - 8, 3 * PIECE, 5"
      })
  void rowsOfAnySizeAreReadBackAgainAndAgain(String sizes) {
    String values = sizes.replace("PIECE", Integer.toString(PIECE));
    Dataset<Row> rows =
        spark.sql(
            "SELECT id, repeat(CHAR(97 + id), greatest(0, size - %d)) AS text FROM (%s)"
                .formatted(OTHER, "SELECT posexplode(array(" + values + ")) AS (id, size)"));
    assertKept(rows);
  }

  @Test
  void thousandsOfSmallRowsAreReadBack() {
    assertKept(spark.sql("SELECT id, repeat('x', CAST(id % 50 AS INT)) AS text FROM range(9999)"));
    assertKept(spark.sql("SELECT id, '' AS text FROM range(0)"));
  }

  private void assertKept(Dataset<Row> rows) {
    try (KeptRows kept = new KeptRows(spark, InternalRows.of(rows).coalesce(1), rows.schema())) {
      Map<Object, Object> expected = texts(rows);
      assertEquals(expected, texts(kept.rows()));
      assertEquals(expected, texts(kept.internal().toRows(spark, rows.schema())));
      assertEquals(expected.size(), kept.rdd().count());
    }
  }

  private static Map<Object, Object> texts(Dataset<Row> rows) {
    return rows.collectAsList().stream()
        .collect(Collectors.toMap(row -> row.get(0), row -> row.get(1)));
  }
}
