package io.sessionize.spark.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.event.Definition;
import io.sessionize.event.Definitions;
import io.sessionize.event.Limits;
import io.sessionize.event.registry.Schemas;
import io.sessionize.job.Lateness;
import io.sessionize.job.ReadStats;
import io.sessionize.job.RecordCounts;
import io.sessionize.offsets.OffsetRange;
import io.sessionize.offsets.Offsets;
import io.sessionize.row.RowSchemas;
import io.sessionize.session.Partition;
import io.sessionize.testing.TestDefinitions;
import io.sessionize.testing.TestSpark;
import java.nio.charset.StandardCharsets;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.spark.MapOutputTrackerMaster;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The shuffled rows of a batch, and the statistics that the shuffle collects. */
class UserShuffleTest {
  private static final StructType KAFKA =
      new StructType()
          .add("key", DataTypes.BinaryType)
          .add("value", DataTypes.BinaryType)
          .add("topic", DataTypes.StringType)
          .add("partition", DataTypes.IntegerType)
          .add("offset", DataTypes.LongType)
          .add("timestamp", DataTypes.TimestampType);

  private static final long EIGHT = Instant.parse("2026-03-01T08:00:00Z").toEpochMilli();
  private static final long MINUTE = 60_000;

  private static final List<Partition> PARTITIONS =
      List.of(new Partition("clicks", 0), new Partition("clicks", 1), new Partition("taps", 0));

  private final SparkSession spark = TestSpark.session();
  private final List<Row> records = new ArrayList<>();

  @Test
  void statisticsAreCompleteBeforeTheRowsAreRead() {
    send(0, event("ann", EIGHT), EIGHT + 1);
    send(1, event("bob", EIGHT + 2 * MINUTE), EIGHT + 3 * MINUTE);
    send(1, null, EIGHT + 4 * MINUTE);
    ReadStats read = byUser(EIGHT + MINUTE).read();
    assertEquals(
        new ReadStats(
            new RecordCounts(3, 3, 0, 0, 0, EIGHT + 1),
            new Lateness(1, 1, 0, 0),
            Map.of("malformed", 1L),
            new OffsetRange(
                Offsets.of("clicks", Map.of(1, 2L)), Offsets.of("clicks", Map.of(1, 3L))),
            Map.of(
                new Partition("clicks", 0), EIGHT, new Partition("clicks", 1), EIGHT + 2 * MINUTE),
            EIGHT + 3 * MINUTE),
        read);
  }

  @Test
  void partitionsOfOneNumberAreCountedByTopic() {
    send("clicks", 0, event("ann", EIGHT), EIGHT);
    send("taps", 0, event("ann", EIGHT + MINUTE), EIGHT + MINUTE);
    send("clicks", 0, null, EIGHT);
    send("taps", 0, null, EIGHT);
    ReadStats read = byUser(EIGHT).read();
    assertEquals(
        Map.of(new Partition("clicks", 0), EIGHT, new Partition("taps", 0), EIGHT + MINUTE),
        read.greatest());
    assertEquals("clicks:0:[2,3) taps:0:[3,4)", read.rejectedOffsets().toString());
  }

  @Test
  void repeatedTasksAreCountedOnce() {
    send(0, event("ann", EIGHT), EIGHT);
    send(0, event("bob", EIGHT), EIGHT);
    UserShuffle byUser = byUser(EIGHT);
    ReadStats first = byUser.read();
    loseOutput(byUser);
    assertEquals(first, byUser.read());
    assertEquals(2, first.records());
  }

  @Test
  void latenessBoundsAreInclusive() {
    for (long late : new long[] {0, 1, 60 * MINUTE, 24 * 60 * MINUTE}) {
      send(0, event("ann", EIGHT - late), EIGHT);
    }
    assertEquals(new Lateness(1, 1, 1, 1), byUser(EIGHT).read().lateness());
  }

  /**
   * Few are known when the records are read; many are found by another pass over them. Two tasks
   * read half of the records each: with 400 late events, the first task has more than 200.
   */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 398, 400, 401, 402, 600})
  void lateEventsAreFoundWhetherFewOrMany(int count) {
    List<String> expected = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      String user = "user" + i * 7 % 50;
      expected.add(user + " " + (EIGHT - 1 - i));
      send(i % 2, event(user, EIGHT - 1 - i), EIGHT);
    }
    send(0, event("ann", EIGHT), EIGHT);
    send(0, null, EIGHT);
    UserShuffle byUser = byUser(EIGHT);
    assertEquals(sorted(expected), lateEvents(byUser), "before the records are read");
    assertEquals(count, byUser.read().lateness().late());
    assertEquals(sorted(expected), lateEvents(byUser));
    assertEquals(expected.size() + 1, byUser.eventsBefore(EIGHT + 1).count(), "another time");
    loseOutput(byUser);
    assertEquals(sorted(expected), lateEvents(byUser), "after the output was lost");
    byUser.read();
    assertEquals(sorted(expected), lateEvents(byUser), "after tasks were repeated");
  }

  @Test
  void lateEventsOfLongUsersAreFound() {
    String user = "u".repeat(30_000);
    send(0, event(user, EIGHT - 1), EIGHT);
    send(0, event("ann", EIGHT - 2), EIGHT);
    UserShuffle byUser = byUser(EIGHT);
    assertEquals(2, byUser.read().lateness().late());
    assertEquals(
        sorted(List.of(user + " " + (EIGHT - 1), "ann " + (EIGHT - 2))), lateEvents(byUser));
  }

  private static List<String> lateEvents(UserShuffle byUser) {
    return sorted(byUser.eventsBefore(EIGHT).map(event -> event._1 + " " + event._2).collect());
  }

  private static List<String> sorted(List<String> events) {
    return events.stream().sorted().toList();
  }

  @Test
  void reusedRowsAreKeptApartByBothShuffleWriters() {
    String partitions = spark.conf().get("spark.sql.shuffle.partitions");
    // One partition more than Spark writes without sorting.
    spark.conf().set("spark.sql.shuffle.partitions", "201");
    try {
      for (int i = 0; i < 500; i++) {
        send(0, event("user" + i, EIGHT + i), EIGHT + i);
      }
      UserShuffle byUser = byUser(EIGHT);
      assertEquals(500, byUser.read().events());
      assertEquals(500, byUser.rows().select("uuid").distinct().count());
    } finally {
      spark.conf().set("spark.sql.shuffle.partitions", partitions);
    }
  }

  @Test
  void rowsOfAUserShareAPartitionAndRowsWithoutUserAreSpread() {
    for (int i = 0; i < 100; i++) {
      send(0, event("ann", EIGHT + i), EIGHT + i);
      send(0, null, EIGHT + 60_000L * i);
    }
    Set<Integer> withUser = new TreeSet<>();
    Set<Integer> without = new TreeSet<>();
    for (Row row :
        byUser(EIGHT).rows().selectExpr("uuid", "spark_partition_id()").collectAsList()) {
      (row.isNullAt(0) ? without : withUser).add(row.getInt(1));
    }
    assertEquals(1, withUser.size());
    assertTrue(without.size() > 1, without.toString());
  }

  @Test
  void emptyInputReadsNothing() {
    UserShuffle byUser = byUser(EIGHT);
    assertEquals(ReadStats.NOTHING, byUser.read());
    assertTrue(byUser.rows().isEmpty());
  }

  private UserShuffle byUser(long publishedMs) {
    Definition definition = TestDefinitions.ofTopics(List.of("clicks", "taps"));
    RecordDecoding decoding =
        new RecordDecoding(
            Definitions.NONE.with(definition),
            PARTITIONS,
            new BatchSchemas(spark, Schemas.NONE),
            EventFilter.of(spark, definition, RowSchemas.PLAIN),
            new Limits(0, null),
            ReadLimit.of(Long.MAX_VALUE),
            Set.of());
    return UserShuffle.ofRecords(
        spark,
        Records.ofTable(spark.createDataFrame(records, KAFKA)),
        decoding,
        publishedMs,
        EIGHT + 24 * 60 * MINUTE);
  }

  private void loseOutput(UserShuffle byUser) {
    ((MapOutputTrackerMaster) spark.sparkContext().env().mapOutputTracker())
        .unregisterAllMapAndMergeOutput(byUser.shuffleId());
  }

  private void send(int partition, String value, long timeMs) {
    send("clicks", partition, value, timeMs);
  }

  private void send(String topic, int partition, String value, long timeMs) {
    records.add(
        RowFactory.create(
            null,
            value == null ? null : value.getBytes(StandardCharsets.UTF_8),
            topic,
            partition,
            (long) records.size(),
            new Timestamp(timeMs)));
  }

  private static String event(String user, long timeMs) {
    return "{\"uuid\": \"%s\", \"event_timestamp\": \"%d\"}".formatted(user, timeMs);
  }
}
