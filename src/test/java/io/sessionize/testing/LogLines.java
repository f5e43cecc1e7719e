package io.sessionize.testing;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.LoggerContext;
import org.apache.logging.log4j.core.appender.AbstractAppender;
import org.apache.logging.log4j.core.config.Configurator;
import org.apache.logging.log4j.core.config.LoggerConfig;
import org.apache.logging.log4j.core.config.Property;

/** Keeps what this process logs, as "LEVEL LOGGER MESSAGE", until it is closed. */
public final class LogLines implements AutoCloseable {
  private final List<String> lines = new CopyOnWriteArrayList<>();

  /** Starts with this level for all loggers that have no own one. */
  public LogLines(Level level) {
    AbstractAppender appender =
        new AbstractAppender("lines", null, null, true, Property.EMPTY_ARRAY) {
          @Override
          public void append(LogEvent event) {
            lines.add(
                String.format(
                    "%s %s %s",
                    event.getLevel(),
                    event.getLoggerName(),
                    event.getMessage().getFormattedMessage()));
          }
        };
    appender.start();
    LoggerConfig root = LoggerContext.getContext(false).getConfiguration().getRootLogger();
    List.copyOf(root.getAppenders().keySet()).forEach(root::removeAppender);
    root.addAppender(appender, null, null);
    Configurator.setRootLevel(level);
  }

  /** Returns the lines that have a text. */
  public List<String> with(String text) {
    return lines.stream().filter(line -> line.contains(text)).toList();
  }

  @Override
  public void close() {
    LoggerContext.getContext(false).reconfigure();
  }
}
