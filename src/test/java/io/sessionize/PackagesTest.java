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

/** Checks the dependencies between packages: they point one way, and the core is plain Java. */
class PackagesTest {
  private static final Path ROOT = Path.of("src/main/java/io/sessionize");
  private static final Pattern IMPORT =
      Pattern.compile("^import (?:static )?([\\w.]+);$", Pattern.MULTILINE);
  private static final Pattern PACKAGE = Pattern.compile("^package ([\\w.]+);$", Pattern.MULTILINE);
  private static final Pattern OURS = Pattern.compile("io\\.sessionize\\.([a-z.]+)\\.[A-Z].*");

  /**
   * Spark's internals, and members that are {@code private[sql]} or the like: hidden in Scala, but
   * not in Java.
   */
  private static final Pattern INTERNAL_IMPORT =
      Pattern.compile(
          "org\\.apache\\.spark\\.(sql\\.(catalyst|execution|kafka010|internal)|unsafe|util(?!\\.sketch)|network)\\..*");

  private static final Pattern INTERNAL_CALL =
      Pattern.compile(
          "\\b(ofRows|showString|sessionState|sharedState|internalCreateDataFrame|queryExecution"
              + "|logicalPlan)\\(");

  private static final List<String> PLAIN =
      List.of(
          "session",
          "column",
          "column.web",
          "offsets",
          "event",
          "summary",
          "job",
          "trial",
          "continuous");

  /**
   * What each package may use. The root (failures, their exit codes, the version) may be used by
   * all and uses nothing; {@code cli} may use everything.
   */
  private static final Map<String, Set<String>> ARROWS =
      Map.ofEntries(
          entry("session"),
          entry("column", "session"),
          entry("column.web", "session", "column"),
          entry("offsets", "session"),
          entry("event", "session", "column"),
          entry("event.registry", "event"),
          entry("source", "offsets", "session", "event.registry"),
          entry("trial", "session", "event"),
          entry("summary", "session", "column", "offsets", "event"),
          entry("job", "session", "column", "offsets", "event", "source", "summary"),
          entry("continuous", "summary", "job"),
          entry("row", "session", "column"),
          entry(
              "spark.internal",
              "session",
              "column",
              "column.web",
              "offsets",
              "event",
              "event.registry",
              "source",
              "job",
              "row"),
          entry(
              "table",
              "session",
              "column",
              "offsets",
              "event",
              "event.registry",
              "summary",
              "row",
              "spark.internal"),
          entry("history", "session", "offsets", "summary", "row", "table"),
          entry("maintenance", "summary", "table"),
          entry(
              "spark",
              "session",
              "column",
              "offsets",
              "event",
              "event.registry",
              "source",
              "summary",
              "job",
              "row",
              "spark.internal",
              "table"),
          entry(
              "audit",
              "session",
              "column",
              "offsets",
              "source",
              "summary",
              "job",
              "row",
              "spark.internal",
              "table",
              "history"),
          entry(
              "audit.proof",
              "session",
              "column",
              "offsets",
              "event",
              "event.registry",
              "source",
              "summary",
              "job",
              "row",
              "spark.internal",
              "spark",
              "table",
              "history"),
          entry("report", "session", "summary", "row", "table", "history", "audit"),
          entry("output"),
          entry("progress", "output"),
          entry("producer", "event", "source", "progress"),
          entry(
              "cli",
              "session",
              "column",
              "offsets",
              "event",
              "event.registry",
              "trial",
              "source",
              "summary",
              "job",
              "continuous",
              "table",
              "history",
              "maintenance",
              "spark.internal",
              "spark",
              "audit",
              "audit.proof",
              "report",
              "output",
              "progress",
              "producer"));

  private static Map.Entry<String, Set<String>> entry(String name, String... used) {
    return Map.entry(name, Set.of(used));
  }

  static List<String> packages() throws IOException {
    try (Stream<Path> all = Files.walk(ROOT)) {
      return all.filter(Files::isDirectory)
          .filter(folder -> !folder.equals(ROOT))
          .filter(folder -> javaFiles(folder).findAny().isPresent())
          .map(folder -> ROOT.relativize(folder).toString().replace('/', '.'))
          .sorted()
          .toList();
    }
  }

  private static Path folder(String name) {
    return ROOT.resolve(name.replace('.', '/'));
  }

  @ParameterizedTest
  @MethodSource("packages")
  void aPackageUsesOnlyWhatItsArrowsPointTo(String name) {
    assertTrue(ARROWS.containsKey(name), "Which packages may " + name + " use? Say it here.");
    Set<String> used = new TreeSet<>();
    for (String imported : imports(folder(name))) {
      var ours = OURS.matcher(imported);
      if (ours.matches()) {
        used.add(ours.group(1));
      }
    }
    used.remove(name);
    used.removeAll(ARROWS.get(name));
    assertEquals(Set.of(), used, name + " must not use these");
  }

  @ParameterizedTest
  @MethodSource("packages")
  void aPackageSaysWhatItIsForWhatItUsesAndWhereToStart(String name) {
    String info =
        read(folder(name).resolve("package-info.java"))
            .split("\\*/")[0]
            .replaceAll("\\s+\\*?\\s*", " ");
    assertTrue(info.contains("Start reading at"), info);
    if (!name.equals("spark.internal")) {
      assertEquals(3, info.split("\\. ").length, info);
    }
  }

  @ParameterizedTest
  @MethodSource("packages")
  void onlyOnePackageTouchesSparksInternals(String name) {
    if (name.equals("spark.internal")) {
      return;
    }
    List<String> foreign =
        javaFiles(folder(name))
            .flatMap(
                file ->
                    Stream.concat(
                            importsOf(file).filter(INTERNAL_IMPORT.asMatchPredicate()),
                            INTERNAL_CALL
                                .matcher(read(file))
                                .results()
                                .map(found -> found.group(1)))
                        .map(found -> file.getFileName() + ": " + found))
            .toList();
    assertEquals(List.of(), foreign);
  }

  /**
   * These packages must be plain Java, because tests crash and race them in memory many thousand
   * times.
   */
  @ParameterizedTest
  @MethodSource("plain")
  void coreAndProtocolArePlainJava(String name) {
    List<String> foreign =
        imports(folder(name)).stream()
            .filter(imported -> imported.matches("(org\\.apache\\.|scala\\.).*"))
            // The nearest known name
            .filter(
                imported ->
                    !(name.equals("event") && imported.startsWith("org.apache.commons.text.")))
            .toList();
    assertEquals(List.of(), foreign);
  }

  static List<String> plain() {
    return PLAIN;
  }

  @Test
  void theCoreUsesNothingButJava() {
    List<String> foreign =
        imports(folder("session")).stream()
            .filter(name -> !name.startsWith("java.") && !name.startsWith("io.sessionize."))
            .toList();
    assertEquals(List.of(), foreign);
  }

  @Test
  void theRootUsesNothing() {
    assertEquals(
        List.of(),
        javaFiles(ROOT)
            .flatMap(PackagesTest::importsOf)
            .filter(imported -> !imported.startsWith("java."))
            .toList());
  }

  /** A compiler accepts any folder, so only this test notices. */
  @ParameterizedTest
  @ValueSource(strings = {"src/main/java", "src/test/java"})
  void theFolderOfAFileIsItsPackage(String sources) throws IOException {
    Path root = Path.of(sources);
    try (Stream<Path> all = Files.walk(root)) {
      List<String> misplaced =
          all.filter(file -> file.toString().endsWith(".java"))
              .filter(file -> !packageOf(file).equals(folderName(root, file)))
              .map(Path::toString)
              .sorted()
              .toList();
      assertEquals(List.of(), misplaced);
    }
  }

  private static String packageOf(Path file) {
    return PACKAGE
        .matcher(read(file))
        .results()
        .map(match -> match.group(1))
        .findFirst()
        .orElse("");
  }

  private static String folderName(Path root, Path file) {
    return root.relativize(file.getParent()).toString().replace('/', '.');
  }

  private static List<String> imports(Path folder) {
    return javaFiles(folder).flatMap(PackagesTest::importsOf).toList();
  }

  private static Stream<String> importsOf(Path file) {
    return IMPORT.matcher(read(file)).results().map(match -> match.group(1));
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Stream<Path> javaFiles(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(".java")).sorted().toList().stream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
