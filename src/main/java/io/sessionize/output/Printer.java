package io.sessionize.output;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/**
 * Prints UTF-8 text, with its control characters escaped: values are not ASCII, and a scheduler may
 * have no locale.
 */
public final class Printer extends PrintStream {
  private final OutputStream raw;
  private final Terminal terminal;

  public Printer(OutputStream out, Terminal terminal) {
    super(new EscapingStream(out), true, StandardCharsets.UTF_8);
    this.raw = out;
    this.terminal = terminal;
  }

  /** Returns the printer of the process's standard error. */
  public static Printer ofStandardError() {
    return new Printer(
        new FileOutputStream(FileDescriptor.err), Terminal.ofStandardError(System::getenv));
  }

  /** Returns what is below a stream: its bytes are not escaped. */
  public static OutputStream raw(PrintStream stream) {
    return stream instanceof Printer printer ? printer.raw : stream;
  }

  /** Returns the terminal that a stream prints to, or {@link Terminal#NONE}. */
  public static Terminal terminal(PrintStream stream) {
    return stream instanceof Printer printer ? printer.terminal : Terminal.NONE;
  }
}
