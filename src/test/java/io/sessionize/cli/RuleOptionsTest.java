package io.sessionize.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.Failure;
import io.sessionize.session.Rules;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RuleOptionsTest {
  private static final Rules RECORDED =
      new Rules(Duration.ofHours(3), Duration.ofHours(9), "com.example.Rule", List.of("logout"));

  @TempDir Path folder;

  @Test
  void aRuleThatIsNotGivenIsAsRecorded() {
    assertEquals(RECORDED, given());
  }

  @Test
  void givenRulesReplaceRecordedOnes() {
    assertEquals(
        new Rules(
            Duration.ofMinutes(30), Duration.ofHours(9), "com.example.Rule", List.of("logout")),
        given("--inactivity-timeout", "30"));
    assertEquals(
        new Rules(Duration.ofHours(3), Duration.ofHours(5), "com.example.Rule", List.of("logout")),
        given("--max-session-duration", "5"));
    assertEquals(
        new Rules(Duration.ofHours(3), Duration.ofHours(9), "com.example.Other", List.of("bye")),
        given("--boundary-rule", "com.example.Other", "--end-session-on-page", "bye"));
    assertEquals(
        new Rules(Duration.ofHours(3), Duration.ofHours(9), "com.example.Rule", List.of()),
        given("--end-session-on-page", ""));
    assertEquals(
        new Rules(Duration.ofHours(3), Duration.ofHours(9), null, List.of("logout")),
        given("--boundary-rule", ""));
  }

  @Test
  void aRuleOfTheFileIsARuleOfTheCommandLineAndBothMustAgree() {
    String file =
        file(
            "inactivity_timeout: 45m, max_events: 9, end_session_on_page: [b, a], class: com.example.Rule");
    assertEquals("PT45M", run("--definition", file).inactivityTimeout().toString());
    Rules both =
        run(
            "--definition",
            file,
            "--inactivity-timeout",
            "45",
            "--end-session-on-page",
            "a,b",
            "--max-session-duration",
            "7");
    assertEquals(9, both.maxEvents());
    assertEquals(Duration.ofHours(7), both.maxDuration());
    Map.of(
            "--inactivity-timeout",
            "30",
            "--boundary-rule",
            "com.example.Other",
            "--end-session-on-page",
            "a")
        .forEach(
            (option, value) -> {
              Failure failure =
                  assertThrows(Failure.class, () -> run("--definition", file, option, value));
              assertEquals(Failure.Kind.USAGE, failure.kind());
              assertTrue(failure.getMessage().startsWith(option), failure.getMessage());
              assertTrue(failure.getMessage().contains("session.rules."), failure.getMessage());
            });
  }

  private String file(String rules) {
    try {
      return Files.writeString(
              folder.resolve("d.yaml"),
              "{version: 1, topics: {t: {preset: sessionize}}, session: {rules: {" + rules + "}}}")
          .toString();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Rules run(String... words) {
    return RuleOptions.read(Arguments.parse(new RunCommand(), List.of(words), name -> null))
        .apply(RECORDED);
  }

  @Test
  void aWrongTimeIsRefused() {
    Failure failure = assertThrows(Failure.class, () -> given("--inactivity-timeout", "soon"));
    assertEquals(Failure.Kind.USAGE, failure.kind());
  }

  private static Rules given(String... words) {
    return RuleOptions.read(Arguments.parse(new CheckCommand(), List.of(words), name -> null))
        .apply(RECORDED);
  }
}
