package io.sessionize.scenario;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.event.Definition;
import io.sessionize.event.DefinitionFile;
import io.sessionize.event.GivenDefinition;
import io.sessionize.job.BatchReport;
import io.sessionize.job.CrashPoint;
import io.sessionize.job.Job;
import io.sessionize.session.Event;
import io.sessionize.session.EventDetails;
import io.sessionize.session.GivenRules;
import io.sessionize.session.Oracle;
import io.sessionize.session.Oracle.Click;
import io.sessionize.session.Properties;
import io.sessionize.session.Property;
import io.sessionize.session.PropertyType;
import io.sessionize.session.Rules;
import io.sessionize.source.KafkaConnection;
import io.sessionize.source.KafkaReadOptions;
import io.sessionize.spark.SparkJobs;
import io.sessionize.testing.ScenarioTables;
import io.sessionize.testing.TestBroker;
import io.sessionize.testing.TestClick;
import io.sessionize.testing.TestSpark;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.spark.sql.Row;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random records under a definition with batches, conditions, properties, placeholders and two
 * topics of different shapes: the tables hold exactly the events that the records hold, whatever
 * their order, batches and copies are, and the counts add up.
 */
class OwnEventsScenarioTest {
  private static final List<Property> PROPERTIES =
      List.of(
          new Property("campaign", PropertyType.STRING),
          new Property("price", PropertyType.DOUBLE));

  private final ScenarioTables tables = new ScenarioTables();
  private final TestBroker broker = TestBroker.shared();
  private final String web = broker.createTopic("web", 2);
  private final String shop = broker.createTopic("shop", 1);
  private final List<Click> kept = new ArrayList<>();
  private long elements;
  private long filtered;
  private long unfit;
  private final Map<String, Long> rejected = new TreeMap<>();
  private Random random;

  private Definition definition() {
    return DefinitionFile.parse(
            "test.yaml",
            String.join(
                "\n",
                "version: 1",
                "topics:",
                "  " + web + ":",
                "    records: /batch",
                "    where: \"event_type <> 'identify' AND coalesce(price, 0) < 1000\"",
                "    event:",
                "      uuid: [/anonymousId, /userId]",
                "      event_id: /messageId",
                "      event_timestamp: {at: /timestamp, as: iso8601}",
                "      page_name: /properties/path",
                "      event_type: /type",
                "    properties:",
                "      campaign: /context/campaign/name",
                "      price: {at: /properties/price, as: double}",
                "  " + shop + ":",
                "    event:",
                "      uuid: /who",
                "      event_id: /id",
                "      event_timestamp: {at: /ts, as: epoch_s}",
                "    properties:",
                "      campaign: /campaign"))
        .definition();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void theTablesHoldWhatTheRecordsHold(int seed) {
    random = new Random(seed);
    BatchReport all = null;
    List<byte[]> sent = new ArrayList<>();
    for (int hour = 0; hour < 4; hour++) {
      for (int i = 0; i < 40; i++) {
        if (random.nextInt(3) == 0) {
          broker.send(shop, 0, null, purchase(hour), TestClick.at("20:00"));
        } else {
          byte[] batch = batch(hour);
          sent.add(batch);
          broker.send(web, random.nextInt(2), null, batch, TestClick.at("20:00"));
        }
      }
      BatchReport report = run(TestClick.at(String.format("%02d:00", 10 + hour)));
      all = all == null ? report : all.then(report);
    }
    assertEquals(expected(), live());
    assertEquals(elements, all.read().decoded().elements());
    assertEquals(filtered, all.read().decoded().filtered());
    assertEquals(unfit, all.read().decoded().unfit());
    assertEquals(0, all.read().decoded().failed());
    assertEquals(rejected, all.read().rejected());
    Set<String> identities = new HashSet<>();
    kept.forEach(
        click -> identities.add(click.uuid() + click.event().timeMs() + click.event().id()));
    assertEquals(identities.size(), all.read().events());
    assertEquals(kept.size() - identities.size(), all.read().duplicates());
    assertTrue(filtered > 0 && unfit > 0 && rejected.size() == 3, rejected.toString());

    // Copies of whole records change nothing.
    sent.forEach(value -> broker.send(web, 0, null, value, TestClick.at("20:00")));
    run(TestClick.at("15:00"));
    assertEquals(expected(), live());
  }

  private byte[] batch(int hour) {
    String elements =
        IntStream.range(0, 1 + random.nextInt(4))
            .mapToObj(i -> call(hour))
            .collect(Collectors.joining(","));
    return bytes("{\"batch\": [" + elements + "], \"sentAt\": \"2026-03-02T20:00:00Z\"}");
  }

  private String call(int hour) {
    elements++;
    String user = "u" + random.nextInt(6);
    long timeMs = time(hour);
    String id = "m" + random.nextInt(200);
    switch (random.nextInt(12)) {
      case 0 -> {
        filtered++;
        return call(user, id, timeMs, "identify", null, null);
      }
      case 1 -> {
        reject("placeholder_uuid");
        return call("undefined", id, timeMs, "page", null, null);
      }
      case 2 -> {
        reject("missing_time");
        return "{\"anonymousId\": \"" + user + "\", \"type\": \"page\"}";
      }
      case 3 -> {
        reject("malformed");
        return "[\"no object\"]";
      }
      case 4 -> {
        unfit++;
        keep(user, id, timeMs, "page", null, null);
        return call(user, id, timeMs, "page", null, "\"cheap\"");
      }
      case 5 -> {
        filtered++;
        return call(user, id, timeMs, "track", null, "5000");
      }
      default -> {
        String campaign = random.nextBoolean() ? "c" + random.nextInt(2) : null;
        Double price = random.nextBoolean() ? random.nextInt(9) + 0.5 : null;
        keep(user, id, timeMs, "page", campaign, price);
        return call(user, id, timeMs, "page", campaign, price == null ? null : price.toString());
      }
    }
  }

  private static String call(
      String user, String id, long timeMs, String type, String campaign, String price) {
    return String.format(
        Locale.ROOT,
        "{\"anonymousId\": \"%s\", \"userId\": \"%s\", \"messageId\": \"%s\", \"timestamp\": \"%s\", \"type\": \"%s\","
            + " \"properties\": {\"path\": \"/%s\", \"price\": %s}, \"context\": {\"campaign\": {\"name\": %s}}}",
        user,
        user.equals("undefined") ? "null" : "someone",
        id,
        Instant.ofEpochMilli(timeMs),
        type,
        id,
        price,
        campaign == null ? null : "\"" + campaign + "\"");
  }

  private byte[] purchase(int hour) {
    elements++;
    String user = "u" + random.nextInt(6);
    long timeMs = time(hour);
    String id = "m" + random.nextInt(200);
    kept.add(new Click(user, event(id, timeMs, null, "shop", null)));
    return bytes(
        String.format(
            "{\"who\": \"%s\", \"id\": \"%s\", \"ts\": %d, \"campaign\": \"shop\"}",
            user, id, timeMs / 1000));
  }

  private void keep(
      String user, String id, long timeMs, String type, String campaign, Double price) {
    kept.add(new Click(user, event(id, timeMs, "/" + id, campaign, price)));
  }

  private static Event event(String id, long timeMs, String page, String campaign, Double price) {
    return new Event(
        timeMs,
        null,
        id,
        Event.FIRST_DEFINITION,
        page,
        null,
        page == null ? null : new EventDetails(null, "page", null),
        Properties.of(PROPERTIES, new Object[] {campaign, price}));
  }

  /**
   * Up to an hour before the run of this hour, sometimes hours before. Whole minutes, so that ids
   * meet.
   */
  private long time(int hour) {
    int late = random.nextInt(5) == 0 ? random.nextInt(4) : 0;
    return TestClick.at("09:00") + (hour - late) * 3_600_000L + random.nextInt(60) * 60_000L;
  }

  private void reject(String reason) {
    rejected.merge(reason, 1L, Long::sum);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private BatchReport run(long nowMs) {
    Job plain = TestSpark.job(tables.names(), Rules.DEFAULT, null, nowMs);
    Job job =
        new Job(
            plain.names(),
            GivenRules.all(Rules.DEFAULT),
            plain.watermarkDelay(),
            plain.lateHorizon(),
            plain.clockSkew(),
            plain.clock(),
            null,
            new GivenDefinition(definition()));
    KafkaReadOptions source =
        new KafkaReadOptions(
            new KafkaConnection(broker.servers(), Map.of()),
            Set.of(web, shop),
            null,
            Long.MAX_VALUE,
            true);
    return SparkJobs.run(
            TestSpark.session(),
            job,
            source,
            TestSpark.warehouse().resolve("_checkpoints/" + tables.names().table()).toString(),
            batch -> {},
            CrashPoint.Probe.NONE)
        .execute(() -> false);
  }

  /** The events of each session, by its id. */
  private Map<String, List<String>> expected() {
    Map<String, List<String>> sessions = new TreeMap<>();
    Oracle.sessions(kept, Rules.DEFAULT)
        .forEach(
            (id, session) -> sessions.put(id, session.events().stream().map(this::text).toList()));
    return sessions;
  }

  private String text(Event event) {
    return String.join(
        "|",
        event.id(),
        String.valueOf(event.pageName()),
        String.valueOf(event.property("campaign")),
        String.valueOf(event.property("price")));
  }

  private Map<String, List<String>> live() {
    Map<String, List<String>> sessions = new TreeMap<>();
    for (Row row :
        TestSpark.session()
            .table(tables.names().live())
            .selectExpr(
                "session_id",
                "transform(events, e -> concat_ws('|', e.event_id, coalesce(e.page_name, 'null'),"
                    + " coalesce(e.campaign, 'null'), coalesce(string(e.price), 'null')))")
            .collectAsList()) {
      sessions.put(row.getString(0), row.getList(1));
    }
    return sessions;
  }
}
