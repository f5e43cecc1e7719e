package io.sessionize.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.List;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.impl.Log4jLogEvent;
import org.apache.logging.log4j.message.SimpleMessage;
import org.junit.jupiter.api.Test;

/** Text of a service in the log. {@link HostileCatalogIT} looks at the file. */
class EscapedLogTest {
  private static final String HOSTILE = "//me:s3/cret@host a\u001b[31m\nERROR forged";
  private static final String ESCAPED = "//me:***@host a\\u001b[31m\\nERROR forged";

  @Test
  void aMessageAndTheTextsOfExceptionsAreOneLineEachAndWithoutSecrets() {
    Throwable cause = new RuntimeException(HOSTILE);
    Throwable thrown = new IllegalStateException(HOSTILE, cause);
    thrown.addSuppressed(new RuntimeException("token=s3cret\n"));
    // An exception may be its own cause, in a circle.
    cause.addSuppressed(thrown);
    LogEvent written =
        new EscapedLog()
            .rewrite(
                Log4jLogEvent.newBuilder()
                    .setMessage(new SimpleMessage(HOSTILE))
                    .setThrown(thrown)
                    .build());
    List<String> lines =
        written
            .getMessage()
            .getFormattedMessage()
            .lines()
            .filter(line -> !line.contains("\tat "))
            .filter(line -> !line.contains("\t... "))
            .toList();
    assertEquals(
        List.of(
            ESCAPED,
            "java.lang.IllegalStateException: " + ESCAPED,
            "\tSuppressed: java.lang.RuntimeException: token=***\\n",
            "Caused by: java.lang.RuntimeException: " + ESCAPED),
        lines);
    assertNull(written.getThrown());
  }
}
