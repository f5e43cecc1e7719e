package io.sessionize.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The launcher's choice of compilers, with a Java that prints its options. */
class LauncherCompilerIT {
  private static final String FIRST_ALONE = "-XX:TieredStopAtLevel=1";

  @TempDir private Path folder;

  @BeforeEach
  void fakeJava() throws Exception {
    Path java = Files.createDirectories(folder.resolve("jdk/bin")).resolve("java");
    Files.writeString(java, "#!/bin/sh\nprintf '%s\\n' \"$@\"\n");
    Files.setPosixFilePermissions(java, PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.createDirectory(folder.resolve("logs"));
  }

  @Test
  void theFirstRunAndARunAfterALargeOneHaveBothCompilers() throws Exception {
    assertFalse(options("run").contains(FIRST_ALONE));
    rows("user_sessions", "300000\n");
    assertFalse(options("run").contains(FIRST_ALONE));
  }

  @Test
  void aRunAfterASmallOneHasTheFirstCompilerAlone() throws Exception {
    rows("user_sessions", "299999\n");
    assertTrue(options("run", "--kafka-topic", "clicks").contains(FIRST_ALONE));
    assertFalse(options("run", "--trigger", "10s").contains(FIRST_ALONE));
    assertFalse(options("run", "--trigger=10s").contains(FIRST_ALONE));
    assertFalse(options("backfill").contains(FIRST_ALONE));
    assertFalse(options("recompute").contains(FIRST_ALONE));
  }

  @Test
  void commandsThatReadTheHistoryAloneHaveTheFirstCompilerAlone() throws Exception {
    assertTrue(options("status").contains(FIRST_ALONE));
    assertTrue(options("audit", "log").contains(FIRST_ALONE));
    assertFalse(options("audit", "prove").contains(FIRST_ALONE));
    assertFalse(options("check").contains(FIRST_ALONE));
  }

  @Test
  void aLargeTableWithTheSameLogsDecides() throws Exception {
    rows("small", "5\n");
    rows("large", "2000000\n");
    assertFalse(options("run").contains(FIRST_ALONE));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "\n",
        "-5\n",
        "5 6\n",
        "few\n",
        "1e3\n",
        "a[$(echo 1)]\n",
        "12345678901234567890\n"
      })
  void aFileThatHoldsNoNumberCountsAsLarge(String content) throws Exception {
    rows("user_sessions", content);
    assertFalse(options("run").contains(FIRST_ALONE));
  }

  @Test
  void aFileThatCannotBeReadCountsAsLarge() throws Exception {
    Files.createDirectory(folder.resolve("logs/sessions.user_sessions.rows"));
    assertFalse(options("run").contains(FIRST_ALONE));
  }

  @Test
  void theUsersOptionsComeLast() throws Exception {
    rows("user_sessions", "08\n");
    List<String> options =
        options(Map.of("SESSIONIZE_JAVA_OPTIONS", "-XX:TieredStopAtLevel=4"), "run");
    assertTrue(options.indexOf("-XX:TieredStopAtLevel=4") > options.indexOf(FIRST_ALONE));
    assertTrue(options.contains(FIRST_ALONE));
  }

  private void rows(String table, String content) throws Exception {
    Files.writeString(folder.resolve("logs/sessions." + table + ".rows"), content);
  }

  private List<String> options(String... command) throws Exception {
    return options(Map.of("SESSIONIZE_JAVA_OPTIONS", ""), command);
  }

  private List<String> options(Map<String, String> more, String... command) throws Exception {
    Map<String, String> environment = new HashMap<>(more);
    environment.put("JAVA_HOME", folder.resolve("jdk").toString());
    try (Launched launched = Launched.sessionize(folder, environment, command).succeeds()) {
      assertEquals(List.of(), launched.err());
      return launched.out();
    }
  }
}
