package io.sessionize.cli;

import io.sessionize.Failure;
import io.sessionize.report.HtmlReport;
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
    HtmlFile file = HtmlFile.read(arguments);
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
      file.write(page);
      context.out().println("report: " + file.path());
    };
  }
}
