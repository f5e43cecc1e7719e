package io.sessionize.scenario;

import static org.apache.spark.sql.functions.expr;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sessionize.column.GivenColumns;
import io.sessionize.job.ColumnRecompute;
import io.sessionize.job.CrashPoint;
import io.sessionize.row.EventRows;
import io.sessionize.row.SessionRows;
import io.sessionize.session.Event;
import io.sessionize.session.EventDetails;
import io.sessionize.session.Oracle;
import io.sessionize.session.Rules;
import io.sessionize.session.Session;
import io.sessionize.testing.Scenario;
import io.sessionize.testing.TestClick;
import io.sessionize.testing.TestSpark;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random session columns over random histories: batches, late events, copies, a crash between the
 * commits, and columns that come later. At the end each column is what plain Spark SQL computes on
 * the sessions of all events at once.
 */
class RandomColumnsScenarioTest {
  private static final int COLUMNS = 12;
  private static final int CLICKS = 30;
  private static final Rules RULES =
      new Rules(
          Duration.ofMinutes(30),
          Duration.ofHours(2),
          null,
          List.of("p2"),
          List.of(),
          null,
          null,
          null,
          6);

  /** The columns of a session, with the names of an event's details that expressions can use. */
  private static final StructType PLAIN = plain();

  private final Scenario scenario = new Scenario(1).rules(RULES);
  private final List<TestClick> sent = new ArrayList<>();

  private static StructType plain() {
    StructType event =
        EventRows.EVENT
            .add("event_name", DataTypes.StringType)
            .add("event_type", DataTypes.StringType)
            .add("event_value", DataTypes.StringType);
    StructType plain = new StructType();
    for (StructField field : SessionRows.SESSION.fields()) {
      plain =
          field.name().equals("events")
              ? plain.add("events", DataTypes.createArrayType(event))
              : plain.add(field);
    }
    return plain;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void columnsAreWhatPlainSqlComputesOnTheSessions(int seed) {
    Random random = new Random(seed);
    RandomSql sql = new RandomSql(random);
    TreeMap<String, String> columns = new TreeMap<>();
    for (int i = 0; i < COLUMNS; i++) {
      columns.put("c" + i, sql.any());
    }
    // Half of the columns come with a later run, and the older rows are filled at the end.
    scenario.columns(new GivenColumns(true, new TreeMap<>(columns.headMap("c5")), null));
    sendSome(8, random);
    scenario.runAt("09:00");
    sendSome(9, random);
    scenario.crashAt(
        "10:00", random.nextBoolean() ? CrashPoint.SESSIONS_PUBLISHED : CrashPoint.OPEN_PUBLISHED);
    sendSome(9, random);
    scenario.columns(new GivenColumns(true, columns, null));
    scenario.runAt("10:01");
    sendSome(10, random);
    scenario.runAt("11:00");
    scenario.columnRecompute(new Quiet(), CrashPoint.Probe.NONE).execute();

    scenario.assertLiveEqualToOracle();
    assertFollow(columns);
  }

  private void sendSome(int hour, Random random) {
    for (int i = 0; i < CLICKS; i++) {
      if (!sent.isEmpty() && random.nextInt(6) == 0) {
        TestClick copy = sent.get(random.nextInt(sent.size()));
        scenario.send(random.nextBoolean() ? copy : copy.page("other"));
        sent.add(copy);
        continue;
      }
      int late = random.nextInt(5) == 0 ? random.nextInt(3) : 0;
      String time = String.format("%02d:%02d", hour - late, random.nextInt(60));
      TestClick click =
          TestClick.click("u" + random.nextInt(4), time)
              .id("e" + sent.size() % 70)
              .page(random.nextInt(4) == 0 ? null : "p" + random.nextInt(3));
      if (random.nextInt(3) == 0) {
        click = click.booking("b" + random.nextInt(2));
      }
      if (random.nextBoolean()) {
        click =
            click.details(
                new EventDetails(
                    "n" + random.nextInt(2), "t" + random.nextInt(2), "" + random.nextInt(9)));
      }
      scenario.send(click);
      sent.add(click);
    }
  }

  private void assertFollow(Map<String, String> columns) {
    Dataset<Row> sessions =
        TestSpark.session()
            .createDataFrame(
                Oracle.sessions(scenario.topic().clicks(), RULES).values().stream()
                    .map(RandomColumnsScenarioTest::row)
                    .toList(),
                PLAIN);
    List<Column> all = new ArrayList<>(List.of(expr("session_id")));
    columns.forEach((name, sql) -> all.add(expr(sql).as(name)));
    Dataset<Row> expected = sessions.select(all.toArray(Column[]::new));
    List<Row> due = expected.collectAsList();
    Dataset<Row> live = TestSpark.session().table(scenario.names().live());
    Map<String, Row> found = new TreeMap<>();
    live.collectAsList().forEach(row -> found.put(row.getAs("session_id"), row));
    assertEquals(due.size(), found.size());
    columns.forEach(
        (name, sql) -> {
          assertEquals(
              expected.schema().apply(name).dataType().catalogString(),
              live.schema().apply(name).dataType().catalogString(),
              sql);
          for (Row row : due) {
            Row stored = found.get(row.<String>getAs("session_id"));
            assertEquals(text(row.getAs(name)), text(stored.getAs(name)), name + ": " + sql);
          }
        });
  }

  private static String text(Object value) {
    return value == null ? "null" : value.toString();
  }

  private static Row row(Session session) {
    List<Row> events = new ArrayList<>();
    for (Event event : session.events()) {
      EventDetails details = event.details();
      events.add(
          RowFactory.create(
              event.id(),
              event.timeMs(),
              event.pageName(),
              event.bookingDetails(),
              details == null
                  ? null
                  : RowFactory.create(details.name(), details.type(), details.value()),
              event.order(),
              event.definition(),
              details == null ? null : details.name(),
              details == null ? null : details.type(),
              details == null ? null : details.value()));
    }
    return RowFactory.create(
        session.uuid(),
        session.id(),
        session.startMs(),
        session.endMs(),
        session.durationSeconds(),
        (long) session.events().size(),
        session.pagesVisited().toArray(new String[0]),
        new Timestamp(session.startMs()),
        new Timestamp(session.endMs()),
        session.closeReason().text(),
        session.boundaryRule(),
        events.toArray(new Row[0]));
  }

  /** Ignores how far a recompute is. */
  private static final class Quiet implements ColumnRecompute.Listener {
    @Override
    public void left(int days) {}

    @Override
    public void filled(LocalDate day, long changed) {}
  }
}
