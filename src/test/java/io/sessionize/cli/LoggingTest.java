package io.sessionize.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The folder of the log. */
class LoggingTest {
  @TempDir private Path folder;

  private final String before = System.getProperty(Logging.FOLDER);

  @AfterEach
  void restore() {
    if (before == null) {
      System.clearProperty(Logging.FOLDER);
    } else {
      System.setProperty(Logging.FOLDER, before);
    }
  }

  @Test
  void aWritableFolderIsKeptAndCreated() {
    Path logs = folder.resolve("a/logs");
    assertEquals("", warning(logs));
    assertTrue(Files.isDirectory(logs));
    assertEquals(logs.toString(), System.getProperty(Logging.FOLDER));
  }

  @Test
  void aFolderThatCannotBeWrittenIsReplacedWithOneLine() throws IOException {
    Path logs = Files.createFile(folder.resolve("file")).resolve("logs");
    String warning = warning(logs);
    assertTrue(
        warning.startsWith("sessionize: warning: the log cannot be written to " + logs), warning);
    assertEquals(1, warning.lines().count());
    assertTrue(System.getProperty(Logging.FOLDER).contains("sessionize-logs-"));
  }

  private static String warning(Path logs) {
    System.setProperty(Logging.FOLDER, logs.toString());
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    Logging.useWritableFolder(new PrintStream(err, true, StandardCharsets.UTF_8));
    return err.toString(StandardCharsets.UTF_8);
  }
}
