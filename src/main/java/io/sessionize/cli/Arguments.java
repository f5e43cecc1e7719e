package io.sessionize.cli;

import io.sessionize.DurationText;
import io.sessionize.Failure;
import io.sessionize.event.DefinitionContent;
import io.sessionize.event.DefinitionFile;
import io.sessionize.summary.TableNames;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.DefaultParser;
import org.apache.commons.cli.Option;
import org.apache.commons.cli.Options;
import org.apache.commons.cli.ParseException;

/**
 * The checked command line of one command. Each method returns the value of an option in one type,
 * or throws a {@link Failure} of usage that names the option, its value and the expected form.
 */
public final class Arguments {
  private final CommandLine line;
  private final UnaryOperator<String> environment;
  private DefinitionContent definition;

  private Arguments(CommandLine line, UnaryOperator<String> environment) {
    this.line = line;
    this.environment = environment;
  }

  /**
   * Parses a command line and checks each value by itself.
   *
   * @param environment returns the value of an environment variable, or null if it is not set
   * @throws Failure of usage, naming what is wrong
   */
  static Arguments parse(Command command, List<String> words, UnaryOperator<String> environment) {
    try {
      CommandLine line =
          new DefaultParser(false).parse(options(command), words.toArray(String[]::new));
      Arguments arguments = new Arguments(line, environment);
      if (!arguments.has(Opt.HELP)) {
        command.options().stream().filter(arguments::has).forEach(arguments::check);
      }
      return arguments;
    } catch (ParseException e) {
      throw Failure.usage("%s. See: sessionize %s --help", e.getMessage(), command.name());
    }
  }

  /** Returns the options of a command in the form of the parser and the help printer. */
  static Options options(Command command) {
    Options options = new Options();
    for (Opt opt : command.options()) {
      options.addOption(
          Option.builder(opt.shortName())
              .longOpt(opt.longName())
              .hasArg(opt.argument() != null)
              .argName(opt.argument())
              .desc(opt.help())
              .build());
    }
    return options;
  }

  /** Checks a value by itself, so that a typing error is reported before any service is used. */
  private void check(Opt opt) {
    if (opt.unit() != null) {
      duration(opt);
      return;
    }
    switch (opt) {
      case ICEBERG_DATABASE -> name(opt);
      case ICEBERG_TABLE -> table(opt);
      case KAFKA_TOPIC, TOPIC -> topic(opt);
      case DROP_TOPIC -> topics(opt);
      case MAX_OFFSETS_PER_TRIGGER,
              MAX_LAG,
              LAST,
              LIMIT,
              SAMPLES,
              PARTITIONS,
              NUM_USERS,
              RATE,
              SEED ->
          number(opt);
      case MAX_REJECTED -> percent(opt);
      case RUN_TIME, FROM_TIME, TO_TIME -> instant(opt);
      case FROM_DATE, TO_DATE -> date(opt);
      case FAIL_ON_DATA_LOSS, FORMAT, LOG_LEVEL -> choice(opt);
      case SPARK_CONF, PARAM -> pairs(opt);
      default -> {
        // A flag, or a text that only its command can check.
      }
    }
  }

  /** Returns the words beside the options, in order. */
  public List<String> words() {
    return line.getArgList();
  }

  /** Fails with an error of usage if there is any other word than these. */
  void expectWords(List<String> known) {
    for (String word : words()) {
      if (!known.contains(word)) {
        throw Failure.usage(
            "Unexpected word '%s': it is neither an option nor a value of this command.", word);
      }
    }
  }

  /** Returns whether the option is on the command line. */
  public boolean has(Opt opt) {
    return line.hasOption(opt.longName());
  }

  /**
   * Returns the last value on the command line, else the value of the environment variable, else
   * the default, else null. A blank environment variable counts as not set.
   */
  public String text(Opt opt) {
    String[] values = line.getOptionValues(opt.longName());
    String given = values == null ? null : values[values.length - 1];
    if (given == null && opt.environment() != null) {
      given = environment.apply(opt.environment());
    }
    return given == null || given.isBlank() && !has(opt) ? opt.defaultValue() : given;
  }

  /**
   * Returns what the file of {@code --definition} says; null if none is given. It is read once: it
   * may be replaced while the command runs.
   *
   * @throws Failure of usage, if the file is wrong
   */
  DefinitionContent definition() {
    String file = text(Opt.DEFINITION);
    if (definition == null && file != null) {
      try {
        definition = DefinitionFile.read(Path.of(file));
      } catch (InvalidPathException e) {
        throw Failure.usage("--definition %s is no name of a file.", file);
      }
    }
    return definition;
  }

  /** Returns all values of an option that may be given more than once. */
  public List<String> all(Opt opt) {
    String[] given = line.getOptionValues(opt.longName());
    return given == null ? List.of() : List.of(given);
  }

  /** Returns all {@code KEY=VALUE} pairs; the last value of a key counts. */
  public Map<String, String> pairs(Opt opt) {
    Map<String, String> pairs = new LinkedHashMap<>();
    String[] given = line.getOptionValues(opt.longName());
    for (String pair : given == null ? new String[0] : given) {
      int equals = pair.indexOf('=');
      if (equals < 1) {
        throw bad(opt, pair, "KEY=VALUE");
      }
      pairs.put(pair.substring(0, equals), pair.substring(equals + 1));
    }
    return pairs;
  }

  /** Returns the parts of a comma-separated list without blank ones; empty if it is not given. */
  public List<String> list(Opt opt) {
    String text = text(opt);
    return text == null
        ? List.of()
        : List.of(text.split(",")).stream().map(String::strip).filter(s -> !s.isEmpty()).toList();
  }

  /** Returns a whole number of at least 1, or null if there is neither value nor default. */
  public Long number(Opt opt) {
    String text = text(opt);
    try {
      if (text == null) {
        return null;
      }
      long number = Long.parseLong(text);
      if (number >= 1) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Reported below, like a number out of range.
    }
    throw bad(opt, text, "a whole number of at least 1");
  }

  /** Returns a share such as {@code 5%} as the number before the sign; null if it is not given. */
  Double percent(Opt opt) {
    String text = text(opt);
    if (text == null) {
      return null;
    }
    if (text.matches("[0-9]{1,3}(\\.[0-9]{1,6})?%")) {
      double percent = Double.parseDouble(text.substring(0, text.length() - 1));
      if (percent <= 100) {
        return percent;
      }
    }
    throw bad(opt, text, "a share from 0% to 100%, such as 5%");
  }

  /**
   * Returns a time: {@code 45m}, {@code 2h}, {@code PT2H}, or a bare number in the option's own
   * unit; at most 100 years. Null if there is neither value nor default.
   */
  public Duration duration(Opt opt) {
    String given = text(opt);
    if (given == null) {
      return null;
    }
    return DurationText.parse(given, opt.unit())
        .orElseThrow(
            () ->
                bad(
                    opt,
                    given,
                    "a time such as 45m, 2h, PT2H, or a number of "
                        + opt.unit().toString().toLowerCase(Locale.ROOT)
                        + ", up to 100 years"));
  }

  /** Returns an instant, or null if it is not given. */
  public Instant instant(Opt opt) {
    String text = text(opt);
    try {
      // Throws if the instant does not fit into milliseconds.
      return text == null ? null : Instant.ofEpochMilli(Instant.parse(text).toEpochMilli());
    } catch (DateTimeParseException | ArithmeticException e) {
      throw bad(opt, text, "an instant such as 2026-11-22T10:00:00Z");
    }
  }

  /** Returns a day, or null if it is not given. */
  public LocalDate date(Opt opt) {
    String text = text(opt);
    try {
      return text == null ? null : LocalDate.parse(text);
    } catch (DateTimeParseException e) {
      throw bad(opt, text, "a day such as 2026-11-22");
    }
  }

  /** Returns a name that is safe in SQL: only letters, digits and underscores. */
  public String name(Opt opt) {
    String text = text(opt);
    if (!text.matches("[A-Za-z0-9_]+")) {
      throw bad(opt, text, "a name of letters, digits and underscores");
    }
    return text;
  }

  /** Returns the name of a sessions table. It must not look like the name of a derived table. */
  public String table(Opt opt) {
    String table = name(opt);
    if (TableNames.isDerived(table)) {
      throw Failure.usage(
          "--%s must not end in _open, _rejected or _live: '%s'.", opt.longName(), table);
    }
    return table;
  }

  /** Returns the name of a Kafka topic. */
  public String topic(Opt opt) {
    return topic(opt, text(opt));
  }

  /** Returns the names of Kafka topics, of an option that may be given more than once. */
  public List<String> topics(Opt opt) {
    return all(opt).stream().map(name -> topic(opt, name)).toList();
  }

  private static String topic(Opt opt, String text) {
    if (!text.matches("(?!\\.{1,2}$)[A-Za-z0-9._-]{1,249}")) {
      throw bad(
          opt, text, "up to 249 letters, digits, dots, dashes and underscores, and not only dots");
    }
    return text;
  }

  /** Returns one of the words that the option's argument lists, separated by {@code |}. */
  public String choice(Opt opt) {
    String text = text(opt);
    if (!List.of(opt.argument().split("\\|")).contains(text)) {
      throw bad(opt, text, "one of " + opt.argument().replace("|", ", "));
    }
    return text;
  }

  private static Failure bad(Opt opt, String value, String wanted) {
    return Failure.usage("--%s must be %s, not '%s'.", opt.longName(), wanted, value);
  }
}
