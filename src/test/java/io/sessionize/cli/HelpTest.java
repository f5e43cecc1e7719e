package io.sessionize.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** Help, versions, completion, and what they print where. */
class HelpTest extends CommandLineFixture {
  @TempDir private Path folder;

  static List<String> commands() {
    return Main.commands().stream().map(Command::name).toList();
  }

  @Test
  void withoutACommandTheListOfCommandsGoesToStderr() {
    assertEquals(2, run());
    assertEquals("", out());
    assertListsCommands(err());
  }

  @ParameterizedTest
  @ValueSource(strings = {"help", "--help", "-h"})
  void helpIsTheListOfCommandsOnStdout(String word) {
    assertEquals(0, run(word));
    assertEquals("", err());
    assertListsCommands(out());
  }

  @Test
  void versionsAreThoseOfTheJobAndOfWhatItRunsOn() {
    assertEquals(0, run("--version"));
    assertTrue(
        out()
            .matches(
                "sessionize \\S+\n"
                    + "Spark 3\\.5\\.\\d+\n"
                    + "Iceberg 1\\.\\S+\n"
                    + "Java (17|21)\\.\\S+ \\(.+\\)\n"),
        out());
    assertEquals("", err());
  }

  @ParameterizedTest
  @ValueSource(strings = {"--help", "--version", "--nope"})
  void whatStartsNothingLoadsNeitherSparkNorTheLog(String option) throws Exception {
    Path loaded = folder.resolve("loaded.txt");
    new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin/java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-Xlog:class+load:file=" + loaded,
            "-cp",
            System.getProperty("java.class.path"),
            Main.class.getName(),
            option.equals("--nope") ? "run" : option,
            option)
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve("printed.txt").toFile())
        .start()
        .waitFor();
    List<String> unwanted =
        Files.readAllLines(loaded).stream()
            .filter(
                line ->
                    line.matches(
                        ".*\\] org\\.(slf4j\\.LoggerFactory|apache\\.spark\\.sql\\.types\\.).*"))
            .toList();
    assertEquals(List.of(), unwanted);
  }

  @Test
  void quietAndVerboseContradictEachOther() {
    assertRefused("Give either --quiet or --verbose.", "check", "--quiet", "--verbose");
  }

  @Test
  void quietLeavesOnlyTheLineOfAFailure() {
    // The log of the tests writes to the stderr of its start.
    LoggerFactory.getLogger(HelpTest.class);
    PrintStream before = System.err;
    ByteArrayOutputStream warnings = new ByteArrayOutputStream();
    try {
      System.setErr(new PrintStream(warnings, true, StandardCharsets.UTF_8));
      String[] refused = {"run", "--trigger", "1s", "--check", "--max-session-duration", "120"};
      assertRefused("Give either --trigger or --check", refused);
      assertTrue(
          warnings.toString(StandardCharsets.UTF_8).contains("warning: --max"), warnings::toString);
      warnings.reset();
      assertRefused(
          "Give either --trigger or --check",
          Stream.concat(Stream.of(refused), Stream.of("--quiet")).toArray(String[]::new));
      assertEquals("", warnings.toString(StandardCharsets.UTF_8));
    } finally {
      System.setErr(before);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"bash", "zsh"})
  void theShellCompletesWhatTheOptionsSay(String shell) throws Exception {
    assertEquals(0, run("completion", shell));
    Path script = Files.writeString(folder.resolve("completion"), out());
    assertEquals(
        List.of("recompute", "report", "rejected", "recover"),
        completed(script, "sessionize", "re"));
    assertEquals(
        List.of("--inactivity-timeout"), completed(script, "sessionize", "run", "--inact"));
    assertEquals(
        List.of("log", "diff", "session", "prove"),
        completed(script, "sessionize", "audit", "").subList(0, 4));
    assertEquals(List.of("json", "jsonl"), completed(script, "sessionize", "sql", "--format", "j"));
    assertEquals(List.of(), completed(script, "sessionize", "explain", "--user", ""));
    String file = folder.resolve("comp").toString();
    assertEquals(
        List.of(script.toString()), completed(script, "sessionize", "run", "--report", file));
    assertRefused("Give completion one of: bash, zsh.", "completion", "fish");
  }

  /** What bash, which zsh imitates by bashcompinit, offers for the last word. */
  private static List<String> completed(Path script, String... words) throws Exception {
    String list = Stream.of(words).map(word -> "'" + word + "'").collect(Collectors.joining(" "));
    String commands =
        String.format(
            "autoload() { :; }; compinit() { :; }; bashcompinit() { :; }; source %s;"
                + " COMP_WORDS=(%s); COMP_CWORD=%d;"
                + " $(complete -p sessionize | sed 's/.*-F \\([^ ]*\\).*/\\1/');"
                + " printf '%%s\\n' ${COMPREPLY[@]+\"${COMPREPLY[@]}\"}",
            script, list, words.length - 1);
    Process bash = new ProcessBuilder("bash", "-c", commands).redirectErrorStream(true).start();
    String offered = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, bash.waitFor(), offered);
    return offered.lines().filter(line -> !line.isEmpty()).toList();
  }

  @ParameterizedTest
  @MethodSource("commands")
  void helpOfACommandGoesToStdoutWithAnyOtherWords(String command) {
    assertEquals(0, run(command, "--help", "word", "--log-level", "LOUD"));
    assertEquals("", err());
    assertTrue(out().startsWith("usage: sessionize " + command), out());
  }

  private static void assertListsCommands(String text) {
    assertTrue(text.startsWith("usage: sessionize COMMAND [OPTIONS]"), text);
    for (Command command : Main.commands()) {
      assertTrue(text.contains("  " + command.name() + " "), text);
      assertTrue(text.contains(command.summary()), text);
    }
  }

  @Test
  void outputThatCannotBeWrittenIsAFailure() throws IOException {
    StandardOutput full = new StandardOutput(Files.newOutputStream(Path.of("/dev/full")));
    ByteArrayOutputStream told = new ByteArrayOutputStream();
    PrintStream err = new PrintStream(told, true, StandardCharsets.UTF_8);
    assertEquals(1, Main.run(new String[] {"help"}, full, err, () -> {}));
    assertEquals(
        "sessionize: The command is complete, but its output could not be written (No space left on device): free space there.\n",
        told.toString(StandardCharsets.UTF_8));
  }
}
