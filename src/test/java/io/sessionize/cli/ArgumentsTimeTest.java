package io.sessionize.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.Failure;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The times among the values of options. */
class ArgumentsTimeTest {

  @ParameterizedTest
  @CsvSource({
    // A bare number is in the unit of the option: here, minutes.
    "30, PT30M",
    "0, PT0S",
    "' 30 ', PT30M",
    "45m, PT45M",
    "45min, PT45M",
    "45M, PT45M",
    "90s, PT90S",
    "1500ms, PT1.5S",
    "2h, PT2H",
    "' 2h', PT2H",
    "7d, PT168H",
    "PT2H, PT2H",
    "P1DT30M, PT24H30M",
    "PT0.5S, PT0.5S",
    "36500d, PT876000H"
  })
  void aTimeHasAUnitOrIsANumberInTheUnitOfTheOption(String text, Duration duration) {
    assertEquals(duration, run("--inactivity-timeout", text).duration(Opt.INACTIVITY_TIMEOUT));
  }

  @Test
  void everyOptionHasItsOwnUnit() {
    Arguments arguments =
        run(
            "--inactivity-timeout", "3",
            "--max-session-duration", "3",
            "--watermark-delay", "3",
            "--late-horizon", "3",
            "--clock-skew", "3",
            "--trigger", "3");
    assertEquals(Duration.ofMinutes(3), arguments.duration(Opt.INACTIVITY_TIMEOUT));
    assertEquals(Duration.ofHours(3), arguments.duration(Opt.MAX_SESSION_DURATION));
    assertEquals(Duration.ofMinutes(3), arguments.duration(Opt.WATERMARK_DELAY));
    assertEquals(Duration.ofDays(3), arguments.duration(Opt.LATE_HORIZON));
    assertEquals(Duration.ofMinutes(3), arguments.duration(Opt.CLOCK_SKEW));
    assertEquals(Duration.ofSeconds(3), arguments.duration(Opt.TRIGGER));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "soon",
        "-5",
        "-5m",
        "PT-5M",
        "1.5",
        "1.5h",
        "1,5h",
        "5 m",
        "5x",
        "m",
        "+5",
        "1h30m",
        "0x10",
        "P",
        "PT",
        "1e3",
        "99999999999999999999",
        "99999999999999999d",
        "9223372036854775807",
        "36501d",
        "P36501D"
      })
  void aWrongTimeIsRefusedWithExamples(String text) {
    assertUsage(
        () -> run("--inactivity-timeout", text).duration(Opt.INACTIVITY_TIMEOUT),
        "--inactivity-timeout must be a time such as 45m, 2h, PT2H, or a number of minutes,"
            + " up to 100 years, not '"
            + text
            + "'.");
  }

  private static Arguments run(String... words) {
    return Arguments.parse(new RunCommand(), List.of(words), name -> null);
  }

  private static void assertUsage(Executable refused, String part) {
    Failure failure = assertThrows(Failure.class, refused);
    assertEquals(Failure.Kind.USAGE, failure.kind());
    assertTrue(failure.getMessage().contains(part), failure.getMessage());
  }
}
