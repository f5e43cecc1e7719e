package io.sessionize.cli;

import io.sessionize.PropertiesFile;
import java.util.Map;

/** Reads the options of {@link OptGroup#SPARK}. */
final class SparkOptions {
  private SparkOptions() {}

  /**
   * Returns the settings of {@code --spark-properties}, and those of {@code --spark-conf}, which
   * win.
   *
   * @throws io.sessionize.Failure of usage, if the file cannot be read
   */
  static Map<String, String> settings(Arguments arguments) {
    Map<String, String> settings =
        PropertiesFile.read("--spark-properties", arguments.text(Opt.SPARK_PROPERTIES));
    settings.putAll(arguments.pairs(Opt.SPARK_CONF));
    return settings;
  }
}
