package io.sessionize;

import java.util.regex.Pattern;

/**
 * Recognizes passwords, keys and tokens by the names of their settings, and by their place in an
 * address. The driver of a database and the client of a catalog repeat both in their messages.
 */
public final class Secrets {
  /** Parts of the names of settings that hold a secret. */
  private static final String NAMES =
      "secret|password|passwd|passphrase|token|credential|authorization|[.]header[.]|jaas"
          + "|(?:access|api|private|shared)[._-]?key|(?:account|keystore)[.]key|cryption-key"
          + "|connection-string";

  /**
   * A regular expression that finds the name of a secret setting, or an address with a password.
   */
  public static final String NAME_OR_ADDRESS =
      "(?i:" + NAMES + "|//[^/:@\\s]*:[^@\\s]+@|jdbc:oracle:[^/@\\s]*/[^@\\s]+@)";

  // The lengths are limited, so that no text of a service makes the search long. A password can
  // have a slash or an @.
  private static final Pattern PASSWORD_OF_ADDRESS =
      Pattern.compile(
          "((?://[^/:@\\s]{0,200}:)|(?i:jdbc:oracle:[^/@\\s]{0,200}/))"
              + "(?:[^\\s\"']{1,500}|\\S{1,500}?)(?=@)");

  // As key=value, or "key":"value". That a setting is on or off is no secret.
  private static final Pattern VALUE =
      Pattern.compile(
          "(?i)((?:"
              + NAMES
              + ")[\\w.-]{0,200}(?:[\"']?\\s?=\\s?|[\"']\\s?:\\s?))(?!(?:true|false)\\b)"
              + "(?:\"(?:[^\"\\\\]|\\\\.){0,2000}\"|(?:bearer |basic )?[^&;\\s]+)");

  private Secrets() {}

  /** Returns the text with asterisks in place of secrets. */
  public static String redacted(String text) {
    String addresses = PASSWORD_OF_ADDRESS.matcher(text).replaceAll("$1***");
    return VALUE.matcher(addresses).replaceAll("$1***");
  }
}
