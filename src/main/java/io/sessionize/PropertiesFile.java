package io.sessionize;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;

/** Reads the properties file of an option. Its values may be secrets, so never print them. */
public final class PropertiesFile {
  /** Some editors put it before the first character. */
  private static final String BYTE_ORDER_MARK = "\uFEFF";

  private PropertiesFile() {}

  /**
   * Returns the settings of a properties file in UTF-8.
   *
   * @param option the name of the option, for the message
   * @param file may be null: no settings
   * @throws Failure of usage, if the file cannot be read
   */
  public static Map<String, String> read(String option, String file) {
    Properties properties = new Properties();
    if (file != null) {
      try {
        String text = Files.readString(Path.of(file));
        properties.load(
            new StringReader(text.startsWith(BYTE_ORDER_MARK) ? text.substring(1) : text));
      } catch (IOException | IllegalArgumentException e) {
        throw Failure.usage(
            "%s %s cannot be read (%s).", option, file, e.getClass().getSimpleName());
      }
    }
    Map<String, String> settings = new TreeMap<>();
    properties.stringPropertyNames().forEach(key -> settings.put(key, properties.getProperty(key)));
    return settings;
  }

  /** Returns whether all users of the machine can read a file; false if it has no permissions. */
  public static boolean isOpen(String file) {
    try {
      return Files.getPosixFilePermissions(Path.of(file)).contains(PosixFilePermission.OTHERS_READ);
    } catch (IOException | UnsupportedOperationException e) {
      return false;
    }
  }
}
