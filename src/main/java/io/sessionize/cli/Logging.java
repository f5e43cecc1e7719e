package io.sessionize.cli;

import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.core.config.Configurator;

/** The log's level, from the command line. Where it goes is the launcher's matter (log4j2). */
final class Logging {
  private Logging() {}

  static void configure(Arguments arguments) {
    String level = arguments.choice(Opt.LOG_LEVEL);
    Configurator.setLevel("io.sessionize", Level.toLevel(level.equals("WARNING") ? "WARN" : level));
  }
}
