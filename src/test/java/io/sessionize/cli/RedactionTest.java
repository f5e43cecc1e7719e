package io.sessionize.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RedactionTest {
  @ParameterizedTest
  @CsvSource({
    "No driver for jdbc:mysql://me:s3cret@host/db, No driver for jdbc:mysql://me:***@host/db",
    "jdbc:postgresql://host:5432/db?user=me&password=s3cret&ssl=true, jdbc:postgresql://host:5432/db?user=me&password=***&ssl=true",
    "Kafka at localhost:9092 of me@host, Kafka at localhost:9092 of me@host"
  })
  void aPasswordIsReplaced(String given, String expected) {
    assertEquals(expected, Redaction.of(given));
  }

  @Test
  void anExceptionWithAPasswordIsCopied() {
    Exception cause = new IllegalStateException("//me:s3cret@host");
    Throwable copy = Redaction.of(new RuntimeException("no connection", cause));
    assertEquals("java.lang.IllegalStateException: //me:***@host", copy.getCause().getMessage());
    assertEquals(cause.getStackTrace()[0], copy.getCause().getStackTrace()[0]);
  }

  @Test
  void anotherExceptionIsKept() {
    Exception thrown = new RuntimeException("no connection", new Exception((String) null));
    assertSame(thrown, Redaction.of(thrown));
  }
}
