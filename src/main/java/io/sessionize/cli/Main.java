package io.sessionize.cli;

import io.sessionize.Failure;
import io.sessionize.Secrets;
import io.sessionize.Version;
import io.sessionize.output.Printer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.Properties;
import java.util.stream.Collectors;
import org.apache.commons.cli.HelpFormatter;
import org.slf4j.LoggerFactory;

/** Main class: finds the command, runs it, and reports any failure as one line. */
public final class Main {
  private static final List<Command> COMMANDS =
      List.of(
          new RunCommand(),
          new BackfillCommand(),
          new RecomputeCommand(),
          new StatusCommand(),
          new ExplainCommand(),
          new AuditCommand(),
          new CheckCommand(),
          new ReportCommand(),
          new MaintainCommand(),
          new RejectedCommand(),
          new RecoverCommand(),
          new DropCommand(),
          new SqlCommand(),
          new TryCommand(),
          new ProduceCommand(),
          new CompletionCommand());
  private static final String VERSION = "--version";
  private static final List<String> HELP = List.of("help", "--help", "-h");
  private static final int HELP_WIDTH = 100;

  private Main() {}

  public static void main(String[] args) {
    PrintStream err = Printer.ofStandardError();
    // Commands print warnings there, libraries and Java print exceptions.
    System.setErr(err);
    int code = run(args, StandardOutput.ofProcess(), err, EscapedLog::install);
    silenceShutdown();
    System.exit(code);
  }

  /**
   * Drops what is printed on stderr from now on. The command has ended and has said how. Spark's
   * shutdown hooks stop executors under threads that still send messages, and Scala's futures and
   * the JVM print what these threads then throw, with its frames.
   */
  static void silenceShutdown() {
    System.setErr(new PrintStream(OutputStream.nullOutputStream()));
  }

  /**
   * Runs a command line. Fails too if its output is not written.
   *
   * @param openLog called before the log is used. Help and typing errors do not use it: opening it
   *     takes longer than they do
   */
  static int run(String[] args, StandardOutput out, PrintStream err, Runnable openLog) {
    int code = run(args, out.printer(), err, openLog);
    if (code != 0 || out.missing() == null) {
      return code;
    }
    err.printf(
        "sessionize: The command is complete, but its output could not be written (%s): free space"
            + " there.%n",
        out.missing());
    return Failure.Kind.OTHER.exitCode();
  }

  /** Runs a command line and returns its exit code. */
  static int run(String[] args, PrintStream out, PrintStream err) {
    return run(args, out, err, () -> {});
  }

  private static int run(String[] args, PrintStream out, PrintStream err, Runnable openLog) {
    boolean started = false;
    try {
      GivenText given = GivenText.ofThisProcess();
      given.require(args, System.getProperty("user.dir"));
      if (args.length == 0) {
        listCommands(err);
        return Failure.Kind.USAGE.exitCode();
      }
      if (HELP.contains(args[0])) {
        listCommands(out);
        return 0;
      }
      if (args[0].equals(VERSION)) {
        showVersions(out);
        return 0;
      }
      Command command = find(args[0]);
      Arguments arguments =
          Arguments.parse(
              command, Arrays.asList(args).subList(1, args.length), given.checked(System::getenv));
      if (arguments.has(Opt.HELP)) {
        showHelp(command, out);
        return 0;
      }
      silenceIfQuiet(arguments);
      openLog.run();
      started = true;
      Logging.configure(arguments);
      command.execute(arguments, out);
      return 0;
    } catch (Throwable thrown) {
      boolean isTypingError = !started && thrown instanceof Failure;
      Failure failure = isTypingError ? (Failure) thrown : Failures.explain(thrown);
      if (!isTypingError) {
        LoggerFactory.getLogger(Main.class).error(failure.forTheLog(), thrown);
      }
      if (!Interruption.signalled()) {
        err.println("sessionize: " + oneLine(Secrets.redacted(failure.getMessage())));
      }
      return failure.kind().exitCode();
    }
  }

  static List<Command> commands() {
    return COMMANDS;
  }

  private static Command find(String name) {
    return COMMANDS.stream()
        .filter(command -> command.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                Failure.usage(
                    "Unknown command '%s': use one of %s.",
                    name, String.join(", ", COMMANDS.stream().map(Command::name).toList())));
  }

  /** With --quiet, stderr gets nothing but the line of a failure, which does not use System.err. */
  private static void silenceIfQuiet(Arguments arguments) {
    if (!arguments.has(Opt.QUIET)) {
      return;
    }
    if (arguments.has(Opt.VERBOSE)) {
      throw Failure.usage("Give either --quiet or --verbose.");
    }
    System.setErr(new PrintStream(OutputStream.nullOutputStream()));
  }

  /** Joins the lines of a message: values of users and libraries may contain line breaks. */
  private static String oneLine(String message) {
    return message.lines().map(String::strip).collect(Collectors.joining(" "));
  }

  private static void listCommands(PrintStream stream) {
    stream.println("usage: sessionize COMMAND [OPTIONS]");
    stream.println();
    COMMANDS.forEach(command -> stream.printf("  %-11s %s%n", command.name(), command.summary()));
    stream.println();
    stream.println("For the options of a command: sessionize COMMAND --help");
    stream.println("For the versions: sessionize --version");
  }

  /** The versions of the job and of what it runs on; under spark-submit, of that Spark. */
  private static void showVersions(PrintStream out) {
    out.printf("sessionize %s%n", Version.TEXT);
    out.printf("Spark %s%n", property("/spark-version-info.properties", "version"));
    out.printf("Iceberg %s%n", property("/iceberg-build.properties", "git.build.version"));
    out.printf(
        "Java %s (%s)%n", System.getProperty("java.version"), System.getProperty("java.vendor"));
  }

  /** A property of a file in a library. The library's own classes would open the log. */
  private static String property(String file, String key) {
    Properties properties = new Properties();
    try (InputStream stream = Main.class.getResourceAsStream(file)) {
      properties.load(stream);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return properties.getProperty(key, "unknown");
  }

  private static void showHelp(Command command, PrintStream out) {
    HelpFormatter formatter = new HelpFormatter();
    formatter.setOptionComparator(null);
    PrintWriter writer = new PrintWriter(out);
    String usage = ("sessionize " + command.name() + " [OPTIONS] " + command.words()).strip();
    formatter.printHelp(
        writer,
        HELP_WIDTH,
        usage,
        "\n" + command.summary() + "\n\n",
        Arguments.options(command),
        formatter.getLeftPadding(),
        formatter.getDescPadding(),
        "");
    writer.flush();
  }
}
