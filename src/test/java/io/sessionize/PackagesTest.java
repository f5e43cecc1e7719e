package io.sessionize;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The arrows between the packages point one way; the core is plain Java. */
class PackagesTest {
  private static final Path ROOT = Path.of("src/main/java/io/sessionize");
  private static final Pattern IMPORT =
      Pattern.compile("^import (?:static )?([\\w.]+);$", Pattern.MULTILINE);
  private static final Pattern OURS = Pattern.compile("io\\.sessionize\\.([a-z]+)\\..*");

  /**
   * What each package may use of ours. The root (failures and their exit codes) may be used by all
   * and uses nothing; {@code cli} is the door and may use everything.
   */
  private static final Map<String, Set<String>> ARROWS =
      Map.of(
          "session", Set.of(),
          "source", Set.of("session"),
          "event", Set.of("session"),
          "store", Set.of("session"),
          "pipeline", Set.of("source", "event", "store", "session"),
          "audit", Set.of("pipeline", "source", "event", "store", "session"),
          "report", Set.of("store", "session"),
          "progress", Set.of(),
          "producer", Set.of("source", "progress"),
          "cli",
              Set.of(
                  "pipeline",
                  "audit",
                  "report",
                  "producer",
                  "progress",
                  "source",
                  "event",
                  "store",
                  "session"));

  static List<String> packages() {
    return list(ROOT)
        .filter(Files::isDirectory)
        .map(path -> path.getFileName().toString())
        .toList();
  }

  @ParameterizedTest
  @MethodSource("packages")
  void aPackageUsesOnlyWhatItsArrowsPointTo(String name) {
    assertTrue(ARROWS.containsKey(name), "Which packages may " + name + " use? Say it here.");
    Set<String> used = new TreeSet<>();
    for (String imported : imports(ROOT.resolve(name))) {
      var ours = OURS.matcher(imported);
      if (ours.matches()) {
        used.add(ours.group(1));
      }
    }
    used.remove(name);
    used.removeAll(ARROWS.get(name));
    assertEquals(Set.of(), used, name + " must not use these");
  }

  @Test
  void theCoreIsPlainJava() {
    List<String> foreign =
        imports(ROOT.resolve("session")).stream()
            .filter(name -> !name.startsWith("java.") && !name.startsWith("io.sessionize."))
            .toList();
    assertEquals(List.of(), foreign);
  }

  /** What is done, and in which order: crashed and raced in memory many thousand times. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "Batch",
        "Run",
        "Backfill",
        "Continuity",
        "Store",
        "Attempt",
        "Input",
        "Job",
        "CrashPoint",
        "BatchReport",
        "BatchLog",
        "Recomputation",
        "Lateness",
        "Durations"
      })
  void theProtocolIsPlainJava(String name) {
    List<String> foreign =
        importsOf(ROOT.resolve("pipeline/" + name + ".java"))
            .filter(imported -> imported.matches("(org\\.apache|scala)\\..*"))
            .toList();
    assertEquals(List.of(), foreign);
  }

  @Test
  void theRootUsesNothing() {
    assertEquals(
        List.of(),
        list(ROOT)
            .filter(path -> path.toString().endsWith(".java"))
            .flatMap(PackagesTest::importsOf)
            .toList());
  }

  private static List<String> imports(Path folder) {
    return list(folder).flatMap(PackagesTest::importsOf).toList();
  }

  private static Stream<String> importsOf(Path file) {
    try {
      return IMPORT.matcher(Files.readString(file)).results().map(match -> match.group(1));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Stream<Path> list(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files.sorted().toList().stream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
