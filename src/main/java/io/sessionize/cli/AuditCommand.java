package io.sessionize.cli;

import io.sessionize.Failure;
import java.util.List;
import java.util.stream.Collectors;

/** {@code audit}: shows what changed the tables, when and why. */
final class AuditCommand extends TableCommand {
  private static final List<AuditQuestion> QUESTIONS =
      List.of(new AuditLog(), new AuditDiff(), new AuditSession(), new AuditProve());

  /** The options that not every subcommand takes. */
  private static final List<Opt> OF_QUESTIONS =
      Opts.join(
          Opt.FROM,
          Opt.TO,
          Opt.RUN,
          Opt.LAST,
          Opt.SINCE,
          Opt.NO_IDS,
          OptGroup.ROWS,
          OptGroup.KAFKA,
          OptGroup.RULES);

  @Override
  public String name() {
    return "audit";
  }

  @Override
  public String summary() {
    return "Show what changed the sessions: log (each run), diff (between two points), session"
        + " (history of one session), prove (replay of runs)";
  }

  @Override
  public String words() {
    return QUESTIONS.stream().map(AuditQuestion::words).collect(Collectors.joining(" | "));
  }

  @Override
  public List<Opt> options() {
    return Opts.join(() -> OF_QUESTIONS, OptGroup.TABLES, OptGroup.SPARK, OptGroup.LOGGING);
  }

  @Override
  String onSignal() {
    return "the audit was not finished.";
  }

  @Override
  void checkWords(Arguments arguments) {
    question(arguments).checkUsage(arguments, OF_QUESTIONS);
  }

  @Override
  PreparedCommand check(Arguments arguments) {
    return question(arguments).check(arguments);
  }

  private AuditQuestion question(Arguments arguments) {
    List<String> words = arguments.words();
    String name = words.isEmpty() ? "" : words.get(0);
    return QUESTIONS.stream()
        .filter(question -> question.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                Failure.usage(
                    "Give audit one of: %s%s.",
                    words(), words.isEmpty() ? "" : " (got '" + name + "')"));
  }
}
