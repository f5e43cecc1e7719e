package io.sessionize.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sessionize.Failure;
import io.sessionize.session.Rules;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class RuleOptionsTest {
  private static final Rules RECORDED =
      new Rules(Duration.ofHours(3), Duration.ofHours(9), "com.example.Rule", List.of("logout"));

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
  void aWrongTimeIsRefused() {
    Failure failure = assertThrows(Failure.class, () -> given("--inactivity-timeout", "soon"));
    assertEquals(Failure.Kind.USAGE, failure.kind());
  }

  private static Rules given(String... words) {
    return RuleOptions.read(Arguments.parse(new CheckCommand(), List.of(words), name -> null))
        .apply(RECORDED);
  }
}
