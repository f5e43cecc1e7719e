package io.sessionize.trial;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.sessionize.event.Decoded;
import io.sessionize.event.Decoded.Reason;
import io.sessionize.event.Decoded.Rejected;
import io.sessionize.event.Decoded.Valid;
import io.sessionize.event.Definition;
import io.sessionize.event.KafkaRecord;
import io.sessionize.event.Limits;
import io.sessionize.event.PropertyMapping;
import io.sessionize.event.RecordDecoder;
import io.sessionize.event.RecordFormat;
import io.sessionize.event.TopicDefinition;
import io.sessionize.event.TopicDefinition.EventMapping;
import io.sessionize.event.TopicDefinition.Format;
import io.sessionize.event.TopicDefinition.Place;
import io.sessionize.event.TopicDefinition.TimeFormat;
import io.sessionize.event.TopicDefinition.TimeMapping;
import io.sessionize.session.Event;
import io.sessionize.session.EventTests;
import io.sessionize.session.PropertyType;
import io.sessionize.session.Rules;
import io.sessionize.session.Session;
import io.sessionize.trial.TriedTopic.Rejection;
import io.sessionize.trial.TriedTopic.Unfit;
import io.sessionize.trial.TriedTopic.UnusedField;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class TrialTest {
  private static final String TOPIC = "clicks";
  private static final long NOON = 1_772_452_800_000L;

  private long offset;

  @Test
  void eachRecordIsCountedOnceAndEachReasonHasItsFirstRecord() {
    Trial trial = builtIn();
    add(trial, click("ann", NOON, "home"));
    add(trial, "{\"event_timestamp\":1}");
    add(trial, "no json");
    add(trial, "{\"uuid\":\"\",\"event_timestamp\":1}");
    add(trial, (byte[]) null);
    TriedTopic topic = trial.result(Trial.Filter.NONE).topics().get(0);
    assertEquals(5, topic.records());
    assertEquals(1, topic.events());
    assertEquals(4, topic.rejections());
    assertEquals(
        List.of(
            new Rejection(
                Reason.MALFORMED, 2, "line 3", topic.rejected().get(0).detail(), "no json"),
            new Rejection(
                Reason.MISSING_UUID,
                2,
                "line 2",
                "uuid is missing or blank",
                "{\"event_timestamp\":1}")),
        topic.rejected());
  }

  @Test
  void aTombstoneHasNoValue() {
    Trial trial = builtIn();
    add(trial, (byte[]) null);
    assertEquals(null, trial.result(Trial.Filter.NONE).topics().get(0).rejected().get(0).value());
  }

  @Test
  void sessionsAreThoseOfTheRulesAndCopiesCountOnce() {
    Trial trial = builtIn();
    add(trial, click("bob", NOON, "home"));
    add(trial, click("ann", NOON + 60_000, "home"));
    add(trial, click("ann", NOON + 60_000, "home"));
    add(trial, click("ann", NOON + 60_000, "search"));
    add(trial, click("ann", NOON + 60_000 + 30 * 60_000, "basket"));
    add(trial, click("ann", NOON + 60_000 + 61 * 60_000, "paid"));
    Tried tried = trial.result(Trial.Filter.NONE);
    assertEquals(2, tried.users());
    assertEquals(4, tried.events());
    assertEquals(2, tried.duplicates());
    assertEquals(4, tried.topics().get(0).events());
    assertEquals(2, tried.topics().get(0).duplicates());
    assertEquals(1, tried.conflictingCopies());
    assertEquals(
        List.of("bob [home]", "ann [home, basket]", "ann [paid]"),
        tried.sessions().stream().map(TrialTest::shown).toList());
  }

  private static String shown(Session session) {
    return session.uuid() + " " + session.pagesVisited();
  }

  @Test
  void whatTheFilterLeavesOutIsInNoSession() {
    Trial trial = builtIn();
    add(trial, click("ann", NOON, "home"));
    add(trial, click("ann", NOON + 1, "ad"));
    Tried tried =
        trial.result(
            (topic, events) ->
                events.stream().filter(event -> event.event().pageName().equals("home")).toList());
    assertEquals(1, tried.topics().get(0).events());
    assertEquals(1, tried.topics().get(0).filtered());
    assertEquals(1, tried.sessions().get(0).events().size());
  }

  @Test
  void fieldsThatTheDefinitionDoesNotMapAreCounted() {
    Trial trial = builtIn();
    add(
        trial,
        """
        {"uuid":"ann","event_timestamp":1772452800000,"event_details":{"event_name":"buy","price":5},
         "items":[{"sku":"a"},{"sku":"b","tags":[]},{"sku":null}],"a/b":{"c~d":true},"none":null,"empty":{}}
        """);
    add(trial, "{\"uuid\":\"bob\",\"items\":[{\"sku\":\"c\"}]}");
    assertEquals(
        List.of(
            new UnusedField("/items/*/sku", false, 3, "\"a\""),
            new UnusedField("/a~1b/c~0d", false, 1, "true"),
            new UnusedField("/empty", false, 1, "{}"),
            new UnusedField("/event_details/price", false, 1, "5"),
            new UnusedField("/items/*/tags", false, 1, "[]")),
        trial.result(Trial.Filter.NONE).topics().get(0).unused());
  }

  @Test
  void aPlaceInAnArrayUsesOneElementAndAPlaceOfAnObjectAllOfIt() throws Exception {
    UnusedFields fields =
        new UnusedFields(topic(null, Map.of("first", at("/items/0/sku"), "whole", at("/context"))));
    fields.add(
        new ObjectMapper()
            .readTree("{\"items\":[{\"sku\":1},{\"sku\":2}],\"context\":{\"ip\":\"x\"}}"),
        MissingNode.getInstance());
    assertEquals(List.of(new UnusedField("/items/*/sku", false, 1, "2")), fields.list());
  }

  @Test
  void namesWithoutEndDoNotFillTheMemory() throws Exception {
    UnusedFields fields = new UnusedFields(topic(null, Map.of()));
    for (int i = 0; i < 20_000; i++) {
      fields.add(
          new ObjectMapper().createObjectNode().put("name" + i, i), MissingNode.getInstance());
    }
    assertEquals(10_000, fields.list().size());
  }

  @Test
  void inABatchPlacesStartAtTheElement() {
    TopicDefinition topic =
        topic(
            "/batch",
            Map.of(
                "price", new PropertyMapping(new Place("/price", false), PropertyType.LONG, null),
                "sent", new PropertyMapping(new Place("/sent", true), PropertyType.LONG, null)));
    Definition definition = new Definition(1, new TreeMap<>(Map.of(TOPIC, topic)), new TreeSet<>());
    Trial trial =
        new Trial(
            definition, new Batch(), any -> RecordFormat.json(), Rules.DEFAULT, EventTests.NONE);
    add(
        trial,
        """
        {"sent":"soon","key":"k","batch":[{"user":"ann","price":5},{"user":"bob","price":"x","ip":"i"},{"user":"cid"}]}
        """);
    TriedTopic tried = trial.result(Trial.Filter.NONE).topics().get(0);
    assertEquals(1, tried.records());
    assertEquals(3, tried.elements());
    assertEquals(2, tried.events());
    assertEquals(
        List.of(
            new Rejection(Reason.MISSING_TIME, 1, "line 1, element 2", "no time", "{\"user\":3}")),
        tried.rejected());
    assertEquals(
        List.of(
            new Unfit("price", PropertyType.LONG, 1, "line 1, element 1", "\"x\""),
            new Unfit("sent", PropertyType.LONG, 1, "line 1, element 1", "\"soon\"")),
        tried.unfit());
    assertEquals(
        List.of(
            new UnusedField("/ip", false, 1, "\"i\""), new UnusedField("/key", true, 1, "\"k\"")),
        tried.unused());
    assertEquals(List.of(), trial.result((name, all) -> all.subList(0, 1)).topics().get(0).unfit());
  }

  /** Two events, the second with values that do not fit, and a broken element. */
  private static final class Batch implements RecordDecoder {
    @Override
    public void decode(KafkaRecord record, Consumer<Decoded> results) {
      results.accept(new Valid("ann", new Event(NOON, "1", null, null, null), 0));
      results.accept(new Valid("bob", new Event(NOON, "2", null, null, null), 2));
      results.accept(
          new Rejected(
              Reason.MISSING_TIME, "no time", 2, "{\"user\":3}".getBytes(StandardCharsets.UTF_8)));
    }

    @Override
    public void decodeElement(KafkaRecord element, int index, Consumer<Decoded> results) {
      throw new UnsupportedOperationException();
    }
  }

  private static PropertyMapping at(String pointer) {
    return new PropertyMapping(new Place(pointer, false), PropertyType.STRING, null);
  }

  private static TopicDefinition topic(String records, Map<String, PropertyMapping> properties) {
    EventMapping event =
        new EventMapping(
            List.of(new Place("/user", false)),
            null,
            new TimeMapping(
                new Place("/at", false), null, null, null, List.of(TimeFormat.EPOCH_MS)),
            null,
            null,
            null,
            null,
            null,
            null,
            null);
    return new TopicDefinition(
        Format.JSON, null, records, null, event, new TreeMap<>(properties), null);
  }

  private static Trial builtIn() {
    return new Trial(
        Definition.builtIn(TOPIC),
        new Limits(600_000, null),
        topic -> RecordFormat.json(),
        Rules.DEFAULT,
        EventTests.NONE);
  }

  private static String click(String user, long timeMs, String page) {
    return String.format(
        "{\"uuid\":\"%s\",\"event_id\":\"%s\",\"event_timestamp\":%d,\"page_name\":\"%s\"}",
        user, "e", timeMs, page);
  }

  private void add(Trial trial, String value) {
    add(trial, value.getBytes(StandardCharsets.UTF_8));
  }

  private void add(Trial trial, byte[] value) {
    trial.add(new KafkaRecord(TOPIC, 0, offset++, -1, value), "line " + offset);
  }
}
