package io.sessionize.cli;

import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sessionize.Failure;
import io.sessionize.pipeline.BatchReport;
import io.sessionize.pipeline.Version;
import io.sessionize.session.Watermark;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What a run did: a line for each batch, and the whole as a JSON file. */
final class ReportPrinter {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final DefaultPrettyPrinter LINES =
      new DefaultPrettyPrinter().withObjectIndenter(new DefaultIndenter("  ", "\n"));

  private static final List<String> IN_LINE =
      List.of(
          "records",
          "events",
          "duplicates",
          "late",
          "rejected",
          "opened",
          "closed",
          "restated",
          "open");

  private final PrintStream out;

  ReportPrinter(PrintStream out) {
    this.out = out;
  }

  /** One line for a batch that is committed. */
  void batch(BatchReport batch) {
    StringBuilder line = new StringBuilder();
    Map<String, Long> counts = batch.counts();
    IN_LINE.forEach(name -> line.append(name).append(' ').append(counts.get(name)).append("  "));
    line.append("watermark ").append(instant(batch.watermark()));
    line.append(String.format(Locale.ROOT, "  seconds %.1f", batch.milliseconds() / 1000.0));
    out.println(line);
    batch
        .lost()
        .forEach(
            (partition, gap) ->
                System.err.printf(
                    "sessionize: warning: Kafka deleted offsets [%d, %d) of partition %d before they were read.%n",
                    gap.get(0), gap.get(1), partition));
  }

  void nothing() {
    out.println("nothing to do");
  }

  /**
   * Fails before the run rather than after it.
   *
   * @param file may be null
   */
  static void requireWritable(String file) {
    if (file != null && !Files.isWritable(Path.of(file).toAbsolutePath().getParent())) {
      throw Failure.usage(
          "--report %s cannot be written: its folder does not exist, or is not ours to write.",
          file);
    }
  }

  /**
   * Writes the report file, whole or not at all.
   *
   * @param file may be null
   */
  void write(BatchReport run, String file) {
    if (file == null) {
      return;
    }
    Map<String, Object> report = new LinkedHashMap<>();
    report.put("version", Version.TEXT);
    report.put("offsets_from", run.from().next());
    report.put("offsets_next", run.next().next());
    report.putAll(run.counts());
    report.put("lost_by_partition", run.lost());
    report.put("rejected_by_reason", run.rejected());
    report.put("watermark", instant(run.watermark()));
    report.put("seconds", run.milliseconds() / 1000.0);
    Path path = Path.of(file).toAbsolutePath();
    try {
      Path temporary = path.resolveSibling(path.getFileName() + ".tmp");
      JSON.writer(LINES).writeValue(temporary.toFile(), report);
      Files.move(
          temporary, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw Failure.usage(
          "The run is done, but its report cannot be written to %s (%s): give --report a file that can.",
          file, e.getClass().getSimpleName());
    }
  }

  private static String instant(Watermark watermark) {
    return watermark.publishedMs() == Watermark.NONE
        ? "none"
        : Instant.ofEpochMilli(watermark.publishedMs()).toString();
  }
}
