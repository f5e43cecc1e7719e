package io.sessionize.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.session.Rules;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class OptTest {
  private static final Map<String, String> DEFAULTS =
      new TreeMap<>(
          Map.ofEntries(
              Map.entry("clock-skew", "10 minutes"),
              Map.entry("fail-on-data-loss", "true"),
              Map.entry("format", "table"),
              Map.entry("funnel", "home,search,selection,review,booking,confirmation"),
              Map.entry("iceberg-database", "sessions"),
              Map.entry("iceberg-table", "user_sessions"),
              Map.entry("kafka-servers", "localhost:9092"),
              Map.entry("kafka-topic", "clickstream-events"),
              Map.entry("keep-history", "1 hours"),
              Map.entry("keep-snapshots", "7 days"),
              Map.entry("keep-tags", "90 days"),
              Map.entry("limit", "1000"),
              Map.entry("log-level", "INFO"),
              Map.entry("maintain-every", "10 minutes"),
              Map.entry("max-bytes-per-trigger", "8589934592"),
              Map.entry("max-wait", "30 minutes"),
              Map.entry("num-users", "10"),
              Map.entry("partitions", "4"),
              Map.entry("rate", "5"),
              Map.entry("warehouse", "./warehouse"),
              Map.entry("watermark-delay", "10 minutes")));

  private static final Map<String, String> ENVIRONMENT =
      Map.of("kafka-servers", "KAFKA_BOOTSTRAP_SERVERS", "warehouse", "ICEBERG_WAREHOUSE");

  static List<Command> commands() {
    return Main.commands();
  }

  @Test
  void everyCommandThatStartsSparkTakesItsSettings() {
    for (Command command : commands()) {
      if (command instanceof TableCommand) {
        assertTrue(command.options().containsAll(OptGroup.SPARK.list()), command.name());
      }
    }
  }

  @Test
  void theDefaultsAreThese() {
    Map<String, String> defaults = new TreeMap<>();
    for (Opt opt : Opt.values()) {
      if (opt.defaultValue() != null) {
        String unit = opt.unit() == null ? "" : " " + opt.unit().toString().toLowerCase();
        defaults.put(opt.longName(), opt.defaultValue() + unit);
      }
    }
    assertEquals(DEFAULTS, defaults);
  }

  @Test
  void theEnvironmentVariablesAreThese() {
    Map<String, String> environment = new TreeMap<>();
    for (Opt opt : Opt.values()) {
      if (opt.environment() != null) {
        environment.put(opt.longName(), opt.environment());
      }
    }
    assertEquals(ENVIRONMENT, environment);
  }

  @Test
  void everyOptionBelongsToACommand() {
    Set<Opt> unused = EnumSet.allOf(Opt.class);
    Main.commands().forEach(command -> unused.removeAll(command.options()));
    assertEquals(Set.of(), unused);
  }

  @ParameterizedTest
  @MethodSource("commands")
  void noCommandHasAnOptionTwice(Command command) {
    assertEquals(command.options().size(), new HashSet<>(command.options()).size());
  }

  @ParameterizedTest
  @MethodSource("commands")
  void everyCommandHasTheOptionsOfHelpAndLog(Command command) {
    assertTrue(command.options().containsAll(List.of(Opt.HELP, Opt.LOG_LEVEL, Opt.VERBOSE)));
  }

  @ParameterizedTest
  @MethodSource("commands")
  void theHelpOfACommandDescribesEachOfItsOptions(Command command) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    int exitCode =
        Main.run(
            new String[] {command.name(), "--help"},
            new PrintStream(out, true, StandardCharsets.UTF_8),
            System.err);

    assertEquals(0, exitCode);
    String help = out.toString(StandardCharsets.UTF_8).replaceAll("\\s+", " ");
    assertTrue(help.contains("usage: sessionize " + command.name() + " "), help);
    assertTrue(help.contains(command.summary()), help);
    for (Opt opt : command.options()) {
      String argument = opt.argument() == null ? "" : " <" + opt.argument() + ">";
      assertTrue(help.contains("--" + opt.longName() + argument + " "), opt + ": " + help);
      assertTrue(help.contains(opt.help()), opt + ": " + help);
    }
  }

  @ParameterizedTest
  @EnumSource
  void theHelpOfAnOptionIsOneSentenceWithUnitAndDefault(Opt opt) {
    assertFalse(opt.help().contains("\n"));
    assertFalse(opt.help().endsWith("."));
    if (opt.unit() != null) {
      assertTrue(opt.help().contains("a bare number means " + opt.unit().toString().toLowerCase()));
    }
    if (opt.defaultValue() != null) {
      assertTrue(opt.help().contains("(default: " + opt.defaultValue()));
    }
    if (opt.environment() != null) {
      assertTrue(opt.help().contains("$" + opt.environment()));
    }
  }

  @Test
  void theHelpOfARuleShowsThatOfNewTables() {
    assertEquals(
        new Rules(Duration.ofMinutes(30), Duration.ofHours(2), null, List.of()), Rules.DEFAULT);
    String help = "(default: as recorded; %s for new tables)";
    assertTrue(Opt.INACTIVITY_TIMEOUT.help().endsWith(String.format(help, "30")));
    assertTrue(Opt.MAX_SESSION_DURATION.help().endsWith(String.format(help, "2")));
    assertTrue(Opt.BOUNDARY_RULE.help().endsWith(String.format(help, "none")));
    assertTrue(Opt.END_SESSION_ON_PAGE.help().endsWith(String.format(help, "none")));
    assertTrue(Opt.DEFINITION.help().endsWith(String.format(help, "the built-in one")));
  }

  @ParameterizedTest
  @EnumSource
  void aFlagHasNoDefaultAndATimeHasAnArgument(Opt opt) {
    if (opt.argument() == null) {
      assertEquals(null, opt.defaultValue());
      assertEquals(null, opt.environment());
    }
    if (opt.unit() != null) {
      assertEquals("TIME", opt.argument());
    }
  }
}
