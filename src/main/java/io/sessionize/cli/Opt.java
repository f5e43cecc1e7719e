package io.sessionize.cli;

import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;

/**
 * Defines every option: name, argument, default, unit and help text. {@code --help}, the tables in
 * the documents and the parser use these definitions.
 */
public enum Opt implements Opts {
  KAFKA_SERVERS(
      "HOST:PORT,...", "localhost:9092", "Kafka bootstrap servers", "KAFKA_BOOTSTRAP_SERVERS"),
  KAFKA_TOPIC(
      "NAME",
      "clickstream-events",
      "Kafka topic to read; without it, the topics of --definition, else those that the tables"
          + " record"),
  KAFKA_PROPERTIES("FILE", null, "properties file with more Kafka client settings (SASL, TLS)"),
  ICEBERG_DATABASE("NAME", "sessions", "Iceberg database"),
  ICEBERG_TABLE(
      "NAME",
      "user_sessions",
      "sessions table; the names of the staging table, the rejected table and the live view derive"
          + " from it"),
  WAREHOUSE(
      "DIR", "./warehouse", "folder of the embedded catalog and its tables", "ICEBERG_WAREHOUSE"),
  CHECKPOINT_LOCATION(
      "DIR",
      null,
      "folder of Spark's checkpoint (default: <warehouse>/_checkpoints/<database>.<table>)"),
  INACTIVITY_TIMEOUT(ChronoUnit.MINUTES, "longest pause within a session", Recorded.or("30")),
  MAX_SESSION_DURATION(ChronoUnit.HOURS, "longest session", Recorded.or("2")),
  BOUNDARY_RULE(
      "CLASS",
      "custom BoundaryRule class, which ends sessions at more places; '' for none",
      Recorded.or("none")),
  END_SESSION_ON_PAGE(
      "PAGE,...", "pages that end a session, such as logout; '' for none", Recorded.or("none")),
  DEFINITION(
      "FILE",
      "YAML file that says how records become events. run, backfill, rejected retry: take in what"
          + " has changed. recompute: takes in its rules and session columns; all else must be as"
          + " recorded. try, produce: without it, the built-in one",
      Recorded.or("the built-in one")),
  WATERMARK_DELAY(
      ChronoUnit.MINUTES, "10", "how long to wait for events before a session is closed"),
  LATE_HORIZON(
      ChronoUnit.DAYS,
      null,
      "events that are earlier than their own Kafka record by more than this are rejected; without"
          + " it, no event is too early"),
  CLOCK_SKEW(ChronoUnit.MINUTES, "10", "how much later than its own Kafka record an event may be"),
  MAX_OFFSETS_PER_TRIGGER(
      "N", null, "maximum number of records in a batch; without it, a run is one batch"),
  MAX_BYTES_PER_TRIGGER(
      "N",
      "8589934592",
      "maximum bytes of a batch's records, decompressed, in one process; a batch that has more is"
          + " read in parts, each with its own commit"),
  STOP_AFTER(
      ChronoUnit.MINUTES,
      null,
      "end with the batch in which this time has passed since the start; the next run reads the"
          + " rest. Without --max-offsets-per-trigger, a run is one batch"),
  FAIL_ON_DATA_LOSS(
      "true|false",
      "true",
      "whether to fail if Kafka deleted offsets before they were read; false continues and records"
          + " the lost offsets"),
  TRIGGER(
      ChronoUnit.SECONDS,
      null,
      "run continuously and look for new records at this interval, until SIGTERM"),
  MAX_WAIT(
      ChronoUnit.MINUTES,
      "30",
      "with --trigger: how long to wait for a broker, catalog or store that is away, or for another"
          + " writer, with growing pauses; then end with 5 or 4. 0 to end at once"),
  MAINTAIN_EVERY(
      ChronoUnit.MINUTES,
      "10",
      "with --trigger: how often to expire snapshots and to compact small files, in short steps"
          + " between the batches. 0 to leave this to maintain"),
  KEEP_HISTORY(
      ChronoUnit.HOURS,
      "1",
      "with --trigger: retention of snapshots. Tags keep one of each hour for a day, and one of"
          + " each day for --keep-tags"),
  SET_ASIDE_USERS(
      "FILE",
      null,
      "file of exactly the users to set aside, one id a line: all their records are rejected;"
          + " without it, the users that the tables record"),
  MAX_REJECTED(
      "SHARE",
      null,
      "greatest share of rejected elements (records, or elements of batches of events) of a batch,"
          + " such as 5%. If more are rejected, the run ends with 3 before it publishes the batch."
          + " Batches of fewer than 1,000 elements always pass; without the option, all do"),
  ACCEPT_REJECTED("this time, publish each batch, however many of its elements are rejected"),
  RUN_TIME("INSTANT", null, "the run's clock, such as 2026-11-22T10:00:00Z (default: now)"),
  DROP_TOPIC(
      "NAME",
      null,
      "end reading this topic, which the tables record; its events stay. May be given more than"
          + " once"),
  REBIND_TOPIC(
      "bind the tables to the topic given, beginning at --from: for a mirror, a restored topic or"
          + " another cluster. Of several topics, those that --from names"),
  YES(
      "do not ask. run --rebind-topic: accept that events without event_id may count twice; drop:"
          + " remove the tables"),
  TEST_MODE("process the bundled sample events into a temporary warehouse, without Kafka"),
  FROM(
      "POINT",
      null,
      "where to begin. backfill, run --rebind-topic: 0:100,1:50, or with the topic"
          + " web:0:100,app:0:50, or Spark's {\"TOPIC\":{\"0\":100}}, or earliest. recover: the"
          + " same, for the first records that the tables do not hold; in doubt, earliest. audit"
          + " diff: a snapshot id, a tag, 2026-11-22T10:00:00Z, or the end of a day: 2026-11-22,"
          + " yesterday"),
  TO(
      "POINT",
      null,
      "where to end, like --from. backfill: exclusive; also latest. audit diff: now if it is not"
          + " given"),
  FROM_TIME("INSTANT", null, "begin with the first records sent at or after this time"),
  TO_TIME("INSTANT", null, "end before the first records sent at or after this time"),
  FROM_DATE("DATE", null, "first UTC day of session starts, such as 2026-11-22"),
  TO_DATE("DATE", null, "last UTC day of session starts"),
  WHAT_IF("leave the table unchanged, and show the differences"),
  COLUMNS_ONLY(
      "change no session, and fill the session columns that are new or have changed, day by day;"
          + " an interrupted one goes on where it was"),
  KEEP_BRANCH("with --what-if: keep the result on the table's branch what_if for 7 days"),
  USER("UUID", null, "only this user. backfill, recompute: may be given more than once"),
  USERS_FILE(
      "FILE",
      null,
      "file of users to restrict to, one id a line: other users of the machine can read a --user"),
  NO_IDS(
      "print no id of a session or user, for example into the log of a scheduler: the rows that"
          + " check finds become counts"),
  DRY_RUN("show what would change, and write nothing"),
  KEEP_SNAPSHOTS(ChronoUnit.DAYS, "7", "retention of snapshots (time travel to every run)"),
  KEEP_TAGS(
      ChronoUnit.DAYS, "90", "retention of daily tags (time travel to the last state of each day)"),
  RUN(
      "SNAPSHOT",
      null,
      "the run to prove: a snapshot of the sessions table that it made, or its run id"),
  LAST(
      "N",
      null,
      "how many runs, newest first; all snapshots of a run count as one. audit prove: the runs to"
          + " prove (default: 1). check: check only what these runs changed, and the neighbours."
          + " try: the newest offsets of each partition (default: 1000)"),
  SINCE(
      ChronoUnit.HOURS,
      null,
      "audit prove: all runs that published within this time, such as 24h, instead of --last."
          + " rejected: only records that were rejected within it"),
  REASON("REASON", null, "only records that were rejected for this reason, such as malformed"),
  SAMPLES("N", null, "list the newest N records of each reason and topic, instead of counts"),
  VALUES("with --samples: show the beginning of each value too, which is data of a user"),
  CHECK("after the last commit, check what the run changed, as check --last 1 does"),
  REPORT("FILE", null, "write a report of what the command did, as JSON"),
  METRICS_FILE(
      "FILE",
      null,
      "write the numbers of the command as OpenMetrics text, for the textfile collector of"
          + " Prometheus"),
  MAX_LAG("N", null, "end with 1 if more offsets than this wait for the next run"),
  MAX_BEHIND(
      ChronoUnit.HOURS,
      null,
      "end with 1 if a record that was sent longer ago than this has not been read"),
  HTML("FILE", null, "HTML page to write. recompute: needs --what-if"),
  FUNNEL(
      "PAGE,...",
      "home,search,selection,review,booking,confirmation",
      "pages of a conversion, in order"),
  FORMAT(
      "table|json|jsonl|csv",
      "table",
      "output format; jsonl has one JSON object a line. As rows, status has its partitions, explain"
          + " its events, and audit prove its runs. try: table or json"),
  OUTPUT(
      "FILE",
      null,
      "write the rows to this file; its ending is the format: .csv, .json, .jsonl or .parquet"),
  CSV_RAW(
      "with CSV: texts unchanged. Without it, a text that a spreadsheet would run begins with ',"
          + " and control characters are escaped"),
  WIDE("tables with one line a row, also where the terminal is narrower"),
  NO_TRUNCATE("tables with whole cells; without it, a cell shows 200 characters"),
  PARAM(
      "NAME=VALUE",
      null,
      "value of the parameter :NAME of the statement, a text; a,b is an array of texts; may be"
          + " given more than once"),
  WRITE("allow a statement that is no query, such as DELETE or CALL"),
  LIMIT("N", "1000", "the greatest number of events to show, the newest ones"),
  FILE("f", "FILE", null, null, "read the statement from a file", null),
  TOPIC(
      "NAME",
      null,
      "produce: Kafka topic to write, created if it does not exist (default: the topic of"
          + " --definition, else clickstream-events). rejected: only records of this topic"),
  PARTITIONS("N", "4", "number of partitions of a created topic"),
  NUM_USERS("N", "10", "number of users who browse at the same time"),
  RATE("N", "5", "events per second, of all users together"),
  DURATION(ChronoUnit.MINUTES, null, "how long to produce (default: until Ctrl-C)"),
  SAMPLE("print a sample of events instead of sending them; needs no Kafka"),
  FROM_FILE(
      "FILE",
      null,
      "produce: send the lines of this file unchanged, in file order, with their uuid as the key:"
          + " where --definition finds it, else the field uuid. try: read the records of this file,"
          + " one a line; - is the standard input"),
  SEED("N", null, "seed of the generator; the same seed gives the same journeys"),
  SPARK_CONF("KEY=VALUE", null, "Spark setting; may be given more than once"),
  SPARK_PROPERTIES(
      "FILE", null, "properties file with more Spark settings, such as a catalog's credential"),
  LOG_LEVEL("DEBUG|INFO|WARNING|ERROR", "INFO", "lowest level to log"),
  VERBOSE("also log to stderr"),
  QUIET("no progress and no warnings on stderr, only the line of a failure"),
  HELP("show this help");

  /**
   * The value that is recorded in the tables.
   *
   * @param newTables the value for new tables, as help shows it
   */
  private record Recorded(String newTables) {
    static Recorded or(String newTables) {
      return new Recorded(newTables);
    }
  }

  private final String shortName;
  private final String argument;
  private final String defaultValue;
  private final ChronoUnit unit;
  private final String sentence;
  private final String environment;
  private final Recorded recorded;

  Opt(
      String shortName,
      String argument,
      String defaultValue,
      ChronoUnit unit,
      String sentence,
      String environment,
      Recorded recorded) {
    this.shortName = shortName;
    this.argument = argument;
    this.defaultValue = defaultValue;
    this.unit = unit;
    this.sentence = sentence;
    this.environment = environment;
    this.recorded = recorded;
  }

  Opt(
      String shortName,
      String argument,
      String defaultValue,
      ChronoUnit unit,
      String sentence,
      String environment) {
    this(shortName, argument, defaultValue, unit, sentence, environment, null);
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

  Opt(ChronoUnit unit, String sentence, Recorded recorded) {
    this(null, "TIME", null, unit, sentence, null, recorded);
  }

  Opt(String argument, String sentence, Recorded recorded) {
    this(null, argument, null, null, sentence, null, recorded);
  }

  Opt(String sentence) {
    this(null, null, null, null, sentence, null);
  }

  @Override
  public List<Opt> list() {
    return List.of(this);
  }

  /** Returns the long name, without dashes. */
  public String longName() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Returns the one-letter name, or null. */
  public String shortName() {
    return shortName;
  }

  /** Returns the name of the argument, or null for a flag. */
  public String argument() {
    return argument;
  }

  /** Returns the unit of a bare number if the argument is a time; else null. */
  public ChronoUnit unit() {
    return unit;
  }

  /** Returns the value if neither the command line nor the environment gives one, or null. */
  public String defaultValue() {
    return defaultValue;
  }

  /** Returns the environment variable that overrides the default, or null. */
  public String environment() {
    return environment;
  }

  /** Returns the help text, with unit and default. */
  public String help() {
    StringBuilder help = new StringBuilder(sentence);
    if (unit != null) {
      help.append("; a bare number means ").append(unit.toString().toLowerCase(Locale.ROOT));
    }
    if (defaultValue != null) {
      help.append(" (default: ").append(defaultValue);
      help.append(environment == null ? ")" : ", or $" + environment + ")");
    }
    if (recorded != null) {
      help.append(" (default: as recorded; ")
          .append(recorded.newTables())
          .append(" for new tables)");
    }
    return help.toString();
  }
}
