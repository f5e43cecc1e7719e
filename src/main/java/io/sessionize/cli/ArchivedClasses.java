package io.sessionize.cli;

import io.sessionize.audit.Check;
import io.sessionize.audit.RecentCheck;
import io.sessionize.job.CrashPoint;
import io.sessionize.job.Job;
import io.sessionize.session.Rules;
import io.sessionize.spark.SampleRun;
import io.sessionize.spark.SparkSessions;
import io.sessionize.summary.TableNames;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import org.apache.commons.io.FileUtils;
import org.apache.spark.sql.SparkSession;

/**
 * Main class of the process whose classes the launcher archives. Test mode needs no broker, so it
 * does not load the classes that read Kafka: this class does.
 */
final class ArchivedClasses {
  private static final List<String> PACKAGES =
      List.of(
          "org/apache/kafka/clients/",
          "org/apache/kafka/common/",
          "org/apache/spark/sql/kafka010/",
          "io/sessionize/source/");
  private static final String CLASS = ".class";

  private ArchivedClasses() {}

  public static void main(String[] args) throws Exception {
    Path jar =
        Path.of(ArchivedClasses.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    load(jar);
    processLateEvents();
    Main.main(new String[] {RunCommand.NAME, "--" + Opt.TEST_MODE.longName()});
  }

  /** Test mode has no late event, and checks nothing. */
  private static void processLateEvents() throws IOException {
    Path warehouse = Files.createTempDirectory("sessionize-archive-");
    try (SparkSession spark = SparkSessions.startEmbedded(warehouse, Map.of())) {
      TableNames names = new TableNames(SparkSessions.catalog(spark), "sessions", "user_sessions");
      Duration tenMinutes = Duration.ofMinutes(10);
      Job job =
          new Job(names, Rules.DEFAULT, tenMinutes, null, tenMinutes, System::currentTimeMillis);
      SampleRun sample = new SampleRun(spark, job, CrashPoint.Probe.NONE);
      sample.execute();
      sample.executeLate();
      try (RecentCheck check = new Check(spark, names, rules -> rules).ofLastRuns(1)) {
        check.holds();
      }
    } finally {
      FileUtils.deleteDirectory(warehouse.toFile());
    }
  }

  private static void load(Path jar) throws IOException {
    try (JarFile file = new JarFile(jar.toFile())) {
      file.stream()
          .map(JarEntry::getName)
          .filter(name -> name.endsWith(CLASS) && PACKAGES.stream().anyMatch(name::startsWith))
          .map(name -> name.substring(0, name.length() - CLASS.length()).replace('/', '.'))
          .forEach(ArchivedClasses::load);
    }
  }

  /** Loads a class without initializing it. Some need a library that the job does not use. */
  private static void load(String name) {
    try {
      Class.forName(name, false, ArchivedClasses.class.getClassLoader());
    } catch (ClassNotFoundException | LinkageError e) {
      return;
    }
  }
}
