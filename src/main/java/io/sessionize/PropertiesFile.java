package io.sessionize;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;

/** Reads the properties file of an option. Its values may be secrets, so never print them. */
public final class PropertiesFile {
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
      try (Reader reader = Files.newBufferedReader(Path.of(file))) {
        properties.load(reader);
      } catch (IOException | IllegalArgumentException e) {
        throw Failure.usage(
            "%s %s cannot be read (%s).", option, file, e.getClass().getSimpleName());
      }
    }
    Map<String, String> settings = new TreeMap<>();
    properties.stringPropertyNames().forEach(key -> settings.put(key, properties.getProperty(key)));
    return settings;
  }
}
