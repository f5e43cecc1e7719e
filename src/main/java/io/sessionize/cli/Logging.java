package io.sessionize.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.core.LoggerContext;
import org.apache.logging.log4j.core.config.Configurator;

/** Sets the log levels and the folder of the log. The launcher configures the files (log4j2). */
final class Logging {
  /** The property that names the folder. Only the launcher sets it. */
  static final String FOLDER = "sessionize.logs";

  /** The name of the file, and of the property by which the launcher gives another one. */
  private static final String FILE = "sessionize.log";

  /** As in the launcher's configuration. Before a session starts, spark-submit logs all of INFO. */
  private static final Map<String, Level> LIBRARIES =
      Map.of(
          "org.apache.kafka", Level.WARN,
          "org.apache.kafka.clients.admin.AdminClientConfig", Level.ERROR);

  private Logging() {}

  /**
   * Moves the log to a new temporary folder if its own folder cannot be written: log4j would print
   * frames and log nothing. Must be called before the first logger is created.
   */
  static void useWritableFolder(PrintStream err) {
    String folder = System.getProperty(FOLDER);
    if (folder == null || System.getProperty(FILE) != null || isWritable(Path.of(folder))) {
      return;
    }
    try {
      // A new folder: nobody else can have placed a link there.
      Path other = Files.createTempDirectory("sessionize-logs-");
      System.setProperty(FOLDER, other.toString());
      err.printf(
          "sessionize: warning: the log cannot be written to %s, so it goes to %s: set SESSIONIZE_LOGS.%n",
          folder, other);
    } catch (IOException e) {
      // Nothing can be written at all: log4j says so.
    }
  }

  private static boolean isWritable(Path folder) {
    try {
      Files.createDirectories(folder);
      Path file = folder.resolve(FILE);
      return Files.isWritable(Files.exists(file) ? file : folder);
    } catch (IOException e) {
      return false;
    }
  }

  static void configure(Arguments arguments) {
    String level = arguments.choice(Opt.LOG_LEVEL);
    Configurator.setLevel("io.sessionize", Level.toLevel(level.equals("WARNING") ? "WARN" : level));
    LoggerContext log4j = LoggerContext.getContext(false);
    LIBRARIES.forEach(
        (library, most) -> {
          boolean isConfigured =
              log4j.getConfiguration().getLoggerConfig(library).getName().equals(library);
          if (!isConfigured) {
            Configurator.setLevel(library, most);
          }
        });
  }
}
