package io.sessionize.event;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.Failure;
import io.sessionize.session.Property;
import io.sessionize.session.PropertyType;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The table of what a change of the definition does, row by row. */
class DefinitionChangeTest {
  private static final Set<String> WEB = Set.of("web");
  private static final String FILE =
      """
      version: 1
      topics:
        web:
          records: /batch
          where: "`KIND` = 'a' OR page_name IS NOT NULL"
          event:
            uuid: [/anonymousId, /userId]
            event_id: /messageId
            event_timestamp: {at: /timestamp, as: iso8601}
            order: /seq
            page_name: /page
          properties:
            kind: /kind
            campaign: /campaign
            price: {at: /price, as: "decimal(10,2)"}
      placeholders: ["null"]
      """;
  private static final Definitions RECORDED = Definitions.NONE.with(parse(FILE));

  private static Definition parse(String file) {
    return DefinitionFile.parse("test.yaml", file).definition();
  }

  private static Definitions take(Definitions recorded, String file) {
    return new GivenDefinition(parse(file)).takenInto(recorded, WEB, true);
  }

  private static String refused(Definitions recorded, String file) {
    Failure failure = assertThrows(Failure.class, () -> take(recorded, file));
    assertEquals(Failure.Kind.USAGE, failure.kind());
    return failure.getMessage();
  }

  @Test
  void aChangeOfThePlaceholdersNamesTheRecordedOnes() {
    String message = refused(RECORDED, FILE.replace("[\"null\"]", "[]"));
    assertTrue(message.contains("Give placeholders: [\"null\"], or"), message);
  }

  @Test
  void theSameDefinitionKeepsItsNumberAndNoneIsAsRecorded() {
    assertSame(RECORDED, take(RECORDED, "# a comment\n" + FILE));
    assertSame(RECORDED, GivenDefinition.NONE.takenInto(RECORDED, WEB, true));
    assertEquals(Definition.builtIn("web"), GivenDefinition.NONE.first(WEB).inUse());
  }

  static Stream<Arguments> taken() {
    return Stream.of(
        change("added", "properties:", "properties:\n      age: {at: /age, as: long}"),
        change("removed", "      campaign: /campaign\n", ""),
        change("path", "/campaign", "/utm/campaign"),
        change("wider", "decimal(10,2)", "decimal(12,2)"),
        change("topic added", "topics:", "topics:\n  app:\n    preset: sessionize"));
  }

  private static Arguments change(String name, String from, String to) {
    assertTrue(FILE.contains(from), from);
    return Arguments.of(name, FILE.replace(from, to));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("taken")
  void isTakenInAsANewerDefinition(String name, String file) {
    Definitions after = take(RECORDED, file);
    assertEquals(2, after.number());
    assertEquals(parse(file), after.inUse());
    assertEquals(parse(FILE), after.taken().get(1));
    assertSame(after, take(after, file));
  }

  @Test
  void columnsAreInTheOrderInWhichTheyWereTakenInAndStay() {
    Definitions after =
        take(
            take(
                RECORDED,
                FILE.replace("properties:", "properties:\n      age: {at: /age, as: long}")),
            FILE.replace("campaign: /campaign", "aim: /aim").replace("(10,2)", "(12,2)"));
    assertEquals(3, after.number());
    assertEquals(
        List.of(
            new Property("campaign", PropertyType.STRING),
            new Property("kind", PropertyType.STRING),
            new Property("price", PropertyType.decimal(12, 2)),
            new Property("age", PropertyType.LONG),
            new Property("aim", PropertyType.STRING)),
        after.properties());
  }

  static Stream<Arguments> identity() {
    return Stream.of(
        change(
            "format",
            "records: /batch",
            "format: json-registry\n    registry: http://sr:8081\n    records: /batch"),
        change("records", "/batch", "/events"),
        change("where", "IS NOT NULL", "IS NULL"),
        change("uuid", "[/anonymousId, /userId]", "[/userId, /anonymousId]"),
        change("event_id", "/messageId", "/id"),
        change("event_timestamp", "iso8601", "epoch_s"),
        change("order", "/seq", "/n"),
        change("page_name", "/page", "/context/page"),
        change(
            "booking_details", "page_name: /page", "page_name: /page\n      booking_details: /b"),
        change("event_details", "page_name: /page", "page_name: /page\n      event_details: /d"),
        change("event_name", "page_name: /page", "page_name: /page\n      event_name: /n"),
        change("event_type", "page_name: /page", "page_name: /page\n      event_type: /n"),
        change("event_value", "page_name: /page", "page_name: /page\n      event_value: /n"),
        change("kind", "kind: /kind", "kind: /context/kind"),
        change("kind", "kind: /kind", "kind: {at: /kind, as: long}"),
        change("kind", "      kind: /kind\n", ""),
        change("placeholders", "\"null\"", "\"nil\""));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("identity")
  void whatAnEventIsCannotChange(String key, String file) {
    String message = refused(RECORDED, file);
    assertTrue(message.contains(key) && message.contains("--iceberg-table"), message);
  }

  @Test
  void columnsThatNoConditionNamesMayMove() {
    String file = FILE.replaceFirst("    where: .*\n", "");
    Definitions recorded = Definitions.NONE.with(parse(file));
    assertEquals(2, take(recorded, file.replace("/page", "/p").replace("/kind", "/k")).number());
  }

  @Test
  void theReadersSchemaCannotChange() {
    String file =
        """
        version: 1
        topics:
          web:
            format: avro
            registry: http://sr:8081
            schema: '{"type": "record"}'
            event: {uuid: /u, event_timestamp: /t}
        """;
    Definitions recorded = Definitions.NONE.with(parse(file));
    assertTrue(refused(recorded, file.replace("record", "map")).contains("changes schema of"));
    assertEquals(2, take(recorded, file.replace("http:", "https:")).number());
  }

  @Test
  void aTopicThatWasRemovedComesBackOnlyAsItWas() {
    String both = FILE.replace("topics:", "topics:\n  app:\n    preset: sessionize");
    Definitions removed = take(take(RECORDED, both), FILE.replace("/campaign", "/c"));
    assertEquals(4, take(removed, both.replace("/campaign", "/q")).number());
    String message =
        refused(removed, both.replace("preset: sessionize", "preset: sessionize\n    records: /e"));
    assertTrue(message.contains("records of topic app"), message);
  }

  static Stream<Arguments> columns() {
    List<Arguments> all = new ArrayList<>();
    all.add(change("other type", "decimal(10,2)", "double"));
    all.add(change("narrower", "decimal(10,2)", "decimal(9,2)"));
    all.add(change("other scale", "decimal(10,2)", "decimal(12,3)"));
    all.add(change("other case", "campaign:", "Campaign:"));
    all.add(change("a column", "campaign:", "event_id:"));
    all.add(change("a column of the table", "campaign:", "event_timestamp:"));
    all.add(change("a column in another case", "campaign:", "Event_Name:"));
    return all.stream();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("columns")
  void aColumnKeepsItsNameAndType(String name, String file) {
    assertTrue(refused(RECORDED, file).contains("name"), name);
    // Also if the property was removed in between.
    Definitions removed =
        take(
            RECORDED,
            FILE.substring(0, FILE.indexOf("      campaign:")) + "placeholders: [\"null\"]\n");
    assertEquals(2, removed.number());
    refused(removed, file);
  }

  @Test
  void anOlderDefinitionIsRefused() {
    Definitions newer = take(RECORDED, FILE.replace("/campaign", "/utm"));
    String message = refused(newer, FILE);
    assertTrue(message.contains("is definition 1") && message.contains("definition 2"), message);
  }

  @Test
  void theOnlyTopicMayHaveAnotherName() {
    UnaryOperator<String> renamed = file -> file.replace("  web:", "  mirror:");
    Set<String> mirror = Set.of("mirror");
    assertSame(
        RECORDED,
        new GivenDefinition(parse(renamed.apply(FILE))).takenInto(RECORDED, mirror, true));
    Definitions after =
        new GivenDefinition(parse(renamed.apply(FILE.replace("/campaign", "/utm"))))
            .takenInto(RECORDED, mirror, true);
    assertEquals(mirror, after.inUse().topics().keySet());
    assertEquals(1, after.using(RECORDED.name(mirror), mirror).orElseThrow().number());
    assertEquals(2, after.using(after.name(mirror), mirror).orElseThrow().number());
    assertTrue(after.using("1:other", WEB).isEmpty());
  }

  @Test
  void otherTopicsAloneAreRefused() {
    String message = refused(RECORDED, FILE.replace("  web:", "  app:"));
    assertTrue(message.contains("has the topics app, and none of"), message);
  }

  @Test
  void aDefinitionComesBackIfATopicWasDroppedSince() {
    String both = FILE.replace("placeholders:", "  app: {preset: segment}\nplaceholders:");
    Definitions after = take(take(RECORDED, both), FILE);
    assertEquals(3, after.number());
    assertEquals(3, after.using(after.name(WEB), WEB).orElseThrow().number());
    assertEquals(1, after.using(RECORDED.name(WEB), WEB).orElseThrow().number());
  }

  @Test
  void untilTheFirstRecordIsReadAnythingMayChange() {
    String other = FILE.replace("[/anonymousId, /userId]", "/user");
    assertEquals(2, new GivenDefinition(parse(other)).takenInto(RECORDED, WEB, false).number());
    refused(RECORDED, other);
  }
}
