package io.sessionize.output;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** A colour of text on a terminal that has colours. */
public enum Colour {
  GREEN(32),
  YELLOW(33),
  RED(31);

  private static final String RESET = "\u001b[0m";

  private final String begin;

  Colour(int code) {
    begin = "\u001b[" + code + "m";
  }

  /** Prints a line in this colour; without colours if the stream is no terminal that has them. */
  public void println(PrintStream out, String line) {
    if (!Printer.terminal(out).hasColours()) {
      out.println(line);
      return;
    }
    raw(out, begin);
    out.print(line);
    raw(out, RESET);
    out.println();
  }

  private static void raw(PrintStream out, String code) {
    try {
      OutputStream raw = Printer.raw(out);
      raw.write(code.getBytes(StandardCharsets.US_ASCII));
      raw.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
