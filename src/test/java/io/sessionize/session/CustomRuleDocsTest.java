package io.sessionize.session;

import static io.sessionize.session.Clicks.MINUTE;
import static io.sessionize.session.Clicks.TEN;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.StringWriter;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Compiles and uses the rule in {@code docs/custom-rules.md} as a reader would. */
class CustomRuleDocsTest {
  private static final Path DOCS = Path.of("docs/custom-rules.md");
  private static final Pattern JAVA = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);
  private static final Pattern RULE_OPTION = Pattern.compile("--boundary-rule ([\\w.]+)");

  @TempDir private Path folder;

  private final ClassLoader before = Thread.currentThread().getContextClassLoader();
  private String docs;
  private URLClassLoader loader;

  @BeforeEach
  void compileTheExample() throws IOException, URISyntaxException {
    docs = Files.readString(DOCS);
    List<String> examples = found(JAVA);
    assertEquals(1, examples.size());
    Path source = Files.writeString(folder.resolve("NewCampaign.java"), examples.get(0));
    Path core =
        Path.of(BoundaryRule.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    compile(source, core);
    loader = new URLClassLoader(new URL[] {folder.toUri().toURL()}, before);
    Thread.currentThread().setContextClassLoader(loader);
  }

  @AfterEach
  void unload() throws IOException {
    Thread.currentThread().setContextClassLoader(before);
    loader.close();
  }

  @Test
  void anArrivalThroughAnotherCampaignStartsANewSession() {
    List<Session> sessions =
        Clicks.cut(
            rules(),
            event(0, "page-view", "home"),
            event(1, "campaign-landing", "spring"),
            event(2, "page-view", "spring"),
            event(3, "campaign-landing", "spring"),
            event(4, "campaign-landing", "summer"),
            event(5, null, null),
            new Event(TEN + 6 * MINUTE, "e6", "home", null, null));

    assertEquals(
        List.of(TEN, TEN + MINUTE, TEN + 4 * MINUTE),
        sessions.stream().map(Session::startMs).toList());
    assertEquals(
        List.of(CloseReason.BOUNDARY, CloseReason.BOUNDARY, CloseReason.INACTIVITY),
        sessions.stream().map(Session::closeReason).toList());
  }

  @Test
  void whereInAMomentACampaignStandsMakesNoDifference() {
    for (String value : List.of("1", "9")) {
      List<Session> sessions =
          Clicks.cut(
              rules(),
              event(0, "campaign-landing", "spring"),
              event(1, "campaign-landing", "spring"),
              new Event(
                  TEN + MINUTE,
                  value,
                  "home",
                  null,
                  new EventDetails("campaign-landing", null, "summer")),
              event(2, "campaign-landing", "spring"));

      assertEquals(
          List.of(TEN, TEN + MINUTE), sessions.stream().map(Session::startMs).toList(), value);
    }
  }

  @Test
  void everyCommandLineNamesTheClassOfTheExample() {
    List<String> named = found(RULE_OPTION);
    assertEquals(2, named.size());
    assertEquals(List.of("com.example.NewCampaign"), named.stream().distinct().toList());
  }

  private void compile(Path source, Path core) throws IOException {
    List<String> options =
        List.of("--release", "17", "-Xlint:all", "-Werror", "-cp", core + "", "-d", folder + "");
    StringWriter output = new StringWriter();
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
      boolean compiled =
          compiler
              .getTask(output, files, null, options, null, files.getJavaFileObjects(source))
              .call();
      assertTrue(compiled, output.toString());
    }
  }

  private Rules rules() {
    Rules rules =
        new Rules(
            Duration.ofMinutes(30), Duration.ofHours(2), found(RULE_OPTION).get(0), List.of());
    rules.validate();
    return rules;
  }

  private List<String> found(Pattern pattern) {
    return pattern.matcher(docs).results().map((MatchResult match) -> match.group(1)).toList();
  }

  private static Event event(int minute, String name, String value) {
    return new Event(
        TEN + minute * MINUTE, "e" + minute, "home", null, new EventDetails(name, null, value));
  }
}
