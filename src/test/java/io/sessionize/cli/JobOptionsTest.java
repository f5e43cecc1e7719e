package io.sessionize.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.Failure;
import io.sessionize.job.Job;
import io.sessionize.session.BoundaryRule;
import io.sessionize.session.GivenRules;
import io.sessionize.session.Moment;
import io.sessionize.summary.TableNames;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class JobOptionsTest {

  /** A custom rule. */
  public static final class Never implements BoundaryRule {
    @Override
    public boolean startsNewSession(List<Moment> session, Moment next) {
      return false;
    }
  }

  @Test
  void withoutOptionsAJobHasTheDefaults() {
    long before = System.currentTimeMillis();
    Job job = read();
    assertEquals(new TableNames("local", "sessions", "user_sessions"), job.names());
    assertEquals(new GivenRules(null, null, null, null), job.rules());
    assertEquals(Duration.ofMinutes(10), job.watermarkDelay());
    assertNull(job.lateHorizon());
    assertEquals(Duration.ofMinutes(10), job.clockSkew());
    assertTrue(job.clock().getAsLong() >= before);
  }

  @Test
  void aRunTimeAheadOfTheMachinesClockIsRefused() {
    Instant now = Instant.now();
    read("--run-time", now.plus(Duration.ofMinutes(5)).toString());
    read("--run-time", now.plus(Duration.ofHours(2)).toString(), "--clock-skew", "3h");
    Failure refused =
        assertThrows(
            Failure.class, () -> read("--run-time", now.plus(Duration.ofMinutes(11)).toString()));
    assertEquals(Failure.Kind.USAGE, refused.kind());
    assertTrue(
        refused.getMessage().contains("is ahead of this machine's clock"), refused.getMessage());
  }

  @Test
  void everyOptionIsRead() {
    Job job =
        read(
            "--iceberg-database", "analytics",
            "--iceberg-table", "visits",
            "--inactivity-timeout", "20",
            "--max-session-duration", "90m",
            "--boundary-rule", Never.class.getName(),
            "--end-session-on-page", "logout,bye",
            "--watermark-delay", "1m",
            "--late-horizon", "2",
            "--clock-skew", "3s",
            "--run-time", "2025-11-22T10:00:00Z");

    assertEquals(new TableNames("local", "analytics", "visits"), job.names());
    assertEquals(
        new GivenRules(
            Duration.ofMinutes(20),
            Duration.ofMinutes(90),
            Never.class.getName(),
            List.of("logout", "bye")),
        job.rules());
    assertEquals(Duration.ofMinutes(1), job.watermarkDelay());
    assertEquals(Duration.ofDays(2), job.lateHorizon());
    assertEquals(Duration.ofSeconds(3), job.clockSkew());
    assertEquals(Instant.parse("2025-11-22T10:00:00Z").toEpochMilli(), job.clock().getAsLong());
  }

  @Test
  void aClassThatIsNoRuleIsRefused() {
    assertThrows(Failure.class, () -> read("--boundary-rule", String.class.getName()));
  }

  private static Job read(String... words) {
    Arguments arguments = Arguments.parse(new RunCommand(), List.of(words), name -> null);
    return JobOptions.read(arguments)
        .job(
            new TableNames(
                "local", arguments.name(Opt.ICEBERG_DATABASE), arguments.table(Opt.ICEBERG_TABLE)));
  }
}
