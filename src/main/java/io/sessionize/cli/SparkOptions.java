package io.sessionize.cli;

import io.sessionize.PropertiesFile;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads the options of {@link OptGroup#SPARK}. */
final class SparkOptions {
  /** What only the start of the driver's process can follow. */
  private static final List<String> OF_THE_START =
      List.of(
          "spark.driver.memory",
          "spark.driver.extraJavaOptions",
          "spark.driver.defaultJavaOptions",
          "spark.driver.extraClassPath",
          "spark.driver.extraLibraryPath",
          "spark.jars",
          "spark.jars.packages");

  private static final Logger LOG = LoggerFactory.getLogger(SparkOptions.class);

  private SparkOptions() {}

  /**
   * Returns the settings of {@code --spark-properties}, and those of {@code --spark-conf}, which
   * win. Warns of those that come too late.
   *
   * @throws io.sessionize.Failure of usage, if the file cannot be read
   */
  static Map<String, String> settings(Arguments arguments) {
    Map<String, String> settings =
        PropertiesFile.read(
            "--spark-properties", SettingsFile.name(arguments, Opt.SPARK_PROPERTIES));
    // As spark-submit does with its own file.
    settings.replaceAll((key, value) -> value.strip());
    settings.putAll(arguments.pairs(Opt.SPARK_CONF));
    warnOfLate(settings);
    return settings;
  }

  private static void warnOfLate(Map<String, String> settings) {
    List<String> late = OF_THE_START.stream().filter(settings::containsKey).toList();
    if (!late.isEmpty()) {
      String warning =
          String.format(
              "%s has no effect on the driver, whose process already runs: set SESSIONIZE_HEAP,"
                  + " SESSIONIZE_CLASSPATH or SESSIONIZE_JAVA_OPTIONS, or give it to spark-submit"
                  + " itself.",
              String.join(", ", late));
      LOG.warn(warning);
      System.err.println("sessionize: warning: " + warning);
    }
  }
}
