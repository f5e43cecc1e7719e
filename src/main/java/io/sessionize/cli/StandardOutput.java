package io.sessionize.cli;

import io.sessionize.output.Printer;
import io.sessionize.output.Terminal;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;

/** The process's standard output. It remembers an error, which a {@link PrintStream} hides. */
final class StandardOutput extends FilterOutputStream {
  /** A reader such as {@code head} has seen enough. */
  private static final String CLOSED = "Broken pipe";

  private IOException failed;

  StandardOutput(OutputStream out) {
    super(out);
  }

  static StandardOutput ofProcess() {
    return new StandardOutput(new FileOutputStream(FileDescriptor.out));
  }

  /** Returns a printer, which knows the terminal. */
  Printer printer() {
    return new Printer(this, Terminal.ofStandardOutput(System::getenv));
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    try {
      out.write(bytes, offset, length);
    } catch (IOException e) {
      failed = failed == null ? e : failed;
      throw e;
    }
  }

  /** Returns why output is missing, or null if all that a reader wanted is written. */
  String missing() {
    return failed == null || CLOSED.equals(failed.getMessage()) ? null : failed.getMessage();
  }
}
