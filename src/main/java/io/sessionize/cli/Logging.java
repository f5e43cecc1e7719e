package io.sessionize.cli;

import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.core.config.Configurator;

/** Sets the log level. The launcher configures the files (log4j2). */
final class Logging {
  private Logging() {}

  static void configure(Arguments arguments) {
    String level = arguments.choice(Opt.LOG_LEVEL);
    Configurator.setLevel("io.sessionize", Level.toLevel(level.equals("WARNING") ? "WARN" : level));
  }
}
