package io.sessionize.audit.proof;

import io.sessionize.Failure;
import io.sessionize.audit.proof.ProofReport.Evidence;
import io.sessionize.column.RecordedColumns;
import io.sessionize.event.Definitions;
import io.sessionize.event.Limits;
import io.sessionize.event.registry.RegistryAccess;
import io.sessionize.history.Commit;
import io.sessionize.history.History;
import io.sessionize.history.PastRows;
import io.sessionize.job.Input;
import io.sessionize.job.Recomputation;
import io.sessionize.offsets.OffsetRange;
import io.sessionize.offsets.Offsets;
import io.sessionize.row.DecodedRows;
import io.sessionize.session.Partition;
import io.sessionize.session.Rules;
import io.sessionize.source.KafkaReadOptions;
import io.sessionize.source.KafkaTopics;
import io.sessionize.spark.ColumnTransaction;
import io.sessionize.spark.OutcomeTransaction;
import io.sessionize.spark.SparkTransaction;
import io.sessionize.spark.internal.InternalRows;
import io.sessionize.spark.internal.KafkaRange;
import io.sessionize.spark.internal.Records;
import io.sessionize.summary.Base;
import io.sessionize.summary.Progress;
import io.sessionize.summary.RunSummary;
import io.sessionize.summary.RunSummary.Settings;
import io.sessionize.summary.Work;
import io.sessionize.summary.Work.Command;
import io.sessionize.table.RejectedReader;
import io.sessionize.table.SessionTables;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** Replays batches: runs the step of a past batch again, without the commits. */
final class BatchReplay {
  /** The only partition of stored events: {@link DecodedRows#ofSessions}. */
  private static final List<Partition> STORED = List.of(new Partition("stored", 0));

  private final SparkSession spark;
  private final SessionTables tables;
  private final History history;
  private final PastRows rows;
  private final UnaryOperator<Rules> given;
  private final KafkaReadOptions source;
  private final Map<Set<String>, KafkaTopics> topics = new HashMap<>();

  BatchReplay(
      SparkSession spark,
      SessionTables tables,
      History history,
      PastRows rows,
      UnaryOperator<Rules> given,
      KafkaReadOptions source) {
    this.spark = spark;
    this.tables = tables;
    this.history = history;
    this.rows = rows;
    this.given = given;
    this.source = source;
    topics(source.topics());
  }

  /**
   * Replays a batch from its base and the records that it read. If Kafka no longer has these
   * records, replays it from the events that it stored.
   *
   * @param batch its commit of the sessions table
   * @throws Failure of usage, if the batch used other rules or another topic
   */
  Replayed replay(Commit batch) {
    RunSummary run = batch.summary().orElseThrow();
    Rules rules = run.requireRules(given);
    try {
      rules.validate();
    } catch (Failure failure) {
      // Runs by other rules can still be proven.
      return Replayed.nothing(failure.getMessage().replaceFirst("\\.$", ""));
    }
    Optional<Base> known = history.base(batch);
    requireTopic(batch, known);
    if (known.isEmpty()) {
      return Replayed.expired();
    }
    Work work = run.work();
    Optional<Definitions> then = definitions(batch, known.get());
    if (then.isEmpty()
        && work.command() != Command.RECOMPUTE
        && work.command() != Command.COLUMNS) {
      return Replayed.nothing("the tables no longer record the definition that it used");
    }
    Optional<RecordedColumns> columns =
        known.get().columns().using(run.settings().flatMap(RunSummary.Settings::columns));
    if (columns.isEmpty()) {
      return Replayed.nothing("the tables no longer record the session columns that it used");
    }
    Base base = then.map(known.get()::using).orElse(known.get()).using(columns.get());
    if (work.command() == Command.COLUMNS) {
      ColumnTransaction again = ColumnTransaction.of(spark, tables, base, work);
      return replayed(batch, base, Evidence.STORED_EVENTS, "it was a " + work, again);
    }
    if (work.users().isPresent() && work.command() == Command.RECOMPUTE) {
      return Replayed.nothing("it was a " + work + ", and no snapshot records which users");
    }
    if (work.command() == Command.RECOMPUTE) {
      Recomputation what =
          new Recomputation(work.from().orElse(null), work.to().orElse(null), Set.of());
      SparkTransaction again =
          SparkTransaction.recompute(spark, tables, rules, base, what, limits(run));
      return replayed(batch, base, Evidence.STORED_EVENTS, "it was a " + work, again);
    }
    String gone;
    if (work.command() == Command.RETRY) {
      SparkTransaction again = again(batch, rules, base, retried(batch, base));
      Replayed replayed =
          replayed(batch, base, Evidence.REJECTED_RECORDS, "it was a " + work, again);
      long recorded = run.count("events") + run.count("duplicates");
      if (replayed.events() >= recorded) {
        return replayed;
      }
      replayed.close();
      gone =
          String.format(
              "the rejected table gives %d of its %d events", replayed.events(), recorded);
    } else {
      gone = gone(batch, work);
    }
    if (gone.isEmpty()) {
      SparkTransaction again = again(batch, rules, base, input(batch, work));
      Replayed replayed = replayed(batch, base, Evidence.KAFKA, "", again);
      long recorded = run.count("records");
      if (replayed.records() >= recorded) {
        return replayed;
      }
      replayed.close();
      gone = String.format("Kafka gives %d of its %d records", replayed.records(), recorded);
    }
    SparkTransaction again =
        SparkTransaction.ofDecoded(
            spark,
            tables,
            rules,
            base,
            storedEvents(batch),
            STORED,
            clockMs(run),
            Input.damagedRows(work.command()),
            run.setAside());
    return replayed(batch, base, Evidence.STORED_EVENTS, gone, again);
  }

  /** The definitions of today, with that of the batch in use; empty if it is not recorded. */
  private static Optional<Definitions> definitions(Commit batch, Base base) {
    Set<String> topics = base.progress().topics().keySet();
    return batch
        .summary()
        .flatMap(RunSummary::settings)
        .flatMap(used -> base.definitions().using(used.definition(), topics));
  }

  private SparkTransaction again(Commit batch, Rules rules, Base base, Input<Records> input) {
    RunSummary run = batch.summary().orElseThrow();
    return SparkTransaction.ofRecords(
        spark,
        tables,
        rules,
        base,
        input,
        limits(run),
        new RegistryAccess(source.connection().registries(), batch.at()),
        Long.MAX_VALUE,
        clockMs(run));
  }

  private Replayed replayed(
      Commit batch, Base base, Evidence evidence, String reason, OutcomeTransaction again) {
    return new Replayed(tables, rows, batch, base, evidence, reason, again);
  }

  private void requireTopic(Commit batch, Optional<Base> base) {
    batch
        .progress()
        .or(() -> base.map(Base::progress))
        .map(Progress::topics)
        .filter(read -> !source.topics().containsAll(read.keySet()) && !isBound())
        .ifPresent(
            read -> {
              throw Failure.usage(
                  "Snapshot %d was made from topic %s, not %s: give that topic with --kafka-topic.",
                  batch.id(), String.join(", ", read.keySet()), String.join(", ", source.topics()));
            });
  }

  /**
   * Whether the tables read these topics now, whatever a past run read. With several recorded
   * topics, none must be given.
   */
  private boolean isBound() {
    return topicsOfTables().size() > 1 || topicsOfTables().containsAll(source.topics());
  }

  private Set<String> topicsOfTables() {
    return tables.base().progress().topics().keySet();
  }

  /** The topics of which a range has records. */
  private static Set<String> topics(OffsetRange range) {
    Map<Partition, Long> some = new HashMap<>(range.to().next());
    some.entrySet().removeAll(range.from().next().entrySet());
    return new Offsets(some).topics();
  }

  private static OffsetRange of(Set<String> topics, OffsetRange range) {
    return new OffsetRange(range.from().ofTopics(topics), range.to().ofTopics(topics));
  }

  private KafkaTopics topics(Set<String> names) {
    return topics.computeIfAbsent(names, some -> KafkaTopics.find(source.connection(), some));
  }

  private static OffsetRange withoutLost(Commit batch) {
    OffsetRange range = PastRun.range(batch);
    Offsets held = batch.progress().orElseThrow().lost().to();
    return new OffsetRange(range.from().atLeast(held), range.to());
  }

  /** Why the records cannot be read from Kafka; empty if they can. */
  private String gone(Commit batch, Work work) {
    if (work.users().isPresent()) {
      return "it was a " + work + ", and no snapshot records which users";
    }
    if (batch.progress().isEmpty()) {
      return "it did not reach its commit point, which would have recorded its offsets";
    }
    OffsetRange range = withoutLost(batch);
    if (range.isEmpty()) {
      return "";
    }
    Progress progress = batch.progress().get();
    Set<String> read = topics(range);
    KafkaTopics found = topics(read);
    for (String name : read) {
      if (!source.topics().contains(name) && !topicsOfTables().contains(name)) {
        return progress.topics().size() == 1
            ? "it read topic " + name + ", and the tables have been bound to another topic since"
            : "it read topic " + name + ", which the tables no longer read";
      }
      if (!found.names().contains(name)) {
        return "topic " + name + " no longer exists";
      }
      if (!progress.isOf(name, found.ids().get(name))) {
        return "topic " + name + " was recreated since";
      }
    }
    OffsetRange missing = found.missing(of(read, range));
    return missing.isEmpty() ? "" : "Kafka no longer holds " + missing;
  }

  private Input<Records> input(Commit batch, Work work) {
    OffsetRange range = withoutLost(batch);
    Set<String> read = topics(range);
    Records records = null;
    if (!range.isEmpty()) {
      OffsetRange whole = topics(read).withAllPartitions(of(read, range));
      records = new KafkaRange(spark, source.of(read)).read(whole.from(), whole.to());
    }
    return new Input<>(
        records,
        batch.progress().orElseThrow().topics(),
        range.from(),
        range.to(),
        OffsetRange.NONE,
        Set.of(),
        work);
  }

  /** The records that a retry took in. Those that were rejected again changed nothing. */
  private Input<Records> retried(Commit batch, Base base) {
    Progress last = base.progress();
    Records records =
        Records.ofTable(
            new RejectedReader(spark, tables).takenInBy(batch.id(), last.topics().keySet()));
    return Input.withoutOffsets(records, last, Set.of(), Work.RETRY);
  }

  private static long clockMs(RunSummary run) {
    return run.settings().orElseThrow().clockMs();
  }

  private static Limits limits(RunSummary run) {
    Settings settings = run.settings().orElseThrow();
    return new Limits(
        settings.clockSkewMs(), settings.lateHorizonMs().orElse(null), settings.setAside());
  }

  /** The events of all rows that the batch changed, and of all sessions that it left open. */
  private InternalRows storedEvents(Commit batch) {
    Dataset<Row> changed = rows.addedBy(batch).select("uuid", "events");
    Optional<Commit> staging =
        history.staging().stream()
            .filter(Commit::isOfRun)
            .filter(commit -> isOf(batch, commit))
            .findFirst();
    return InternalRows.of(
        DecodedRows.ofSessions(
            staging
                .map(open -> changed.union(rows.open(open.id()).select("uuid", "events")))
                .orElse(changed)));
  }

  private static boolean isOf(Commit batch, Commit staging) {
    return staging
        .summary()
        .flatMap(RunSummary::sessionsSnapshot)
        .filter(id -> id == batch.id())
        .isPresent();
  }
}
