package io.sessionize.cli;

import java.time.temporal.ChronoUnit;
import java.util.Locale;

/**
 * The one list of options: name, argument, default, unit and sentence. {@code --help}, the README's
 * table and the parser all come from it.
 */
public enum Opt {
  KAFKA_SERVERS(
      "HOST:PORT,...", "localhost:9092", "Kafka bootstrap servers", "KAFKA_BOOTSTRAP_SERVERS"),
  KAFKA_TOPIC("NAME", "clickstream-events", "Kafka topic to read"),
  KAFKA_PROPERTIES("FILE", null, "more Kafka client settings (SASL, TLS), as a properties file"),
  ICEBERG_DATABASE("NAME", "sessions", "Iceberg database"),
  ICEBERG_TABLE(
      "NAME",
      "user_sessions",
      "Iceberg table; staging, rejected events and the live view are named after it"),
  WAREHOUSE(
      "DIR", "./warehouse", "where the embedded catalog and its tables lie", "ICEBERG_WAREHOUSE"),
  CHECKPOINT_LOCATION(
      "DIR", null, "Spark's checkpoint (default: <warehouse>/_checkpoints/<database>.<table>)"),
  INACTIVITY_TIMEOUT(ChronoUnit.MINUTES, "30", "longest pause within a session"),
  MAX_SESSION_DURATION(ChronoUnit.HOURS, "2", "longest session"),
  BOUNDARY_RULE("CLASS", null, "class of one's own that says where else a session ends"),
  END_SESSION_ON_PAGE("PAGE,...", null, "pages that end a session, such as logout"),
  WATERMARK_DELAY(
      ChronoUnit.MINUTES, "10", "how long to wait for events before a session is closed"),
  LATE_HORIZON(
      ChronoUnit.DAYS,
      null,
      "events earlier than their own Kafka record by more than this are kept as rejected; without it none is"),
  CLOCK_SKEW(
      ChronoUnit.MINUTES, "10", "how far an event may lie in the future of its own Kafka record"),
  MAX_OFFSETS_PER_TRIGGER("N", null, "most records in one batch; without it a run is one batch"),
  FAIL_ON_DATA_LOSS(
      "true|false",
      "true",
      "whether to fail where Kafka has deleted what was not read yet; false goes on and records the gap"),
  TRIGGER(
      ChronoUnit.SECONDS,
      null,
      "run continuously, looking for new records this often, until SIGTERM"),
  RUN_TIME("INSTANT", null, "the run's clock, such as 2026-11-22T10:00:00Z (default: now)"),
  TEST_MODE("process the bundled sample events into a throw-away warehouse, without Kafka"),
  FROM(
      "POINT",
      null,
      "where to begin. backfill: 0:100,1:50, or Spark's {\"TOPIC\":{\"0\":100}}, or earliest."
          + " audit diff: a snapshot id, a tag, 2026-11-22T10:00:00Z, or the end of a day:"
          + " 2026-11-22, yesterday"),
  TO(
      "POINT",
      null,
      "where to end, like --from. backfill: not included, or latest. audit diff: now where it is not given"),
  FROM_TIME("INSTANT", null, "begin with the first records sent at or after this time"),
  TO_TIME("INSTANT", null, "end before the first records sent at or after this time"),
  FROM_DATE("DATE", null, "first UTC day on which sessions begin, such as 2026-11-22"),
  TO_DATE("DATE", null, "last UTC day on which sessions begin"),
  WHAT_IF("leave the table alone, keep the result on its branch what_if, and say what differs"),
  USER("UUID", null, "restrict to this user; may be given more than once"),
  DRY_RUN("say what would change, and write nothing"),
  KEEP_SNAPSHOTS(ChronoUnit.DAYS, "7", "how long every state of the tables can be gone back to"),
  KEEP_TAGS(ChronoUnit.DAYS, "90", "how long the last state of each day can be gone back to"),
  RUN("SNAPSHOT", null, "the run that made this snapshot of the sessions table, or a run's id"),
  LAST("N", "1", "how many runs, the newest first; snapshots of one run count once"),
  REPORT("FILE", null, "write what the run did as JSON"),
  METRICS_FILE(
      "FILE", null, "write the same as OpenMetrics text, for Prometheus' textfile collector"),
  HTML("FILE", null, "where the page goes"),
  FUNNEL(
      "PAGE,...",
      "home,search,selection,review,booking,confirmation",
      "pages of a conversion, in their order"),
  FORMAT(
      "table|json|jsonl|csv", "table", "how to print: status as table or json, rows as the others"),
  FILE("f", "FILE", null, null, "read the statement from a file", null),
  TOPIC("NAME", "clickstream-events", "Kafka topic to write; made when it does not exist"),
  PARTITIONS("N", "4", "partitions of a topic that does not exist yet"),
  NUM_USERS("N", "10", "users who browse at the same time"),
  RATE("N", "5", "events per second, of all users together"),
  DURATION(ChronoUnit.MINUTES, null, "how long to produce (default: until Ctrl-C)"),
  SAMPLE("print a sample of events instead of sending them; needs no Kafka"),
  FROM_FILE("FILE", null, "send this file's lines as they are, in file order, keyed by their uuid"),
  SEED("N", null, "seed of the generator, to get the same journeys again"),
  SPARK_CONF("KEY=VALUE", null, "Spark configuration; may be given more than once"),
  LOG_LEVEL("DEBUG|INFO|WARNING|ERROR", "INFO", "how much to log"),
  VERBOSE("log to stderr too"),
  HELP("show this help");

  private final String shortName;
  private final String argument;
  private final String defaultValue;
  private final ChronoUnit unit;
  private final String sentence;
  private final String environment;

  Opt(
      String shortName,
      String argument,
      String defaultValue,
      ChronoUnit unit,
      String sentence,
      String environment) {
    this.shortName = shortName;
    this.argument = argument;
    this.defaultValue = defaultValue;
    this.unit = unit;
    this.sentence = sentence;
    this.environment = environment;
  }

  Opt(String argument, String defaultValue, String sentence) {
    this(null, argument, defaultValue, null, sentence, null);
  }

  Opt(String argument, String defaultValue, String sentence, String environment) {
    this(null, argument, defaultValue, null, sentence, environment);
  }

  Opt(ChronoUnit unit, String defaultValue, String sentence) {
    this(null, "TIME", defaultValue, unit, sentence, null);
  }

  Opt(String sentence) {
    this(null, null, null, null, sentence, null);
  }

  /** The long name, without dashes. */
  public String longName() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** The one-letter name, or null. */
  public String shortName() {
    return shortName;
  }

  /** What the argument is called, or null for a flag. */
  public String argument() {
    return argument;
  }

  /** The unit of a bare number, for times; else null. */
  public ChronoUnit unit() {
    return unit;
  }

  /** The value where neither the command line nor the environment gives one, or null. */
  public String defaultValue() {
    return defaultValue;
  }

  /** The environment variable that overrides the default, or null. */
  public String environment() {
    return environment;
  }

  /** What it does, with unit and default. */
  public String help() {
    StringBuilder help = new StringBuilder(sentence);
    if (unit != null) {
      help.append("; a bare number means ").append(unit.toString().toLowerCase(Locale.ROOT));
    }
    if (defaultValue != null) {
      help.append(" (default: ").append(defaultValue);
      help.append(environment == null ? ")" : ", or $" + environment + ")");
    }
    return help.toString();
  }
}
