package io.sessionize.cli;

import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sessionize.Failure;
import io.sessionize.Version;
import io.sessionize.job.BatchReport;
import io.sessionize.session.Watermark;
import io.sessionize.summary.TableNames;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a command did, for programs: as JSON ({@code --report}, by {@code docs/report.schema.json})
 * and as metrics ({@code --metrics-file}).
 *
 * @param command that ran
 * @param table it wrote to, as database and table
 * @param started when
 * @param ended when
 * @param did what
 * @param heapPeakBytes the most that this process's heap has held
 */
record RunReport(
    String command,
    String table,
    Instant started,
    Instant ended,
    BatchReport did,
    long heapPeakBytes) {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final DefaultPrettyPrinter LINES =
      new DefaultPrettyPrinter().withObjectIndenter(new DefaultIndenter("  ", "\n"));
  private static final double MILLISECONDS = 1000.0;

  /** Of the process's one command, which has just ended. */
  static RunReport of(String command, TableNames names, BatchReport did) {
    long started = ManagementFactory.getRuntimeMXBean().getStartTime();
    return since(Instant.ofEpochMilli(started), command, names, did);
  }

  /** Of what has just ended, in a process that does more. */
  static RunReport since(Instant started, String command, TableNames names, BatchReport did) {
    return new RunReport(
        command,
        names.database() + "." + names.table(),
        started.truncatedTo(ChronoUnit.MILLIS),
        Instant.now().truncatedTo(ChronoUnit.MILLIS),
        did,
        heapPeak());
  }

  /** Fails before the run, rather than after it, where what it has to tell cannot be written. */
  static void requireWritable(Arguments arguments) {
    for (Opt opt : List.of(Opt.REPORT, Opt.METRICS_FILE)) {
      String file = arguments.text(opt);
      if (file != null && !Files.isWritable(Path.of(file).toAbsolutePath().getParent())) {
        throw Failure.usage(
            "--%s %s cannot be written: its folder does not exist, or is not ours to write.",
            opt.longName(), file);
      }
    }
  }

  /** Writes the files that were asked for. */
  void write(Arguments arguments) {
    if (arguments.has(Opt.REPORT)) {
      writeJson(arguments.text(Opt.REPORT));
    }
    if (arguments.has(Opt.METRICS_FILE)) {
      MetricsFile.write(this, arguments.text(Opt.METRICS_FILE));
    }
  }

  /** All of it, Spark's start included. */
  double seconds() {
    return Duration.between(started, ended).toMillis() / MILLISECONDS;
  }

  /** Seconds by step, and {@code other}: what is not part of any batch, such as Spark's start. */
  Map<String, Double> secondsByStep() {
    Map<String, Double> steps = new LinkedHashMap<>();
    long inSteps = 0;
    for (Map.Entry<String, Long> step : did.steps().entrySet()) {
      steps.put(step.getKey(), step.getValue() / MILLISECONDS);
      inSteps += step.getValue();
    }
    long all = Duration.between(started, ended).toMillis();
    steps.put("other", Math.max(0, all - inSteps) / MILLISECONDS);
    return steps;
  }

  /** Of the watermark, or null where there is none. */
  Instant watermark() {
    long ms = did.watermark().publishedMs();
    return ms == Watermark.NONE ? null : Instant.ofEpochMilli(ms);
  }

  /** Writes it as JSON, whole or not at all. */
  void writeJson(String file) {
    Map<String, Object> report = new LinkedHashMap<>();
    report.put("version", Version.TEXT);
    report.put("command", command);
    report.put("table", table);
    report.put("started_at", started.toString());
    report.put("ended_at", ended.toString());
    report.put("batches", did.batches());
    report.put("offsets_from", did.from().next());
    report.put("offsets_next", did.next().next());
    report.putAll(did.counts());
    report.put("lost_by_partition", did.lost());
    report.put("checkpoint_set_aside", did.checkpointSetAside());
    report.put("rejected_by_reason", did.rejected());
    report.put("watermark", watermark() == null ? "none" : watermark().toString());
    report.put("seconds", seconds());
    report.put("seconds_by_step", secondsByStep());
    report.put("heap_peak_bytes", heapPeakBytes);
    replace(file, out -> JSON.writer(LINES).writeValue(out, report));
  }

  /** What writes the content of a file. */
  interface Content {
    void write(OutputStream out) throws IOException;
  }

  /** Replaces a file in one step, so that nobody reads half of it. */
  static void replace(String file, Content content) {
    Path path = Path.of(file).toAbsolutePath();
    Path temporary = path.resolveSibling(path.getFileName() + ".tmp");
    try {
      try (OutputStream out = Files.newOutputStream(temporary)) {
        content.write(out);
      }
      Files.move(
          temporary, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw Failure.usage(
          "The run is done, but %s cannot be written (%s): name a file that can.",
          file, e.getClass().getSimpleName());
    }
  }

  private static long heapPeak() {
    return ManagementFactory.getMemoryPoolMXBeans().stream()
        .filter(pool -> pool.getType() == MemoryType.HEAP)
        .map(MemoryPoolMXBean::getPeakUsage)
        .mapToLong(usage -> usage.getUsed())
        .sum();
  }
}
