package io.sessionize.cli;

import io.sessionize.Failure;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.DefaultParser;
import org.apache.commons.cli.Option;
import org.apache.commons.cli.Options;
import org.apache.commons.cli.ParseException;

/** The command line of one command, checked: every value it hands out is of the type asked for. */
public final class Arguments {
  /** No time given in earnest is longer; sums with it are far from overflowing. */
  private static final Duration LONGEST = Duration.ofDays(36_500);

  private static final Map<String, ChronoUnit> UNITS =
      Map.of(
          "ms", ChronoUnit.MILLIS,
          "s", ChronoUnit.SECONDS,
          "m", ChronoUnit.MINUTES,
          "min", ChronoUnit.MINUTES,
          "h", ChronoUnit.HOURS,
          "d", ChronoUnit.DAYS);
  private static final Pattern NUMBER_WITH_UNIT = Pattern.compile("(\\d+)(|ms|s|m|min|h|d)");

  private final CommandLine line;
  private final UnaryOperator<String> environment;

  private Arguments(CommandLine line, UnaryOperator<String> environment) {
    this.line = line;
    this.environment = environment;
  }

  /**
   * Parses.
   *
   * @param environment looks up an environment variable, null where it is not set
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

  /** The command's options in the form that the parser and the help printer take. */
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

  /** Checks a value by itself, so that a typing error ends before any service is asked. */
  private void check(Opt opt) {
    if (opt.unit() != null) {
      duration(opt);
      return;
    }
    switch (opt) {
      case ICEBERG_DATABASE, ICEBERG_TABLE -> name(opt);
      case KAFKA_TOPIC, TOPIC -> topic(opt);
      case MAX_OFFSETS_PER_TRIGGER, LAST, PARTITIONS, NUM_USERS, RATE, SEED -> number(opt);
      case RUN_TIME, FROM_TIME, TO_TIME -> instant(opt);
      case FROM_DATE, TO_DATE -> date(opt);
      case FAIL_ON_DATA_LOSS, FORMAT, LOG_LEVEL -> choice(opt);
      case SPARK_CONF -> pairs(opt);
      default -> {
        // A flag, or a text that only its command can judge.
      }
    }
  }

  /** What stands on the line beside the options. */
  public List<String> words() {
    return line.getArgList();
  }

  /** Fails with a usage error where there is any word but these. */
  void expectWords(List<String> known) {
    for (String word : words()) {
      if (!known.contains(word)) {
        throw Failure.usage("'%s' is neither an option nor a value that is expected here.", word);
      }
    }
  }

  public boolean has(Opt opt) {
    return line.hasOption(opt.longName());
  }

  /** The value given (of several the last), else the environment's, else the default, else null. */
  public String text(Opt opt) {
    String[] values = line.getOptionValues(opt.longName());
    String given = values == null ? null : values[values.length - 1];
    if (given == null && opt.environment() != null) {
      given = environment.apply(opt.environment());
    }
    return given == null || given.isBlank() && !has(opt) ? opt.defaultValue() : given;
  }

  /** All values of an option that may be given more than once. */
  public List<String> all(Opt opt) {
    String[] given = line.getOptionValues(opt.longName());
    return given == null ? List.of() : List.of(given);
  }

  /** All values of an option that may be given more than once, as {@code key=value} pairs. */
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

  /** A comma-separated list; empty where the option was not given. */
  public List<String> list(Opt opt) {
    String text = text(opt);
    return text == null
        ? List.of()
        : List.of(text.split(",")).stream().map(String::strip).filter(s -> !s.isEmpty()).toList();
  }

  /** A whole number of at least 1, or null where there is neither value nor default. */
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
      // Told below, like a number out of range.
    }
    throw bad(opt, text, "a whole number of at least 1");
  }

  /**
   * A time: {@code 45m}, {@code 2h}, {@code PT2H}, or a bare number in the option's own unit; at
   * most a hundred years.
   */
  public Duration duration(Opt opt) {
    String given = text(opt);
    if (given == null) {
      return null;
    }
    String text = given.strip();
    try {
      Matcher number = NUMBER_WITH_UNIT.matcher(text);
      Duration duration =
          number.matches()
              ? Duration.of(
                  Long.parseLong(number.group(1)), UNITS.getOrDefault(number.group(2), opt.unit()))
              : Duration.parse(text);
      if (!duration.isNegative() && duration.compareTo(LONGEST) <= 0) {
        return duration;
      }
    } catch (NumberFormatException | DateTimeParseException | ArithmeticException e) {
      // Told below, like one out of range.
    }
    throw bad(
        opt,
        given,
        "a time such as 45m, 2h, PT2H, or a number of "
            + opt.unit().toString().toLowerCase(Locale.ROOT)
            + ", up to 100 years");
  }

  /** An instant, or null where there is none. */
  public Instant instant(Opt opt) {
    String text = text(opt);
    try {
      // Not one that is too far away for milliseconds.
      return text == null ? null : Instant.ofEpochMilli(Instant.parse(text).toEpochMilli());
    } catch (DateTimeParseException | ArithmeticException e) {
      throw bad(opt, text, "an instant such as 2026-11-22T10:00:00Z");
    }
  }

  /** A day, or null where there is none. */
  public LocalDate date(Opt opt) {
    String text = text(opt);
    try {
      return text == null ? null : LocalDate.parse(text);
    } catch (DateTimeParseException e) {
      throw bad(opt, text, "a day such as 2026-11-22");
    }
  }

  /** A name that can stand in SQL: letters, digits and underscores alone. */
  public String name(Opt opt) {
    String text = text(opt);
    if (!text.matches("[A-Za-z0-9_]+")) {
      throw bad(opt, text, "a name of letters, digits and underscores");
    }
    return text;
  }

  /** The name of a Kafka topic. */
  public String topic(Opt opt) {
    String text = text(opt);
    if (!text.matches("(?!\\.{1,2}$)[A-Za-z0-9._-]{1,249}")) {
      throw bad(
          opt, text, "up to 249 letters, digits, dots, dashes and underscores, and more than dots");
    }
    return text;
  }

  /** One of the words that the option's argument lists, separated by {@code |}. */
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
