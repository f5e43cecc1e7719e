package io.sessionize.output;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalInt;
import java.util.function.UnaryOperator;
import org.jline.terminal.TerminalBuilder;

/** What is known of the terminal that a stream of this process prints to. */
public final class Terminal {
  /** No terminal: no width, no colours. */
  public static final Terminal NONE = new Terminal(false, name -> null);

  private static final String OUT = "1";
  private static final String ERR = "2";

  private final boolean isTerminal;
  private final UnaryOperator<String> environment;

  /** Null until it is asked for, which takes a tenth of a second, and is possible once. */
  private OptionalInt width;

  /**
   * @param environment returns the value of an environment variable, or null
   */
  Terminal(boolean isTerminal, UnaryOperator<String> environment) {
    this.isTerminal = isTerminal;
    this.environment = environment;
  }

  /** Returns the terminal of the standard output. */
  public static Terminal ofStandardOutput(UnaryOperator<String> environment) {
    return new Terminal(isTerminal(OUT), environment);
  }

  /** Returns the terminal of the standard error. */
  public static Terminal ofStandardError(UnaryOperator<String> environment) {
    return new Terminal(isTerminal(ERR), environment);
  }

  public boolean isTerminal() {
    return isTerminal;
  }

  /** Returns whether it shows colours, and the user wants them (https://no-color.org). */
  public boolean hasColours() {
    String noColour = environment.apply("NO_COLOR");
    return isTerminal
        && (noColour == null || noColour.isEmpty())
        && !"dumb".equals(environment.apply("TERM"));
  }

  /** Returns the columns of the terminal, or of {@code COLUMNS}; empty if neither is known. */
  public synchronized OptionalInt width() {
    if (width == null) {
      int ofTerminal = isTerminal ? ofTerminal() : 0;
      width = ofTerminal > 0 ? OptionalInt.of(ofTerminal) : ofEnvironment();
    }
    return width;
  }

  private OptionalInt ofEnvironment() {
    String columns = environment.apply("COLUMNS");
    return columns != null && columns.matches("[1-9][0-9]{0,4}")
        ? OptionalInt.of(Integer.parseInt(columns))
        : OptionalInt.empty();
  }

  private static int ofTerminal() {
    try {
      // It stays open: close() would close the standard output too.
      return TerminalBuilder.builder().system(true).dumb(true).build().getWidth();
    } catch (IOException e) {
      return 0;
    }
  }

  // System.console() is about stdin and stdout together: a second choice.
  private static boolean isTerminal(String descriptor) {
    try {
      String target = Files.readSymbolicLink(Path.of("/proc/self/fd", descriptor)).toString();
      return target.startsWith("/dev/pts/")
          || target.startsWith("/dev/tty")
          || target.equals("/dev/console");
    } catch (IOException e) {
      return System.console() != null;
    }
  }
}
