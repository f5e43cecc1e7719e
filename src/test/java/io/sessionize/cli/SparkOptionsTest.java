package io.sessionize.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.testing.LogLines;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.logging.log4j.Level;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SparkOptionsTest {
  @TempDir private Path folder;

  @Test
  void aFileIsReadAsSparkReadsIt() throws Exception {
    Path file = folder.resolve("catalog.properties");
    Files.writeString(file, "\uFEFFspark.first=a  \nspark.second=b \t\nspark.third=c\n");
    assertEquals(
        Map.of("spark.first", "a", "spark.second", "b", "spark.third", "d "),
        settings("--spark-properties", file.toString(), "--spark-conf", "spark.third=d "));
  }

  @Test
  void aSettingThatComesTooLateIsNamed() throws Exception {
    String warnings = warnings("spark.driver.memory=8g", "spark.jars=a.jar", "spark.app.name=x");
    assertTrue(
        warnings.startsWith(
            "sessionize: warning: spark.driver.memory, spark.jars has no effect on the driver"),
        warnings);
    assertEquals("", warnings("spark.app.name=x"));
  }

  @Test
  void aFileThatAllCanReadIsNamedInTheLog() throws Exception {
    String name = Files.writeString(folder.resolve("open.properties"), "a=b").toString();
    try (LogLines log = new LogLines(Level.WARN)) {
      Files.setPosixFilePermissions(Path.of(name), PosixFilePermissions.fromString("rw-r-----"));
      settings("--spark-properties", name);
      assertEquals(List.of(), log.with(name));
      Files.setPosixFilePermissions(Path.of(name), PosixFilePermissions.fromString("rw-r--r--"));
      settings("--spark-properties", name);
      assertEquals(1, log.with(name + " can be read by all users").size());
    }
  }

  private static Map<String, String> settings(String... words) throws Exception {
    return SparkOptions.settings(
        Arguments.parse(new StatusCommand(), List.of(words), name -> null));
  }

  private static String warnings(String... settings) throws Exception {
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    PrintStream before = System.err;
    System.setErr(new PrintStream(printed, true, StandardCharsets.UTF_8));
    try {
      settings(
          Arrays.stream(settings)
              .flatMap(setting -> Stream.of("--spark-conf", setting))
              .toArray(String[]::new));
    } finally {
      System.setErr(before);
    }
    return printed.toString(StandardCharsets.UTF_8);
  }
}
