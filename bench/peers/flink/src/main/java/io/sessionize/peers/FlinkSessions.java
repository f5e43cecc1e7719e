package io.sessionize.peers;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.AggregateFunction;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.formats.json.JsonDeserializationSchema;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.DeserializationFeature;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.ObjectMapper;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.PropertyNamingStrategies;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.WindowedStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.windowing.ProcessWindowFunction;
import org.apache.flink.streaming.api.windowing.assigners.EventTimeSessionWindows;
import org.apache.flink.streaming.api.windowing.windows.TimeWindow;
import org.apache.flink.util.Collector;
import org.apache.iceberg.flink.sink.FlinkSink;

/** Sessions by Flink's event time session windows, from a bounded topic into an Iceberg table. */
public final class FlinkSessions {
  private static final Duration GAP = Duration.ofMinutes(30);

  private FlinkSessions() {}

  /** Takes SERVERS, TOPIC, the FOLDER to write to, and whether sessions keep their events. */
  public static void main(String[] args) throws Exception {
    boolean withEvents = Boolean.parseBoolean(args[3]);
    StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
    env.setParallelism(2);

    KafkaSource<Click> source =
        KafkaSource.<Click>builder()
            .setBootstrapServers(args[0])
            .setTopics(args[1])
            .setStartingOffsets(OffsetsInitializer.earliest())
            .setBounded(OffsetsInitializer.latest())
            .setProperty("max.partition.fetch.bytes", "16777216")
            .setValueOnlyDeserializer(
                new JsonDeserializationSchema<>(Click.class, FlinkSessions::json))
            .build();
    WatermarkStrategy<Click> watermarks =
        WatermarkStrategy.<Click>forBoundedOutOfOrderness(Duration.ofMinutes(10))
            .withTimestampAssigner((click, recordTime) -> click.eventTimestamp);

    WindowedStream<Click, String, TimeWindow> windows =
        env.fromSource(source, watermarks, "clicks")
            .keyBy(click -> click.uuid)
            .window(EventTimeSessionWindows.withGap(GAP));
    DataStream<Session> sessions =
        withEvents
            ? windows.process(new Collected())
            : windows.aggregate(new Count(), new Counted());

    SessionTable table = new SessionTable(args[2], withEvents);
    FlinkSink.builderFor(sessions, table::row, table.rowType())
        .tableLoader(table.create())
        .append();
    env.execute("sessions");
  }

  private static ObjectMapper json() {
    return new ObjectMapper()
        .setPropertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
        .configure(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES, false);
  }

  private static Session session(String uuid, TimeWindow window, long count) {
    Session session = new Session();
    session.uuid = uuid;
    session.sessionStartTimeMs = window.getStart();
    // A window ends a gap after its last event.
    session.sessionEndTimeMs = window.getEnd() - GAP.toMillis();
    session.eventCount = count;
    return session;
  }

  private static final class Collected
      extends ProcessWindowFunction<Click, Session, String, TimeWindow> {
    private static final long serialVersionUID = 1L;

    @Override
    public void process(
        String uuid, Context context, Iterable<Click> clicks, Collector<Session> out) {
      List<Click> events = new ArrayList<>();
      clicks.forEach(events::add);
      events.sort(
          Comparator.<Click>comparingLong(click -> click.eventTimestamp)
              .thenComparing(click -> click.eventId));
      Session session = session(uuid, context.window(), events.size());
      session.events = events;
      out.collect(session);
    }
  }

  private static final class Counted
      extends ProcessWindowFunction<Long, Session, String, TimeWindow> {
    private static final long serialVersionUID = 1L;

    @Override
    public void process(
        String uuid, Context context, Iterable<Long> counts, Collector<Session> out) {
      out.collect(session(uuid, context.window(), counts.iterator().next()));
    }
  }

  private static final class Count implements AggregateFunction<Click, Long, Long> {
    private static final long serialVersionUID = 1L;

    @Override
    public Long createAccumulator() {
      return 0L;
    }

    @Override
    public Long add(Click click, Long count) {
      return count + 1;
    }

    @Override
    public Long getResult(Long count) {
      return count;
    }

    @Override
    public Long merge(Long one, Long other) {
      return one + other;
    }
  }
}
