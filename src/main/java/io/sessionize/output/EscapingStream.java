package io.sessionize.output;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/** Writes UTF-8 text as {@link Printable#text}. Each call must write whole characters. */
public final class EscapingStream extends FilterOutputStream {
  private static final byte C1 = (byte) 0xC2;
  private static final byte SEPARATORS = (byte) 0xE2;

  public EscapingStream(OutputStream out) {
    super(out);
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    if (isPlain(bytes, offset, length)) {
      out.write(bytes, offset, length);
    } else {
      String text = new String(bytes, offset, length, StandardCharsets.UTF_8);
      out.write(Printable.text(text).getBytes(StandardCharsets.UTF_8));
    }
  }

  /** Returns whether no byte begins a character that may have to be escaped. */
  private static boolean isPlain(byte[] bytes, int offset, int length) {
    for (int i = offset; i < offset + length; i++) {
      byte b = bytes[i];
      boolean isControl = b >= 0 && b < ' ' && b != '\n' && b != '\t' || b == 0x7F;
      if (isControl || b == C1 || b == SEPARATORS) {
        return false;
      }
    }
    return true;
  }
}
