package io.sessionize.cli;

import io.sessionize.Secrets;
import io.sessionize.output.Printable;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.apache.logging.log4j.core.Appender;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.LoggerContext;
import org.apache.logging.log4j.core.appender.rewrite.RewriteAppender;
import org.apache.logging.log4j.core.appender.rewrite.RewritePolicy;
import org.apache.logging.log4j.core.config.AppenderRef;
import org.apache.logging.log4j.core.config.Configuration;
import org.apache.logging.log4j.core.config.LoggerConfig;
import org.apache.logging.log4j.core.impl.Log4jLogEvent;
import org.apache.logging.log4j.message.SimpleMessage;

/**
 * Makes each message of the log one line without control characters and without secrets, also the
 * messages of exceptions: a service such as a catalog chooses their text. It works with any
 * configuration, such as Spark's own under {@code spark-submit}, in the process of the driver.
 */
final class EscapedLog implements RewritePolicy {

  EscapedLog() {}

  /** Puts the policy before all appenders of the current configuration. */
  static void install() {
    LoggerContext context = LoggerContext.getContext(false);
    Configuration configuration = context.getConfiguration();
    for (LoggerConfig logger : configuration.getLoggers().values()) {
      for (AppenderRef ref : List.copyOf(logger.getAppenderRefs())) {
        Appender appender = logger.getAppenders().get(ref.getRef());
        if (appender != null) {
          RewriteAppender escaping = before(appender, configuration);
          logger.removeAppender(ref.getRef());
          logger.addAppender(escaping, ref.getLevel(), ref.getFilter());
        }
      }
    }
    context.updateLoggers();
  }

  private static RewriteAppender before(Appender appender, Configuration configuration) {
    AppenderRef target = AppenderRef.createAppenderRef(appender.getName(), null, null);
    RewriteAppender escaping =
        RewriteAppender.createAppender(
            "escaped " + appender.getName(),
            "true",
            new AppenderRef[] {target},
            configuration,
            new EscapedLog(),
            null);
    escaping.start();
    return escaping;
  }

  /** Writes the exception as part of the message: layouts differ in how they print it. */
  // The older Log4j of a Spark installation would print the proxy.
  @SuppressWarnings("deprecation")
  @Override
  public LogEvent rewrite(LogEvent event) {
    StringWriter text = new StringWriter();
    text.write(line(event.getMessage().getFormattedMessage()));
    if (event.getThrown() != null) {
      text.write('\n');
      Escaped.of(event.getThrown()).printStackTrace(new PrintWriter(text, true));
    }
    return new Log4jLogEvent.Builder(event)
        .setMessage(new SimpleMessage(text.toString().stripTrailing()))
        .setThrown(null)
        .setThrownProxy(null)
        .build();
  }

  // Escaping first would hide the line break that ends a secret.
  private static String line(String text) {
    return Printable.line(Secrets.redacted(text));
  }

  /** Prints like another exception, with its frames and causes, but with another text. */
  private static final class Escaped extends Throwable {
    private static final long serialVersionUID = 1L;
    private final String text;

    private Escaped(String text, Throwable cause) {
      super(text, cause);
      this.text = text;
    }

    static Escaped of(Throwable thrown) {
      return of(thrown, Collections.newSetFromMap(new IdentityHashMap<>()));
    }

    private static Escaped of(Throwable thrown, Set<Throwable> seen) {
      // An exception can be its own cause, in a circle.
      if (thrown == null || !seen.add(thrown)) {
        return null;
      }
      Escaped escaped = new Escaped(line(String.valueOf(thrown)), of(thrown.getCause(), seen));
      escaped.setStackTrace(thrown.getStackTrace());
      for (Throwable suppressed : thrown.getSuppressed()) {
        Escaped other = of(suppressed, seen);
        if (other != null) {
          escaped.addSuppressed(other);
        }
      }
      return escaped;
    }

    @Override
    public String toString() {
      return text;
    }
  }
}
