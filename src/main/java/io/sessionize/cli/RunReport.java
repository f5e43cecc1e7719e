package io.sessionize.cli;

import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sessionize.Failure;
import io.sessionize.Version;
import io.sessionize.job.BatchReport;
import io.sessionize.offsets.OffsetRange;
import io.sessionize.offsets.PartitionJson;
import io.sessionize.summary.Base;
import io.sessionize.summary.RunSummary;
import io.sessionize.summary.TableNames;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reports what a command did, for programs: as JSON ({@code --report}, with the schema {@code
 * docs/report.schema.json}) and as metrics ({@code --metrics-file}).
 *
 * @param command name of the command
 * @param table sessions table, as {@code database.table}
 * @param started start of the process, or of the run if the process has several
 * @param ended end of the run
 * @param did what the run did
 * @param heapPeakBytes largest use of this process's heap so far
 * @param checked result of {@code --check}; empty without it
 * @param published what readers of the sessions table see since the run; empty if it committed
 *     nothing
 */
record RunReport(
    String command,
    String table,
    Instant started,
    Instant ended,
    BatchReport did,
    long heapPeakBytes,
    Optional<Checked> checked,
    Optional<Published> published) {

  private static final Logger LOG = LoggerFactory.getLogger(RunReport.class);
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final DefaultPrettyPrinter LINES =
      new DefaultPrettyPrinter().withObjectIndenter(new DefaultIndenter("  ", "\n"));
  private static final double MILLISECONDS = 1000.0;

  /**
   * The result of a check after the run.
   *
   * @param violations number of rows that break an invariant
   * @param milliseconds wall time
   */
  record Checked(long violations, long milliseconds) {}

  /**
   * The state of the sessions table after the run.
   *
   * @param run id of the run that published last
   * @param snapshot current snapshot
   */
  record Published(String run, long snapshot) {}

  /** Returns the report of a command that has just ended, in a process with one run. */
  static RunReport of(String command, TableNames names, BatchReport did) {
    long started = ManagementFactory.getRuntimeMXBean().getStartTime();
    return since(Instant.ofEpochMilli(started), command, names, did);
  }

  /** Returns the report of a run that has just ended, in a process with several runs. */
  static RunReport since(Instant started, String command, TableNames names, BatchReport did) {
    return new RunReport(
        command,
        names.database() + "." + names.table(),
        started.truncatedTo(ChronoUnit.MILLIS),
        Instant.now().truncatedTo(ChronoUnit.MILLIS),
        did,
        heapPeak(),
        Optional.empty(),
        Optional.empty());
  }

  /**
   * Returns the same report with what the tables show, if the run committed and a report is due.
   */
  RunReport publishedIn(TableContext context) {
    if (did.isNothing() || !context.arguments().has(Opt.REPORT)) {
      return this;
    }
    Base base;
    try {
      base = context.tables().base();
    } catch (RuntimeException e) {
      // The run is committed, whatever the catalog answers now.
      LOG.warn("The report does not name the published snapshot", e);
      return this;
    }
    return new RunReport(
        command,
        table,
        started,
        ended,
        did,
        heapPeakBytes,
        checked,
        base.sessions()
            .flatMap(RunSummary::run)
            .map(run -> new Published(run, base.sessionsSnapshot())));
  }

  /** Returns the report of the same run and of the check that has just ended. */
  RunReport with(Checked check) {
    return new RunReport(
        command,
        table,
        started,
        Instant.now().truncatedTo(ChronoUnit.MILLIS),
        did,
        heapPeak(),
        Optional.of(check),
        published);
  }

  /** Fails before the run if a report cannot be written after it. */
  static void requireWritable(Arguments arguments) {
    for (Opt opt : List.of(Opt.REPORT, Opt.METRICS_FILE)) {
      String file = arguments.text(opt);
      if (file != null && !OutputFile.isWritable(Path.of(file))) {
        throw Failure.usage(
            "--%s %s cannot be written: its folder does not exist or is not writable, or it is a"
                + " folder.",
            opt.longName(), file);
      }
    }
  }

  /**
   * Writes the files that the command line names.
   *
   * @throws Failure other, as {@link #tryWrite}
   */
  void write(Arguments arguments) {
    Optional<Failure> unwritten = tryWrite(arguments);
    if (unwritten.isPresent()) {
      throw unwritten.get();
    }
  }

  /**
   * Writes the files that the command line names, as far as possible.
   *
   * @return a failure of kind other, if one cannot be written; the run is committed by then
   */
  Optional<Failure> tryWrite(Arguments arguments) {
    List<String> unwritten = new ArrayList<>();
    write(arguments.text(Opt.REPORT), this::writeJson, unwritten);
    write(arguments.text(Opt.METRICS_FILE), file -> MetricsFile.write(this, file), unwritten);
    return failure(unwritten);
  }

  private Optional<Failure> failure(List<String> unwritten) {
    if (unwritten.isEmpty()) {
      return Optional.empty();
    }
    String message =
        String.format(
            "The %s is complete, but %s cannot be written: free space there, or give another file."
                + " Nothing has to be repeated.",
            command, String.join(" and ", unwritten));
    return Optional.of(new Failure(Failure.Kind.OTHER, message, null));
  }

  private interface Writer {
    void write(String file) throws IOException;
  }

  private static void write(String file, Writer writer, List<String> unwritten) {
    if (file == null) {
      return;
    }
    try {
      writer.write(file);
    } catch (IOException e) {
      LOG.error("{} cannot be written", file, e);
      unwritten.add(file + " (" + reason(e) + ")");
    }
  }

  /** The words of the operating system, if there are any. */
  private static String reason(IOException e) {
    String message = e instanceof FileSystemException file ? file.getReason() : e.getMessage();
    return message == null ? e.getClass().getSimpleName() : message;
  }

  /** Returns the duration in seconds, including the start of Spark. */
  double seconds() {
    return Duration.between(started, ended).toMillis() / MILLISECONDS;
  }

  /**
   * Returns the seconds of each step, and {@code other}: all outside of batches, such as Spark's
   * start.
   */
  Map<String, Double> secondsByStep() {
    Map<String, Double> steps = new LinkedHashMap<>();
    long inSteps = 0;
    for (Map.Entry<String, Long> step : did.time().steps().entrySet()) {
      steps.put(step.getKey(), step.getValue() / MILLISECONDS);
      inSteps += step.getValue();
    }
    if (checked.isPresent()) {
      steps.put("check", checked.get().milliseconds() / MILLISECONDS);
      inSteps += checked.get().milliseconds();
    }
    long all = Duration.between(started, ended).toMillis();
    steps.put("other", Math.max(0, all - inSteps) / MILLISECONDS);
    return steps;
  }

  /** Returns the watermark; empty before the first event. */
  Optional<Instant> watermark() {
    return RunSummary.known(did.watermark().publishedMs()).map(Instant::ofEpochMilli);
  }

  /** Writes the report as JSON, atomically. */
  void writeJson(String file) throws IOException {
    Map<String, Object> report = new LinkedHashMap<>();
    report.put("version", Version.TEXT);
    report.put("command", command);
    report.put("table", table);
    report.put("started_at", started.toString());
    report.put("ended_at", ended.toString());
    report.put("batches", did.batches());
    published.ifPresent(
        now -> {
          report.put("run", now.run());
          // As text: not every reader of JSON keeps all digits of such a number.
          report.put("snapshot", Long.toString(now.snapshot()));
        });
    report.put("offsets_from", PartitionJson.nested(did.read().from().next()));
    report.put("offsets_next", PartitionJson.nested(did.read().next().next()));
    report.putAll(did.counts());
    OffsetRange lost = did.read().lost();
    if (!lost.isEmpty()) {
      report.put("lost_from", PartitionJson.nested(lost.from().next()));
      report.put("lost_to", PartitionJson.nested(lost.to().next()));
    }
    did.checkpointSetAside().ifPresent(where -> report.put("checkpoint_set_aside", where));
    checked.ifPresent(check -> report.put("violations", check.violations()));
    report.put("rejected_by_reason", did.read().rejected());
    watermark().ifPresent(time -> report.put("watermark", time.toString()));
    report.put("seconds", seconds());
    report.put("seconds_by_step", secondsByStep());
    report.put("heap_peak_bytes", heapPeakBytes);
    OutputFile.replace(Path.of(file), out -> JSON.writer(LINES).writeValue(out, report));
  }

  private static long heapPeak() {
    return ManagementFactory.getMemoryPoolMXBeans().stream()
        .filter(pool -> pool.getType() == MemoryType.HEAP)
        .map(MemoryPoolMXBean::getPeakUsage)
        .mapToLong(usage -> usage.getUsed())
        .sum();
  }
}
