package io.sessionize.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Compares the sets of options in the DAGs with the groups and the commands here. */
class DagOptionsTest {
  private static final Path DAGS = Path.of("dags/sessionize_airflow/settings.py");
  private static final Pattern SET = Pattern.compile("(?m)^([A-Z]+) = \\{((?:\"[a-z-]+\",? ?)+)}$");
  private static final Pattern COMMAND = Pattern.compile("(?m)^    \"(\\w+)\": (.*),$");
  private static final Pattern OPTION = Pattern.compile("\"([a-z-]+)\"");

  /** The DAGs also pass the log level, with the tables. */
  private static final Map<OptGroup, Set<Opt>> MORE =
      Map.of(OptGroup.TABLES, Set.of(Opt.LOG_LEVEL));

  private static final Map<String, Set<String>> SETS = new TreeMap<>();
  private static final Map<String, Set<String>> COMMANDS = new TreeMap<>();

  @BeforeAll
  static void readDags() throws IOException {
    String source = Files.readString(DAGS);
    Matcher set = SET.matcher(source);
    while (set.find()) {
      SETS.put(set.group(1), options(set.group(2)));
    }
    int start = source.indexOf("\nOPTIONS = {\n");
    Matcher command = COMMAND.matcher(source.substring(start, source.indexOf("\n}\n", start)));
    while (command.find()) {
      Set<String> options = options(command.group(2));
      SETS.forEach(
          (name, known) -> {
            if (List.of(command.group(2).split(" \\| ")).contains(name)) {
              options.addAll(known);
            }
          });
      COMMANDS.put(command.group(1), options);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"TABLES", "KAFKA", "RULES", "LATENESS", "READING"})
  void aSetOfTheDagsIsTheGroupOfTheSameName(OptGroup group) {
    Set<String> expected = names(group.list());
    expected.addAll(names(MORE.getOrDefault(group, Set.of())));
    assertEquals(expected, SETS.get(group.name()));
  }

  @Test
  void everySetOfTheDagsIsAGroup() {
    SETS.keySet().forEach(OptGroup::valueOf);
  }

  @Test
  void everyCommandOfTheDagsTakesItsOptions() {
    assertEquals(Set.of("audit", "backfill", "check", "maintain", "run"), COMMANDS.keySet());
    for (Command command : Main.commands()) {
      Set<String> passed = COMMANDS.getOrDefault(command.name(), Set.of());
      Set<String> unknown = new TreeSet<>(passed);
      unknown.removeAll(names(command.options()));
      assertEquals(Set.of(), unknown, command.name());
    }
  }

  @Test
  void aCommandOfTheDagsGetsAllOptionsOfAGroupOrNone() {
    for (Command command : Main.commands()) {
      if (COMMANDS.containsKey(command.name())) {
        for (String name : SETS.keySet()) {
          List<Opt> group = OptGroup.valueOf(name).list();
          boolean takes = command.options().containsAll(group);
          boolean passed = COMMANDS.get(command.name()).containsAll(names(group));
          assertTrue(takes == passed, command.name() + ": " + name);
        }
      }
    }
  }

  private static Set<String> options(String text) {
    Set<String> options = new TreeSet<>();
    Matcher option = OPTION.matcher(text);
    while (option.find()) {
      options.add(option.group(1));
    }
    return options;
  }

  private static Set<String> names(Iterable<Opt> options) {
    Set<String> names = new TreeSet<>();
    options.forEach(opt -> names.add(opt.longName()));
    return names;
  }
}
