package io.sessionize.cli;

import java.util.List;

/**
 * The options that several commands share, by topic. The DAGs have sets of the same names ({@code
 * dags/sessionize_airflow/settings.py}); {@code DagOptionsTest} compares them.
 */
enum OptGroup implements Opts {
  /** How to connect to Kafka. */
  BROKERS(Opt.KAFKA_SERVERS, Opt.KAFKA_PROPERTIES),
  /** The topic to read, and how to connect to its brokers. */
  KAFKA(BROKERS, Opt.KAFKA_TOPIC),
  /** The tables and where they are. */
  TABLES(Opt.ICEBERG_DATABASE, Opt.ICEBERG_TABLE, Opt.WAREHOUSE),
  /** What makes two events one session. */
  RULES(
      Opt.INACTIVITY_TIMEOUT, Opt.MAX_SESSION_DURATION, Opt.BOUNDARY_RULE, Opt.END_SESSION_ON_PAGE),
  /** Which event times a record may have. */
  EVENT_TIMES(Opt.LATE_HORIZON, Opt.CLOCK_SKEW),
  /** How the time of events decides what is read and closed. */
  LATENESS(Opt.WATERMARK_DELAY, EVENT_TIMES),
  /** How a run reads the topic. */
  READING(
      Opt.CHECKPOINT_LOCATION,
      Opt.MAX_OFFSETS_PER_TRIGGER,
      Opt.MAX_BYTES_PER_TRIGGER,
      Opt.STOP_AFTER,
      Opt.FAIL_ON_DATA_LOSS),
  /** How a continuous run repeats its runs, and maintains the tables between them. */
  CONTINUOUS(Opt.TRIGGER, Opt.MAX_WAIT, Opt.MAINTAIN_EVERY, Opt.KEEP_HISTORY, Opt.KEEP_TAGS),
  /** How rows are printed. */
  ROWS(Opt.FORMAT, Opt.OUTPUT, Opt.CSV_RAW, Opt.WIDE, Opt.NO_TRUNCATE),
  /** The settings of Spark, and of the catalog. */
  SPARK(Opt.SPARK_CONF, Opt.SPARK_PROPERTIES),
  /** The files that report what a command did. */
  REPORTS(Opt.REPORT, Opt.METRICS_FILE),
  /** The log, and help. Every command has these options. */
  LOGGING(Opt.LOG_LEVEL, Opt.VERBOSE, Opt.QUIET, Opt.HELP);

  private final List<Opt> list;

  OptGroup(Opts... parts) {
    list = Opts.join(parts);
  }

  @Override
  public List<Opt> list() {
    return list;
  }
}
