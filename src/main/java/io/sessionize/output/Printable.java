package io.sessionize.output;

import java.util.Locale;

/**
 * Escapes the characters that control a terminal or the direction of text: C0, DEL, C1, the
 * separators of lines and paragraphs, and the marks, overrides and isolates of bidirectional text.
 * Values of events, users and services may contain them. An escape such as {@code \u001b} is valid
 * in a JSON string too.
 */
public final class Printable {
  private static final char DELETE = 0x7F;
  private static final char LAST_C1 = 0x9F;

  private Printable() {}

  /** Returns the text as one line: line breaks and tabs are escaped too. */
  public static String line(String text) {
    return escaped(text, false);
  }

  /** Returns the text with its line breaks (LF, CRLF) and tabs as they are. */
  public static String text(String text) {
    return escaped(text, true);
  }

  private static String escaped(String text, boolean severalLines) {
    StringBuilder escaped = null;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean keep = !isControl(c) || severalLines && isLayout(text, i);
      if (!keep && escaped == null) {
        escaped = new StringBuilder(text.length() + 16).append(text, 0, i);
      }
      if (escaped != null) {
        escaped.append(keep ? String.valueOf(c) : escape(c));
      }
    }
    return escaped == null ? text : escaped.toString();
  }

  private static boolean isControl(char c) {
    return c < ' '
        || c >= DELETE && c <= LAST_C1
        || c == '\u061C'
        || c == '\u200E'
        || c == '\u200F'
        || c >= '\u2028' && c <= '\u202E'
        || c >= '\u2066' && c <= '\u2069';
  }

  private static boolean isLayout(String text, int at) {
    char c = text.charAt(at);
    return c == '\n'
        || c == '\t'
        || c == '\r' && at + 1 < text.length() && text.charAt(at + 1) == '\n';
  }

  private static String escape(char c) {
    return switch (c) {
      case '\n' -> "\\n";
      case '\r' -> "\\r";
      case '\t' -> "\\t";
      default -> String.format(Locale.ROOT, "\\u%04x", (int) c);
    };
  }
}
