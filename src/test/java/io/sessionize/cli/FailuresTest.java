package io.sessionize.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.sessionize.Failure;
import io.sessionize.Failure.Kind;
import io.sessionize.spark.internal.LargeUserException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.nio.file.FileSystemException;
import java.sql.SQLException;
import java.sql.SQLTransientException;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.iceberg.exceptions.BadRequestException;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.apache.iceberg.exceptions.CommitStateUnknownException;
import org.apache.iceberg.exceptions.RESTException;
import org.apache.iceberg.exceptions.ServiceUnavailableException;
import org.apache.iceberg.exceptions.UnprocessableEntityException;
import org.apache.iceberg.exceptions.ValidationException;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkException;
import org.apache.spark.memory.UnifiedMemoryManager;
import org.apache.spark.sql.kafka010.KafkaSourceProvider$;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class FailuresTest {

  static Stream<Arguments> kinds() {
    return Stream.of(
        arguments(Kind.USAGE, new SaslAuthenticationException("wrong password")),
        arguments(Kind.USAGE, new TopicAuthorizationException("not yours")),
        arguments(Kind.UNREACHABLE, new TimeoutException("no answer")),
        arguments(
            Kind.UNREACHABLE, new CommitStateUnknownException(new RuntimeException("no answer"))),
        arguments(Kind.UNREACHABLE, new RESTException("GET failed")),
        arguments(Kind.UNREACHABLE, new UnknownHostException("store: Name not known")),
        arguments(Kind.CONFLICT, new CommitFailedException("the table has moved")),
        arguments(
            Kind.CONFLICT, new ValidationException("Found conflicting files that can contain x")),
        arguments(
            Kind.CONFLICT,
            new ValidationException("Cannot commit, missing data files: [%s]", "s3://b/f")),
        arguments(
            Kind.USAGE, new ValidationException("Cannot roll back to snapshot, not an ancestor")),
        arguments(Kind.USAGE, new BadRequestException("Malformed request: %s", "no uuid")),
        arguments(Kind.USAGE, new UnprocessableEntityException("Not allowed: %s", "location")),
        arguments(Kind.UNREACHABLE, new ServiceUnavailableException("busy")),
        arguments(
            Kind.OTHER,
            new ValidationException(
                "Invalid snapshot timestamp %s: before last snapshot timestamp %s", 1, 99999)),
        arguments(
            Kind.OTHER,
            new IllegalArgumentException(
                "Invalid update timestamp 1: before the latest metadata log entry timestamp 2")),
        arguments(Kind.BROKEN, dataLoss()),
        arguments(Kind.BROKEN, new OffsetOutOfRangeException(Map.of())),
        arguments(Kind.USAGE, new NoSuchMethodError("scala.collection.JavaConverters")),
        arguments(Kind.USAGE, new NoClassDefFoundError("org/apache/spark/sql/Dataset")),
        arguments(Kind.OTHER, new ExceptionInInitializerError("no idea")),
        arguments(Kind.OTHER, new NoClassDefFoundError("Could not initialize class x.Y")),
        arguments(Kind.OTHER, new UnsatisfiedLinkError("/tmp/libzstd.so: not allowed")),
        arguments(Kind.OTHER, new IllegalStateException("no idea")),
        arguments(Kind.OTHER, new KafkaException("no idea")),
        arguments(Kind.OTHER, new OutOfMemoryError("heap")));
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void anExceptionHasItsKindAtAnyDepth(Kind kind, Throwable thrown) {
    assertEquals(kind, Failures.explain(thrown).kind());
    Throwable wrapped = new IllegalStateException(new SparkException("Job aborted", thrown));
    assertEquals(kind, Failures.explain(wrapped).kind());
  }

  @Test
  void aHeapThatIsTooSmallNamesTheSettingOfTheLauncher() {
    SparkConf conf = new SparkConf(false).set("spark.testing.memory", "200000000");
    Exception small = assertThrows(Exception.class, () -> UnifiedMemoryManager.apply(conf, 1));
    Failure failure = Failures.explain(new IllegalStateException(small));
    assertEquals(Kind.USAGE, failure.kind());
    assertEquals(
        "The memory for Spark is too small (200000000 bytes; it needs at least 471859200): raise"
            + " SESSIONIZE_HEAP, or spark.driver.memory with spark-submit.",
        failure.getMessage());

    SparkConf executor = new SparkConf(false).set("spark.executor.memory", "100m");
    Exception smaller =
        assertThrows(Exception.class, () -> UnifiedMemoryManager.apply(executor, 1));
    assertTrue(
        Failures.explain(smaller).getMessage().endsWith("471859200): raise spark.executor.memory."),
        Failures.explain(smaller).getMessage());
  }

  @Test
  void aUserWithTooManyEventsIsNamedOnTheTerminalOnly() {
    Throwable large =
        new LargeUserException("undefined", 9_000_000, new OutOfMemoryError("Java heap space"));
    Failure failure = Failures.explain(new RuntimeException(large.toString(), large));
    assertEquals(Failure.Kind.USAGE, failure.kind());
    assertTrue(failure.getMessage().startsWith("User 'undefined' has too many events"));
    assertTrue(failure.getMessage().contains("--set-aside-users"), failure.getMessage());
    assertFalse(failure.forTheLog().contains("undefined"), failure.forTheLog());
    assertFalse(large.toString().contains("undefined"), large.toString());
    assertNull(large.getCause(), "Spark ends the process of a task that is out of memory");
  }

  @Test
  void aFullDiskIsReportedWithItsFolder() {
    IOException full = new IOException("No space left on device");
    assertFull(
        "/data/wh/user_sessions/data",
        new FileSystemException(
            "/data/wh/user_sessions/data/x.parquet", null, "No space left on device"));
    assertFull(
        "/data",
        new UncheckedIOException(
            new FileNotFoundException("/data/catalog.db-journal (No space left on device)")));
    assertFull(
        "/data",
        new IllegalStateException(
            "Job aborted: Lost task 1.0 in stage 3: java.nio.file.FileSystemException: /data/x:"
                + " Disk quota exceeded\n"
                + "\tat a.B"));
    assertFull(
        "catalog.db of the warehouse",
        new RuntimeException(
            new SQLException(
                "[SQLITE_FULL] Insertion failed because database is full (database or disk is"
                    + " full)")));
    assertFull("the folder of temporary files", new Error(full));
    // Whatever an outer exception says
    assertFull("the folder of temporary files", new CommitStateUnknownException(full));
  }

  private static void assertFull(String folder, Throwable thrown) {
    Failure failure = Failures.explain(thrown);
    assertEquals(Kind.OTHER, failure.kind());
    assertTrue(failure.getMessage().startsWith("The disk is full ("), failure.getMessage());
    assertTrue(failure.getMessage().contains("written to " + folder), failure.getMessage());
    assertSame(thrown, failure.getCause());
  }

  @Test
  void aReadOnlyDiskIsReportedWithItsFolder() {
    Failure file =
        Failures.explain(
            new FileNotFoundException("/snapshot/wh/data/x.parquet (Read-only file system)"));
    assertEquals(Kind.USAGE, file.kind());
    assertTrue(
        file.getMessage().startsWith("/snapshot/wh/data cannot be written"), file.getMessage());
    Failure catalog =
        Failures.explain(
            new SQLException("[SQLITE_READONLY] Attempt to write a readonly database"));
    assertEquals(Kind.USAGE, catalog.kind());
    assertTrue(
        catalog.getMessage().startsWith("catalog.db of the warehouse cannot"),
        catalog.getMessage());
    Failure stopped = Failures.explain(new SQLException("[SQLITE_READONLY_ROLLBACK] x"));
    assertTrue(stopped.getMessage().contains("stopped within a commit"), stopped.getMessage());
  }

  @Test
  void aFailureIsReturnedUnchangedFromAnyDepth() {
    Failure failure = Failure.broken("offsets %d are gone", 7);
    assertSame(failure, Failures.explain(failure));
    assertSame(failure, Failures.explain(new IllegalStateException(new RuntimeException(failure))));
  }

  @Test
  void theOutermostKnownExceptionDecides() {
    Throwable inner = new TimeoutException("no answer");
    assertEquals(
        Kind.CONFLICT,
        Failures.explain(new RuntimeException(new CommitFailedException(inner, "moved"))).kind());
  }

  @Test
  void anUnreachableServiceIsNamedByItsAddress() {
    Throwable cause = new ConnectException("Connect to http://catalog:8181 failed: refused");
    assertEquals(
        "A service could not be reached: Connect to http://catalog:8181 failed: refused.",
        Failures.explain(new RESTException(cause, "Error occurred while processing GET request"))
            .getMessage());
  }

  @Test
  void aConnectionThatIsLostMayComeBack() {
    for (Exception lost :
        List.of(
            new SocketException("Connection reset"),
            new SQLTransientException("try again"),
            new SQLException("connection does not exist", "08003"))) {
      assertEquals(Kind.UNREACHABLE, Failures.explain(new RuntimeException(lost)).kind());
    }
    assertEquals(Kind.OTHER, Failures.explain(new BindException("already in use")).kind());
    assertEquals(Kind.OTHER, Failures.explain(new SQLException("no column", "42703")).kind());
  }

  @Test
  void lostDataIsReportedByTheFirstLineOfItsMessage() {
    assertEquals(
        "Kafka no longer has the records to read, because the topic's retention deleted them or the"
            + " topic was recreated: Partition clicks-0's offset was changed from 7 to 3.",
        Failures.explain(dataLoss()).getMessage());
  }

  @Test
  void anUnknownExceptionIsReportedByItsRootCause() {
    Throwable root = new ArithmeticException("long overflow\nat first\nat last");
    assertEquals(
        "ArithmeticException: long overflow (see the log for the stack trace)",
        Failures.explain(new IllegalStateException("outer", root)).getMessage());
  }

  @Test
  void aMissingMessageIsAllowed() {
    assertTrue(
        Failures.explain(new NullPointerException()).getMessage().contains("NullPointerException"));
  }

  @Test
  void aCycleOfCausesEnds() {
    RuntimeException one = new RuntimeException("one");
    RuntimeException other = new RuntimeException("other", one);
    one.initCause(other);
    assertEquals(Kind.OTHER, Failures.explain(one).kind());
  }

  @Test
  void theExceptionIsKeptForTheLog() {
    for (Throwable thrown :
        List.of(
            new TimeoutException("x"),
            new CommitFailedException("x"),
            dataLoss(),
            new IllegalStateException("x"))) {
      assertSame(thrown, Failures.explain(thrown).getCause());
    }
  }

  @ParameterizedTest
  @EnumSource
  void everyKindHasItsOwnExitCode(Kind kind) {
    assertNotEquals(0, kind.exitCode());
    for (Kind other : Kind.values()) {
      assertEquals(kind == other, kind.exitCode() == other.exitCode());
    }
  }

  /** Returns the exception that Spark's Kafka source throws. */
  private static Throwable dataLoss() {
    return new IllegalStateException(
        "Partition clicks-0's offset was changed from 7 to 3."
            + KafkaSourceProvider$.MODULE$.INSTRUCTION_FOR_FAIL_ON_DATA_LOSS_TRUE());
  }
}
