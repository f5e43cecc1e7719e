package io.sessionize.spark.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sessionize.testing.TestSpark;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;

class KeptRowsTest {
  private static final int PIECE = 1 << 20;

  /** Bytes of a row with one number and one text, beside the text. */
  private static final int OTHER = 24;

  private final SparkSession spark = TestSpark.session();

  @Test
  void rowsOfAnySizeAreReadBackAgainAndAgain() {
    List<Integer> sizes =
        List.of(0, 5, PIECE - OTHER - 8, PIECE - OTHER, PIECE - OTHER + 8, 3 * PIECE - OTHER, 7);
    Dataset<Row> rows =
        spark.sql(
            "SELECT id, repeat(CAST(id AS STRING), size) AS text FROM VALUES "
                + sizes.stream()
                    .map(size -> "(" + sizes.indexOf(size) + ", " + size + ")")
                    .collect(Collectors.joining(", "))
                + " AS t (id, size)");
    try (KeptRows kept = new KeptRows(spark, InternalRows.of(rows), rows.schema())) {
      Map<Object, Object> expected = texts(rows);
      assertEquals(expected, texts(kept.rows()));
      assertEquals(expected, texts(kept.internal().toRows(spark, rows.schema())));
      assertEquals(sizes.size(), kept.rdd().count());
    }
  }

  private static Map<Object, Object> texts(Dataset<Row> rows) {
    return rows.collectAsList().stream()
        .collect(Collectors.toMap(row -> row.get(0), row -> row.get(1)));
  }
}
