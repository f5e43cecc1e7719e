package io.sessionize.event;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A key of a definition file. The parser, the reference and the JSON Schema of the file use this
 * list.
 */
public enum DefinitionKey {
  VERSION(Section.FILE, "version", Type.VERSION, true, "version of the form of the file: 1"),
  TOPICS(Section.FILE, "topics", Type.TOPICS, true, "the mapping of each topic, by its name"),
  PLACEHOLDERS(
      Section.FILE,
      "placeholders",
      Type.TEXTS,
      false,
      "texts that are no user's id; default: null, undefined and the UUID of zeros; none if all topics"
          + " have the preset sessionize"),
  SESSION(
      Section.FILE,
      "session",
      Type.SESSION,
      false,
      "columns and rules of sessions; default: as recorded with the tables"),

  FORMAT(Section.TOPIC, "format", Type.FORMAT, false, "format of a record's value; default: json"),
  REGISTRY(
      Section.TOPIC,
      "registry",
      Type.URL,
      false,
      "URL of the schema registry, or several with commas between; only avro needs it"),
  SCHEMA(
      Section.TOPIC,
      "schema",
      Type.SCHEMA,
      false,
      "the reader's schema of avro: aliases and defaults; default: each record's own schema"),
  PRESET(
      Section.TOPIC, "preset", Type.PRESET, false, "a bundled mapping; it gives what is not here"),
  RECORDS(
      Section.TOPIC,
      "records",
      Type.POINTER,
      false,
      "the array of events in a record; default: a record is one event"),
  WHERE(
      Section.TOPIC,
      "where",
      Type.SQL,
      false,
      "a condition on the columns of an event; other events are left out"),
  EVENT(Section.TOPIC, "event", Type.EVENT, false, "where the columns of an event are"),
  PROPERTIES(
      Section.TOPIC, "properties", Type.PROPERTIES, false, "columns of your own, by their names"),

  UUID(
      Section.EVENT,
      "uuid",
      Type.PLACES,
      true,
      "the user's id: the first that is there, not blank and no placeholder"),
  EVENT_ID(
      Section.EVENT, "event_id", Type.PLACE, false, "the event's id; default: its place in Kafka"),
  EVENT_TIMESTAMP(Section.EVENT, "event_timestamp", Type.TIME, true, "when the event happened"),
  ORDER(Section.EVENT, "order", Type.PLACE, false, "a whole number that orders events of one time"),
  PAGE_NAME(Section.EVENT, "page_name", Type.PLACE, false, "the page"),
  BOOKING_DETAILS(Section.EVENT, "booking_details", Type.PLACE, false, "any value"),
  EVENT_DETAILS(
      Section.EVENT,
      "event_details",
      Type.PLACE,
      false,
      "an object with event_name, event_type and event_value; instead of the three"),
  EVENT_NAME(Section.EVENT, "event_name", Type.PLACE, false, "what the user did"),
  EVENT_TYPE(Section.EVENT, "event_type", Type.PLACE, false, "its kind"),
  EVENT_VALUE(Section.EVENT, "event_value", Type.PLACE, false, "any value"),

  PLACE_AT(Section.PLACE, "at", Type.POINTER, true, "the value"),
  PLACE_IN(Section.PLACE, "in", Type.IN, false, "where the pointer starts; default: event"),

  TIME_AT(Section.TIME, "at", Type.POINTER, false, "the time"),
  TIME_IN(Section.TIME, "in", Type.IN, false, "where the pointer of at starts; default: event"),
  TIME_CREATED(
      Section.TIME,
      "created",
      Type.PLACE,
      false,
      "instead of at: when it happened, by the clock of the device"),
  TIME_SENT(
      Section.TIME, "sent", Type.PLACE, false, "when it was sent, by the clock of the device"),
  TIME_RECEIVED(
      Section.TIME,
      "received",
      Type.PLACE,
      false,
      "when it was received, by the clock of the receiver"),
  TIME_AS(
      Section.TIME,
      "as",
      Type.TIME_FORMATS,
      false,
      "the format, or a list that is tried in order; default: epoch_ms"),

  PROPERTY_AT(Section.PROPERTY, "at", Type.POINTER, true, "the value"),
  PROPERTY_IN(Section.PROPERTY, "in", Type.IN, false, "where the pointer starts; default: event"),
  PROPERTY_AS(
      Section.PROPERTY, "as", Type.PROPERTY_TYPE, false, "the column's type; default: string"),
  PROPERTY_FORMAT(
      Section.PROPERTY,
      "format",
      Type.TIME_FORMATS,
      false,
      "of a timestamp: the format, or a list that is tried in order; default: iso8601"),

  COLUMNS(Section.SESSION, "columns", Type.COLUMNS, false, "session columns, by their names"),
  INCLUDE(Section.SESSION, "include", Type.COLUMN_SETS, false, "bundled sets of session columns"),
  WEB(Section.SESSION, "web", Type.WEB, false, "what the set web has to know of the site"),
  RULES(Section.SESSION, "rules", Type.RULES, false, "where a session ends"),

  WEB_VIEWS(
      Section.WEB,
      "views",
      Type.TEXTS,
      false,
      "names of the events that are views; default: each event with a page is one"),
  WEB_KEY_EVENTS(
      Section.WEB,
      "key_events",
      Type.TEXTS,
      false,
      "names of the events that are conversions; default: purchase"),
  WEB_OWN_HOSTS(
      Section.WEB,
      "own_hosts",
      Type.TEXTS,
      false,
      "hosts of the site; a referrer from one of them, or from a subdomain, is internal"),
  WEB_ACTIVE_CAP(
      Section.WEB,
      "active_cap",
      Type.DURATION,
      false,
      "the longest pause between two events that counts as active time; default: 5m"),

  RULE_PRESET(
      Section.RULES,
      "preset",
      Type.RULE_PRESET,
      false,
      "bundled rules; they give what is not here"),
  RULE_TIMEOUT(
      Section.RULES,
      "inactivity_timeout",
      Type.DURATION,
      false,
      "a longer pause ends a session; as --inactivity-timeout"),
  RULE_MAXIMUM(
      Section.RULES,
      "max_duration",
      Type.DURATION,
      false,
      "no session is longer; as --max-session-duration"),
  RULE_MAX_EVENTS(
      Section.RULES,
      "max_events",
      Type.NUMBER,
      false,
      "no session has more events, but those of one time stay together"),
  RULE_CHANGES(
      Section.RULES,
      "changes",
      Type.TEXTS,
      false,
      "properties; one that changes from a known value to another begins a session"),
  RULE_DAY_IN(
      Section.RULES,
      "day_in",
      Type.TEXT,
      false,
      "a time zone, such as Europe/Berlin; each of its days begins a session"),
  RULE_STARTS(
      Section.RULES, "starts", Type.SQL, false, "a condition on the event that begins a session"),
  RULE_ENDS(
      Section.RULES,
      "ends",
      Type.SQL,
      false,
      "a condition on an event; a session ends after a moment with one that matches"),
  RULE_CLASS(Section.RULES, "class", Type.TEXT, false, "a class that decides; as --boundary-rule"),
  RULE_END_PAGES(
      Section.RULES,
      "end_session_on_page",
      Type.TEXTS,
      false,
      "pages that end a session; as --end-session-on-page");

  /** Parts of a file that have keys of their own. */
  public enum Section {
    FILE("the file"),
    /** One topic, or a preset. */
    TOPIC("a topic"),
    /** The columns of an event. */
    EVENT("event"),
    /** A place that is more than a pointer. */
    PLACE("a place"),
    /** The time of an event, if it is more than a pointer. */
    TIME("event_timestamp"),
    /** A property, if it is more than a pointer. */
    PROPERTY("a property"),
    SESSION("session"),
    /** Settings of the set web. */
    WEB("session.web"),
    RULES("session.rules");

    private final String text;

    Section(String text) {
      this.text = text;
    }

    /** What has its keys, for messages. */
    String text() {
      return text;
    }

    /** Its keys, in the order of the list. */
    public List<DefinitionKey> keys() {
      return Arrays.stream(DefinitionKey.values()).filter(key -> key.section == this).toList();
    }

    Optional<DefinitionKey> key(String name) {
      return keys().stream().filter(key -> key.text.equals(name)).findFirst();
    }
  }

  /** What the value of a key is. */
  public enum Type {
    /** The number 1. */
    VERSION("`1`"),
    /** Names of topics with a {@link Section#TOPIC} each. */
    TOPICS("section"),
    TEXTS("list of texts"),
    /** Texts of {@link TopicDefinition.Format}. */
    FORMAT("`json`, `json-registry` or `avro`"),
    URL("URL"),
    /** JSON, or a file's name, which is relative to the folder of the definition. */
    SCHEMA("file of an Avro schema, or its JSON"),
    /** Names of {@link DefinitionFile#PRESETS}. */
    PRESET("name"),
    POINTER("JSON Pointer"),
    SQL("Spark SQL"),
    /** A {@link Section#EVENT}. */
    EVENT("section"),
    /** Names with a pointer or a {@link Section#PROPERTY} each. */
    PROPERTIES("section"),
    /** A pointer, or a {@link Section#PLACE}. */
    PLACE("place"),
    /** A place, or a list of places. */
    PLACES("place, or a list"),
    /** A pointer, or a {@link Section#TIME}. */
    TIME("place, or a time"),
    IN("`event` or `record`"),
    /** A text of {@link TopicDefinition.TimeFormat}, or a list of them. */
    TIME_FORMATS("`epoch_ms`, `epoch_s`, `epoch_us` or `iso8601`, or a list"),
    /** A text of {@link io.sessionize.session.PropertyType}. */
    PROPERTY_TYPE("`string`, `long`, `double`, `boolean`, `decimal(p,s)` or `timestamp`"),
    /** A {@link Section#SESSION}. */
    SESSION("section"),
    /** Names with SQL each. */
    COLUMNS("names with Spark SQL"),
    /** A name of a bundled set, or a list of them. */
    COLUMN_SETS("`web`, or a list"),
    /** A {@link Section#WEB}. */
    WEB("section"),
    /** A {@link Section#RULES}. */
    RULES("section"),
    /** A name of {@link RulesSection#PRESETS}. */
    RULE_PRESET("`ga4` or `matomo`"),
    TEXT("text"),
    NUMBER("whole number from 1 on"),
    /** A number with a unit. */
    DURATION("time such as `90s` or `5m`");

    private final String text;

    Type(String text) {
      this.text = text;
    }

    /** The type as the reference writes it. */
    public String text() {
      return text;
    }
  }

  private final Section section;
  private final String text;
  private final Type type;
  private final boolean required;
  private final String description;

  DefinitionKey(Section section, String text, Type type, boolean required, String description) {
    this.section = section;
    this.text = text;
    this.type = type;
    this.required = required;
    this.description = description;
  }

  /** The key as a file writes it. */
  public String text() {
    return text;
  }

  public Type type() {
    return type;
  }

  /** Whether its section must have it. A preset may give it. */
  public boolean required() {
    return required;
  }

  /** What it is, in one line of Markdown without a full stop. */
  public String description() {
    return description;
  }
}
