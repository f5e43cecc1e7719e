package io.sessionize.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** Runs command lines that start nothing, in this process. */
abstract class CommandLineFixture {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  /** Requires exit code 2, and one line on stderr alone. */
  void assertRefused(String message, String... line) {
    assertEquals(2, run(line));
    assertEquals("", out());
    assertTrue(err().startsWith("sessionize: "), err());
    assertTrue(err().contains(message), err());
    assertEquals(1, err().lines().count(), err());
    assertTrue(err().endsWith("\n"), err());
  }

  int run(String... line) {
    out.reset();
    err.reset();
    return Main.run(
        line,
        new PrintStream(out, true, StandardCharsets.UTF_8),
        new PrintStream(err, true, StandardCharsets.UTF_8));
  }

  String out() {
    return out.toString(StandardCharsets.UTF_8);
  }

  String err() {
    return err.toString(StandardCharsets.UTF_8);
  }
}
