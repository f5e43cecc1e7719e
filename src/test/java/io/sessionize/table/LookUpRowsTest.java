package io.sessionize.table;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.sessionize.row.SessionRows;
import io.sessionize.session.AffectedUser;
import io.sessionize.session.LookUp;
import io.sessionize.testing.TestSpark;
import java.sql.Timestamp;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;

/** Spark's filters select the same rows as the rule that the histories in memory follow. */
class LookUpRowsTest {
  private static final long SEED = 20261128;
  private static final int ROWS = 2_000;
  private static final LookUp LOOK_UP = new LookUp(30, 120);
  private static final long WATERMARK_MS = 1_000;
  private static final StructType USERS =
      new StructType().add("uuid", DataTypes.StringType).add("from_ms", DataTypes.LongType);

  private final SparkSession spark = TestSpark.session();
  private final List<Stored> stored = new ArrayList<>();
  private final Dataset<Row> rows;

  /** A row of the sessions table. Each has a user of its own, {@code fromMs} is that user's. */
  private record Stored(String id, long startMs, long endMs, long fromMs) {}

  LookUpRowsTest() {
    Random random = new Random(SEED);
    List<Row> all = new ArrayList<>();
    for (int i = 0; i < ROWS; i++) {
      // Around the bounds, in steps that hit them exactly.
      long startMs = 10L * random.nextInt(130);
      long endMs = startMs + 10L * random.nextInt(13);
      stored.add(new Stored("u" + i, startMs, endMs, 10L * random.nextInt(130)));
      Object[] values = new Object[SessionRows.SESSION.length()];
      values[SessionRows.UUID] = "u" + i;
      values[SessionRows.SESSION_ID] = "u" + i;
      values[SessionRows.START_MS] = startMs;
      values[SessionRows.END_MS] = endMs;
      values[SessionRows.START] = new Timestamp(startMs);
      all.add(RowFactory.create(values));
    }
    rows = spark.createDataFrame(all, SessionRows.SESSION);
  }

  @Test
  void theSameRowsAreLoaded() {
    List<Row> users =
        stored.stream().map(row -> RowFactory.create(row.id(), row.fromMs())).toList();
    for (long earliestMs : new long[] {0, 300, 700, LookUp.FROM_THE_BEGINNING}) {
      AffectedUser rule = new AffectedUser(WATERMARK_MS, false, LOOK_UP);
      assertEquals(
          idsThat(row -> rule.loads(row.startMs(), row.endMs(), row.fromMs(), earliestMs)),
          ids(LookUpRows.loaded(rows, spark.createDataFrame(users, USERS), earliestMs, LOOK_UP)));
    }
  }

  @Test
  void theSameRowsAffectTheirUsersIfTheTablesAreOutOfSync() {
    AffectedUser rule = new AffectedUser(WATERMARK_MS, true, LOOK_UP);
    Set<String> affecting = idsThat(row -> rule.byRow(row.startMs(), row.endMs()));
    assertFalse(affecting.isEmpty());
    assertEquals(affecting, ids(LookUpRows.affecting(rows, rule)));
  }

  private Set<String> idsThat(java.util.function.Predicate<Stored> rule) {
    return stored.stream()
        .filter(rule)
        .map(Stored::id)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static Set<String> ids(Dataset<Row> rows) {
    return rows.select("session_id").collectAsList().stream()
        .map(row -> row.getString(0))
        .collect(Collectors.toCollection(TreeSet::new));
  }
}
