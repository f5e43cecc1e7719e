package io.sessionize.cli;

import java.util.regex.Pattern;

/**
 * Removes passwords from the messages of exceptions. The driver of a database repeats the address
 * of the catalog, in which a password can be.
 */
final class Redaction {
  private static final Pattern PASSWORD =
      Pattern.compile(
          "(?<=//[^/:@\\s]{1,200}:)[^/@\\s]+(?=@)"
              + "|(?i)(?<=(?:password|passwd|token|secret|credential)=)[^&;\\s]+");

  private Redaction() {}

  /** Returns the text with asterisks in place of passwords. */
  static String of(String text) {
    return text == null ? null : PASSWORD.matcher(text).replaceAll("***");
  }

  /**
   * Returns the exception itself, or a copy with the same stack trace if a message has a password.
   */
  static Throwable of(Throwable thrown) {
    if (thrown == null) {
      return null;
    }
    Throwable cause = of(thrown.getCause());
    String text = thrown.toString();
    String redacted = of(text);
    if (cause == thrown.getCause() && redacted.equals(text)) {
      return thrown;
    }
    Exception copy = new Exception(redacted, cause);
    copy.setStackTrace(thrown.getStackTrace());
    return copy;
  }
}
