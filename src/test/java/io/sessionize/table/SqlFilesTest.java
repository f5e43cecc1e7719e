package io.sessionize.table;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.summary.TableNames;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The statements in {@code sql} and the code that uses them match. */
class SqlFilesTest {
  private static final Path SQL = Path.of("sql");
  private static final Path CODE = Path.of("src/main/java");

  /** Statements for users and other engines. The code need not use them, but a test runs each. */
  private static final Pattern FOR_USERS = Pattern.compile("(audit|analytics|views)/.*");

  private static final Pattern PLACEHOLDER = Pattern.compile("\\$\\{([^}]*)}");

  /** A name that is filled in, or is passed on to what fills it in. */
  private static final Pattern FILLED = Pattern.compile("(?:\\.with\\(|,)\\s*\"([a-z_]+)\",");

  private static final Pattern NAMED = Pattern.compile("\"((?:[a-z]+/)+[a-z_]+)\"");

  static List<String> statements() {
    return files(SQL, ".sql").stream()
        .map(file -> SQL.relativize(file).toString().replaceFirst("\\.sql$", ""))
        .toList();
  }

  @Test
  void thereAreStatements() {
    assertFalse(statements().isEmpty());
  }

  @ParameterizedTest
  @MethodSource("statements")
  void aStatementIsUsedAndItsPlaceholdersAreFilled(String name) {
    List<String> users =
        files(FOR_USERS.matcher(name).matches() ? Path.of("src/test/java") : CODE, ".java").stream()
            .map(SqlFilesTest::read)
            .filter(code -> code.contains('"' + name + '"'))
            .toList();
    assertFalse(users.isEmpty(), "No code names " + name);
    Set<String> filled = new TreeSet<>();
    for (String code : users) {
      filled.addAll(found(FILLED, code));
      if (code.contains(".with(names")) {
        filled.addAll(
            Set.of("sessions", "open", "rejected", "live", "visits", "identities", "persons"));
      }
    }
    Set<String> placeholders = found(PLACEHOLDER, read(SQL.resolve(name + ".sql")));
    placeholders.removeAll(filled);
    assertEquals(Set.of(), placeholders, "No code fills these in " + name);
  }

  @ParameterizedTest
  @MethodSource("statements")
  void aStatementIsPackedUnchanged(String name) {
    assertEquals(read(SQL.resolve(name + ".sql")), Sql.named(name).text());
  }

  @ParameterizedTest
  @MethodSource("statements")
  void aStatementSaysWhatItIsForInItsFirstLine(String name) {
    assertTrue(read(SQL.resolve(name + ".sql")).startsWith("-- "), name);
  }

  @Test
  void everyStatementThatTheCodeNamesExists() {
    Set<String> named =
        files(CODE, ".java").stream()
            .flatMap(file -> found(NAMED, read(file)).stream())
            .collect(Collectors.toCollection(TreeSet::new));
    named.removeAll(statements());
    assertEquals(Set.of(), named);
  }

  @Test
  void aPlaceholderIsFilledEverywhere() {
    String text =
        Sql.named("schema/live")
            .with(new TableNames("local", "sessions", "t"))
            .with("session_columns", "")
            .text();
    assertTrue(text.contains("FROM `local`.`sessions`.`t`\n"), text);
    assertTrue(text.contains("FROM `local`.`sessions`.`t_open`\n"), text);
    assertFalse(text.contains("${"), text);
  }

  private static Set<String> found(Pattern pattern, String text) {
    return pattern
        .matcher(text)
        .results()
        .map(match -> match.group(1))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static List<Path> files(Path folder, String ending) {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(file -> file.toString().endsWith(ending)).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
