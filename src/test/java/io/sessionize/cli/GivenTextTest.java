package io.sessionize.cli;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.Failure;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GivenTextTest {
  private static final GivenText ASCII = new GivenText("ANSI_X3.4-1968", () -> true);
  private static final GivenText UTF_8 = new GivenText("UTF-8", () -> true);
  private static final GivenText WRONG_UTF_8 = new GivenText("UTF-8", () -> false);

  @ParameterizedTest
  @ValueSource(strings = {"K\uFFFD\uFFFDndigung", "K??ndigung", "K\u00c3\u00bcndigung"})
  void withoutAUtf8LocaleAValueThatMayBeDamagedIsRefused(String value) {
    assertRefused(
        "The value of --user cannot be read, because the charset of the locale is"
            + " ANSI_X3.4-1968: set LC_ALL=C.UTF-8 in the environment of this process.",
        ASCII,
        "backfill",
        "--user",
        value);
  }

  @ParameterizedTest
  @ValueSource(strings = {"logout", "a?b=c", "jdbc:postgresql://host/db?user=x&y=?"})
  void withoutAUtf8LocaleAsciiIsTaken(String value) {
    assertDoesNotThrow(() -> ASCII.require(new String[] {"run", "--x", value}, "/work"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"Kündigung", "K??ndigung", "K\uFFFDndigung", "東京"})
  void withAUtf8LocaleEveryTextIsTaken(String value) {
    assertDoesNotThrow(() -> UTF_8.require(new String[] {"run", "--x", value}, "/" + value));
  }

  @Test
  void bytesThatAreNotUtf8AreRefused() {
    assertRefused("The value of -f is not UTF-8", WRONG_UTF_8, "sql", "-f", "K\uFFFDndigung");
  }

  @ParameterizedTest
  @CsvSource({
    "--user=G??e, The value of --user",
    "G??e, The value of --what-if",
    "--G??e, Argument 3"
  })
  void theFailureNamesThePlaceAndNotTheValue(String value, String place) {
    String message =
        assertRefused(place + " cannot be read", ASCII, "recompute", "--what-if", value);
    assertTrue(!message.contains("G??e"), message);
  }

  @Test
  void theWorkingDirectoryIsCheckedToo() {
    Failure failure =
        assertThrows(Failure.class, () -> ASCII.require(new String[] {"run"}, "/w??re haus"));
    assertTrue(failure.getMessage().startsWith("The name of the working directory cannot be read"));
  }

  @Test
  void aVariableOfTheEnvironmentIsCheckedWhereItIsUsed() {
    UnaryOperator<String> environment =
        ASCII.checked(Map.of("ICEBERG_WAREHOUSE", "w\uFFFD\uFFFDre", "OTHER", "x")::get);
    assertEquals("x", environment.apply("OTHER"));
    assertNull(environment.apply("MISSING"));
    Failure failure = assertThrows(Failure.class, () -> environment.apply("ICEBERG_WAREHOUSE"));
    assertTrue(
        failure
            .getMessage()
            .startsWith("The environment variable ICEBERG_WAREHOUSE cannot be read"),
        failure.getMessage());
  }

  private static String assertRefused(String message, GivenText given, String... args) {
    Failure failure = assertThrows(Failure.class, () -> given.require(args, "/work"));
    assertEquals(Failure.Kind.USAGE, failure.kind());
    assertTrue(failure.getMessage().startsWith(message), failure.getMessage());
    return failure.getMessage();
  }
}
