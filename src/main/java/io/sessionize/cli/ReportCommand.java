package io.sessionize.cli;

import io.sessionize.Failure;
import io.sessionize.report.HtmlReport;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;

/** {@code report}: writes an HTML page. */
final class ReportCommand extends TableCommand {
  private static final String NAME = "report";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String summary() {
    return "Write an HTML page with charts of the sessions and the runs";
  }

  @Override
  public List<Opt> options() {
    return Opts.join(Opt.HTML, Opt.FUNNEL, OptGroup.TABLES, OptGroup.SPARK, OptGroup.LOGGING);
  }

  @Override
  String onSignal() {
    return "the report was not finished.";
  }

  @Override
  PreparedCommand check(Arguments arguments) {
    Path file = file(arguments);
    List<String> funnel = arguments.list(Opt.FUNNEL);
    if (funnel.isEmpty()) {
      throw Failure.usage("Give --funnel at least one page, such as --funnel home,search,booking.");
    }
    return context -> {
      String page;
      RowsProgress progress = RowsProgress.on(context.spark(), NAME, -1);
      try {
        page = new HtmlReport(context.spark(), context.names(), funnel).page(Instant.now());
      } finally {
        progress.close();
      }
      write(file, page);
      context.out().println("report: " + file);
    };
  }

  private static Path file(Arguments arguments) {
    String text = arguments.text(Opt.HTML);
    if (text == null || text.isBlank()) {
      throw Failure.usage("Give the file of the page: --html FILE.");
    }
    Path file = Path.of(text);
    Path folder = file.toAbsolutePath().getParent();
    if (Files.isDirectory(file) || folder == null || !Files.isDirectory(folder)) {
      throw Failure.usage(
          "--html %s cannot be written: it must be a file in an existing folder.", text);
    }
    return file;
  }

  private static void write(Path file, String page) throws IOException {
    try {
      OutputFile.replace(file, out -> out.write(page.getBytes(StandardCharsets.UTF_8)));
    } catch (AccessDeniedException e) {
      throw Failure.usage("--html %s cannot be written (%s).", file, e.getClass().getSimpleName());
    }
  }
}
