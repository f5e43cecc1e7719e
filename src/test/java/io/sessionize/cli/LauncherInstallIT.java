package io.sessionize.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.commons.io.FileUtils;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Where the scripts lie, which Java and locale they get, and who may read them. */
class LauncherInstallIT {
  private static final Path SCRIPTS = Path.of("scripts").toAbsolutePath();
  private static final Path TARGET = Path.of("target").toAbsolutePath();

  @TempDir private Path folder;

  /** Java of the tests: prints its locale and its arguments, one a line. */
  private Path jdk;

  @BeforeEach
  void fakeJava() throws IOException {
    jdk = folder.resolve("jdk");
    executable(jdk.resolve("bin/java"), "printf '%s\\n' \"LC_ALL=$LC_ALL\" \"$@\"");
  }

  @Test
  void theLauncherFollowsLinksToItselfAndToItsFolder() throws Exception {
    Path first = Files.createDirectories(folder.resolve("bin")).resolve("first");
    Files.createSymbolicLink(first, first.getParent().relativize(SCRIPTS).resolve("sessionize"));
    Path second = Files.createSymbolicLink(folder.resolve("second"), Path.of("bin/first"));
    Path scripts = Files.createSymbolicLink(folder.resolve("to-scripts"), SCRIPTS);
    for (Path link : List.of(first, second, scripts.resolve("sessionize"))) {
      List<String> java = fakeRun(Map.of(), link.toString(), "status");
      assertTrue(classPath(java).startsWith(TARGET + "/sessionize.jar:"), java.toString());
      assertEquals("status", java.get(java.size() - 1));
    }
    assertFalse(Files.exists(folder.resolve("target")));
    assertFalse(Files.exists(folder.resolve("bin/target")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "clickstream-producer",
        "kafka",
        "bench.sh",
        "bench-peers.sh",
        "soak.sh",
        "test.sh"
      })
  void everyOtherScriptFollowsALink(String script) throws Exception {
    Path link = folder.resolve(script);
    Files.createSymbolicLink(link, SCRIPTS.resolve(script));
    try (Launched help = Launched.start(folder, Map.of(), List.of(link.toString(), "--help"))) {
      assertFalse(help.succeeds().out().isEmpty());
    }
    assertFalse(Files.exists(folder.resolve("target")));
  }

  @Test
  void theDemoFollowsALinkToo() throws Exception {
    Path install = folder.resolve("install");
    Files.createDirectories(install.resolve("scripts"));
    Files.copy(SCRIPTS.resolve("demo.sh"), install.resolve("scripts/demo.sh"));
    executable(install.resolve("scripts/sessionize"), "pwd >&2; exit 9");
    Path link =
        Files.createSymbolicLink(folder.resolve("demo"), install.resolve("scripts/demo.sh"));
    try (Launched demo = Launched.start(folder, Map.of(), List.of("bash", link.toString()))) {
      assertEquals(9, demo.exitCode());
      assertEquals(List.of(install.toRealPath().toString()), demo.err());
    }
  }

  @ParameterizedTest
  @CsvSource({"1.8.0_402,8", "11.0.22,11", "22.0.1,22", "25,25"})
  void anotherJavaIsRefusedWithItsVersion(String version, String number) throws Exception {
    String message =
        "sessionize: Java " + number + " (" + jdk + "/bin/java) is not supported: set JAVA_HOME";
    Files.writeString(jdk.resolve("release"), "JAVA_VERSION=\"" + version + "\"\nOS_ARCH=\"x\"\n");
    refused(message, jdk, SCRIPTS.resolve("sessionize"));

    Files.delete(jdk.resolve("release"));
    executable(
        jdk.resolve("bin/java"), "echo 'openjdk version \"" + version + "\" 2026-01-20' >&2");
    refused(message, jdk, SCRIPTS.resolve("sessionize"));
    executable(jdk.resolve("bin/java"), "echo 'libjvm.so: no such file' >&2; exit 127");
    refused("sessionize: " + jdk + "/bin/java cannot be run", jdk, SCRIPTS.resolve("sessionize"));
  }

  @Test
  void anotherInstalledJavaIsRefused() throws Exception {
    Path jvm = Path.of("/usr/lib/jvm");
    assumeTrue(Files.isDirectory(jvm));
    List<Path> others;
    try (Stream<Path> all = Files.list(jvm)) {
      others =
          all.filter(home -> Files.isExecutable(home.resolve("bin/java")))
              .filter(home -> !home.getFileName().toString().matches(".*(17|21).*"))
              .toList();
    }
    for (Path other : others) {
      refused("sessionize: Java ", other, SCRIPTS.resolve("sessionize"));
    }
  }

  @Test
  void aHeapThatIsNoSizeIsRefused() throws Exception {
    Map<String, String> heap = Map.of("SESSIONIZE_HEAP", "3gb");
    try (Launched run = start(heap, jdk, SCRIPTS.resolve("sessionize").toString())) {
      assertEquals(2, run.exitCode());
      assertEquals(
          List.of("sessionize: SESSIONIZE_HEAP must be a size such as 3g, not '3gb'."), run.err());
    }
  }

  @ParameterizedTest
  @CsvSource({"'',''", "C,''", "POSIX,''", "'',C", "'',de_XX.UTF-8"})
  void javaGetsALocaleInUtf8(String all, String lang) throws Exception {
    Map<String, String> locale = Map.of("LC_ALL", all, "LANG", lang, "LC_CTYPE", "");
    List<String> java = fakeRun(locale, SCRIPTS.resolve("sessionize").toString(), "status");
    assertTrue(java.get(0).matches("LC_ALL=.*(UTF-8|utf8)"), java.get(0));
  }

  @Test
  void aLocaleInUtf8StaysAsItIs() throws Exception {
    Map<String, String> locale = Map.of("LC_ALL", "", "LANG", "C.UTF-8", "LC_CTYPE", "");
    List<String> java = fakeRun(locale, SCRIPTS.resolve("sessionize").toString(), "status");
    assertEquals("LC_ALL=", java.get(0));
  }

  @Test
  void aCopyWorksForAnotherUserWhoCanOnlyRead() throws Exception {
    Path copy = copy();
    List<String> java = fakeRun(Map.of(), copy.resolve("scripts/sessionize").toString(), "status");
    for (String jar : classPath(java).split(":")) {
      assertTrue(jar.startsWith(copy.toString()) && Files.isReadable(Path.of(jar)), jar);
    }

    // Root can write everything, so that it becomes another user.
    boolean isRoot = Files.isWritable(Path.of("/"));
    String[] nobody =
        isRoot
            ? new String[] {"setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"}
            : new String[] {};
    Path logs = Files.createDirectory(folder.resolve("nobody"));
    Files.setPosixFilePermissions(logs, PosixFilePermissions.fromString("rwxrwxrwx"));
    try {
      writable(copy, false);
      String[] command = {copy.resolve("scripts/sessionize").toString(), "run", "--test-mode"};
      try (Launched run =
          Launched.start(
              folder,
              Map.of("SESSIONIZE_LOGS", logs.toString(), "HOME", "/nonexistent"),
              Arrays.asList(LauncherFixture.with(command, nobody)))) {
        assertTrue(String.join("", run.succeeds().out()).contains("user-1234-5678-11223-33221"));
        assertEquals(List.of(), run.err());
      }
    } finally {
      writable(copy, true);
    }
  }

  @Test
  void anArchiveOfAnotherPlaceIsNotUsed() throws Exception {
    Path copy = copy();
    String launcher = copy.resolve("scripts/sessionize").toString();
    String option = "-XX:SharedArchiveFile=" + copy.toRealPath() + "/target/sessionize.jsa";
    assertTrue(fakeRun(Map.of(), launcher, "status").contains(option));
    Files.writeString(copy.resolve("target/sessionize.jsa.place"), "/elsewhere\n");
    try (Launched run = start(Map.of(), jdk, launcher, "status").succeeds()) {
      assertTrue(run.err().get(0).startsWith("sessionize: creating a class archive"));
    }
    assertTrue(fakeRun(Map.of(), launcher, "status").contains(option));
  }

  @Test
  void withoutAPlaceForTheLogACommandWorksAndSaysSo() throws Exception {
    // A file in the place of the folder stops root too.
    Path logs = Files.createFile(folder.resolve("no-folder"));
    String[] test = {SCRIPTS.resolve("sessionize").toString(), "run", "--test-mode"};
    try (Launched run =
        Launched.start(folder, Map.of("SESSIONIZE_LOGS", logs.toString()), List.of(test))) {
      assertTrue(String.join("", run.succeeds().out()).contains("user-1234-5678-11223-33221"));
      assertEquals(
          List.of(
              "sessionize: warning: there is no log, because "
                  + logs
                  + " cannot be written: set SESSIONIZE_LOGS to another folder."),
          run.err());
    }
  }

  @Test
  void whatIsMissingInAnInstallIsNamed() throws Exception {
    Path copy = copy();
    Path launcher = copy.resolve("scripts/sessionize");
    Path target = copy.toRealPath().resolve("target");
    Files.writeString(copy.resolve("target/spark.classpath"), "lib/one.jar");
    refused("sessionize: " + target + "/lib/one.jar is missing", jdk, launcher);
    Files.delete(copy.resolve("target/sessionize.jar"));
    refused("sessionize: " + target + "/sessionize.jar is missing", jdk, launcher);
  }

  /** An install without sources: links to the jars, as copies would take 600 MB. */
  private Path copy() throws IOException {
    Path copy = folder.resolve("copy");
    FileUtils.copyDirectory(SCRIPTS.toFile(), copy.resolve("scripts").toFile());
    Files.setPosixFilePermissions(
        copy.resolve("scripts/sessionize"), PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.createDirectories(copy.resolve("target/lib"));
    for (String file : List.of("sessionize.jar", "spark.classpath")) {
      Files.copy(TARGET.resolve(file), copy.resolve("target").resolve(file));
    }
    try (Stream<Path> jars = Files.list(TARGET.resolve("lib"))) {
      for (Path jar : jars.toList()) {
        linkOrCopy(jar, copy.resolve("target/lib").resolve(jar.getFileName()));
      }
    }
    // Empty, as if Java could not create it: it is not created again.
    Path archive = Files.createFile(copy.resolve("target/sessionize.jsa"));
    Files.setLastModifiedTime(archive, FileTime.from(Instant.now().plusSeconds(3600)));
    Files.writeString(copy.resolve("target/sessionize.jsa.place"), copy.toRealPath() + "\n");
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    return copy;
  }

  private static void linkOrCopy(Path jar, Path to) throws IOException {
    try {
      Files.createLink(to, jar);
    } catch (IOException e) {
      // Another file system.
      Files.copy(jar, to);
    }
  }

  private static void writable(Path copy, boolean writable) throws IOException {
    String rights = writable ? "rwxr-xr-x" : "r-xr-xr-x";
    for (String path : List.of("target/lib", "target", "scripts", "")) {
      Files.setPosixFilePermissions(copy.resolve(path), PosixFilePermissions.fromString(rights));
    }
  }

  private static String classPath(List<String> java) {
    return java.get(java.indexOf("-cp") + 1);
  }

  private List<String> fakeRun(Map<String, String> environment, String... command)
      throws Exception {
    try (Launched run = start(environment, jdk, command).succeeds()) {
      // Bash itself warns of a locale in its environment that does not exist.
      assertTrue(
          run.err().stream().allMatch(line -> line.contains("setlocale")), run.err()::toString);
      return run.out();
    }
  }

  private void refused(String message, Path java, Path launcher) throws Exception {
    try (Launched run = start(Map.of(), java, launcher.toString(), "status")) {
      assertEquals(2, run.exitCode(), () -> run.err().toString());
      assertEquals(1, run.err().size(), () -> run.err().toString());
      assertTrue(run.err().get(0).startsWith(message), run.err().get(0));
    }
  }

  private Launched start(Map<String, String> more, Path java, String... command)
      throws IOException {
    Map<String, String> environment = new HashMap<>(more);
    environment.put("JAVA_HOME", java.toString());
    return Launched.start(folder, environment, List.of(command));
  }

  private static void executable(Path file, String body) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, "#!/bin/sh\n" + body + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }
}
