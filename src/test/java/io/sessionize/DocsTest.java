package io.sessionize;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The documents name tests as their witnesses: these have to be there. */
class DocsTest {
  private static final Pattern TEST = Pattern.compile("`([A-Z]\\w+(?:Test|IT))(?:\\.(\\w+))?`");

  @Test
  void everyTestThatADocumentNamesIsThere() throws IOException {
    Map<String, String> sources = new TreeMap<>();
    for (Path source : files(Path.of("src/test/java"), ".java")) {
      String name = source.getFileName().toString();
      sources.put(name.substring(0, name.length() - ".java".length()), Files.readString(source));
    }
    Set<String> missing = new TreeSet<>();
    int named = 0;
    for (Path document : documents()) {
      Matcher test = TEST.matcher(Files.readString(document));
      while (test.find()) {
        named++;
        String source = sources.getOrDefault(test.group(1), "");
        String method = test.group(2);
        if (source.isEmpty() || method != null && !source.contains("void " + method + "(")) {
          missing.add(document + ": " + test.group());
        }
      }
    }
    assertEquals(Set.of(), missing);
    assertFalse(named == 0);
  }

  private static Set<Path> documents() throws IOException {
    Set<Path> documents = files(Path.of("docs"), ".md");
    documents.add(Path.of("README.md"));
    documents.add(Path.of("CONTRIBUTING.md"));
    return documents;
  }

  private static Set<Path> files(Path folder, String ending) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files
          .filter(file -> file.toString().endsWith(ending))
          .collect(TreeSet::new, Set::add, Set::addAll);
    }
  }
}
