package io.sessionize.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.job.Batch;
import io.sessionize.job.CrashPoint;
import io.sessionize.job.Job;
import io.sessionize.row.SessionRows;
import io.sessionize.session.LookUp;
import io.sessionize.session.Rules;
import io.sessionize.spark.internal.InternalRows;
import io.sessionize.summary.Base;
import io.sessionize.summary.RunSummary;
import io.sessionize.summary.TableNames;
import io.sessionize.table.SessionTables;
import io.sessionize.testing.TestSpark;
import io.sessionize.testing.TestTopic;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import scala.Tuple2;

/** The rows of few users are selected by the driver, others by tasks: the same rows. */
class LookUpRowsTest {
  private static final long FIRST = Instant.parse("2026-02-01T00:00:00Z").toEpochMilli();
  private static final long NOW = Instant.parse("2026-03-03T00:00:00Z").toEpochMilli();
  private static final long MINUTE = Duration.ofMinutes(1).toMillis();
  private static final long DAY = Duration.ofDays(1).toMillis();
  private static final int USERS = 12;
  private static final int DAYS = 9;
  private static final int ENOUGH = 10_000;

  private final SparkSession spark = TestSpark.session();
  private final JavaSparkContext context = new JavaSparkContext(spark.sparkContext());
  private final TableNames names = TestSpark.uniqueNames();
  private final SessionTables tables = new SessionTables(spark, names);
  private final TestTopic topic = new TestTopic(NOW);
  private final Random random = new Random(1);

  LookUpRowsTest() {
    tables.create(RunSummary.start("test", Map.of("topic", "id"), Rules.DEFAULT));
    // A user who never pauses for days, and users who come and go; two files for each day.
    for (long time = FIRST + 2 * DAY; time < FIRST + 7 * DAY; time += 20 * MINUTE) {
      topic.click("bot", time, "home");
    }
    for (int run = 0; run < 2; run++) {
      for (int event = 0; event < 300; event++) {
        topic.click("user" + random.nextInt(USERS), anyTime(), "home");
      }
      topic.click("last", FIRST + (DAYS + 1 + run) * DAY, "home");
      Job job = TestSpark.job(names, Rules.DEFAULT, NOW);
      new Batch<>(new SparkStore(spark, job), job, CrashPoint.Probe.NONE)
          .run(topic.since(tables.base().next().orElse(TestTopic.BEGIN)));
    }
  }

  @Test
  void bothWaysSelectTheSameRows() {
    for (int i = 0; i < 6; i++) {
      List<Tuple2<String, Long>> affected = new ArrayList<>();
      for (int user = 0; user <= i; user++) {
        affected.add(new Tuple2<>("user" + random.nextInt(USERS), anyTime()));
      }
      assertEquals(byTasks(affected), byDriver(affected), affected.toString());
    }
  }

  @Test
  void aUserWhoNeverPausesIsFollowedOverAllDays() {
    List<Tuple2<String, Long>> affected = List.of(new Tuple2<>("bot", FIRST + 2 * DAY));
    List<String> found = byDriver(affected);
    assertEquals(byTasks(affected), found);
    assertEquals(rowsOfBot(), found.size());
  }

  @Test
  void allRowsOfAUserAreSelected() {
    List<Tuple2<String, Long>> affected =
        List.of(
            new Tuple2<>("user1", LookUp.FROM_THE_BEGINNING),
            new Tuple2<>("nobody", LookUp.FROM_THE_BEGINNING));
    List<String> found = byDriver(affected);
    assertEquals(byTasks(affected), found);
    assertFalse(found.isEmpty());
  }

  @Test
  void noUserSelectsNoRow() {
    assertEquals(List.of(), byDriver(List.of()));
  }

  @Test
  void tasksSelectTheRowsOfManyUsersTimesOrKeys() {
    List<Tuple2<String, Long>> users =
        IntStream.rangeClosed(0, FewUsers.MOST_USERS)
            .mapToObj(user -> new Tuple2<>("user" + user, LookUp.FROM_THE_BEGINNING))
            .toList();
    List<Tuple2<String, Long>> times =
        IntStream.rangeClosed(0, FewUsers.MOST_TIMES)
            .mapToObj(time -> new Tuple2<>("bot", FIRST + 2 * DAY + time))
            .toList();
    List<Tuple2<String, Long>> bot = List.of(new Tuple2<>("bot", FIRST + 2 * DAY));
    assertFalse(isByDriver(rows(users, ENOUGH)));
    assertFalse(isByDriver(rows(times, ENOUGH)));
    assertEquals(rowsOfBot(), ids(rows(times, ENOUGH)).size());
    assertFalse(isByDriver(rows(bot, rowsOfBot() - 1)));
    assertTrue(isByDriver(rows(bot, rowsOfBot())));
  }

  private int rowsOfBot() {
    return (int) spark.table(names.sessions()).where("uuid = 'bot'").count();
  }

  private List<String> byDriver(List<Tuple2<String, Long>> affected) {
    InternalRows rows = rows(affected, ENOUGH);
    assertTrue(isByDriver(rows));
    return ids(rows);
  }

  private List<String> byTasks(List<Tuple2<String, Long>> affected) {
    InternalRows rows = rows(affected, -1);
    assertFalse(isByDriver(rows));
    return ids(rows);
  }

  private static boolean isByDriver(InternalRows rows) {
    return !rows.rdd().toDebugString().contains("ShuffledRDD");
  }

  private InternalRows rows(List<Tuple2<String, Long>> affected, int mostKeys) {
    Base base = tables.base();
    return new LookUpRows(
            spark, tables.storedSessions(base), base.affected(Rules.DEFAULT).lookUp(), mostKeys)
        .of(JavaPairRDD.fromJavaRDD(context.parallelize(affected, 3)), affected.size());
  }

  private static List<String> ids(InternalRows rows) {
    return rows.rdd().map(row -> row.getString(SessionRows.SESSION_ID)).collect().stream()
        .sorted()
        .toList();
  }

  private long anyTime() {
    return FIRST + (long) (random.nextDouble() * DAYS * DAY);
  }
}
