package io.sessionize.cli;

import java.util.Map;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.core.LoggerContext;
import org.apache.logging.log4j.core.config.Configurator;

/** Sets the log levels. The launcher configures the files (log4j2). */
final class Logging {
  /** The property that names the folder of the log. Only the launcher sets it. */
  static final String FOLDER = "sessionize.logs";

  /** As in the launcher's configuration. Before a session starts, spark-submit logs all of INFO. */
  private static final Map<String, Level> LIBRARIES =
      Map.of(
          "org.apache.kafka", Level.WARN,
          "org.apache.kafka.clients.admin.AdminClientConfig", Level.ERROR);

  private Logging() {}

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
