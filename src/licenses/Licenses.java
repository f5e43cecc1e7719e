import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/**
 * Writes one LICENSE and one NOTICE for a set of jars; the build runs it. Arguments: the root of the
 * project, the folder to write, and a folder of jars or a file with a class path. Each text of each jar is there once, under the
 * names of the jars that have it.
 */
final class Licenses {
  private static final Pattern LICENSE =
      Pattern.compile("(.*[/-])?(LICEN[SC]E|COPYING|COPYRIGHT)([-.][^/]*)?");
  private static final Pattern NOTICE = Pattern.compile("(.*[/-])?NOTICE([-.][^/]*)?");
  private static final String LINE = "=".repeat(78) + "\n";

  public static void main(String[] arguments) throws IOException {
    Path root = Path.of(arguments[0]);
    Path texts = root.resolve("src/licenses");
    Map<String, String> index = index(texts);
    Map<String, Section> licenses = new LinkedHashMap<>();
    Map<String, Section> notices = new LinkedHashMap<>();
    for (Path jar : jars(arguments[2])) {
      String name = jar.getFileName().toString();
      boolean found = read(jar, name, licenses, notices);
      if (!found) {
        String file =
            index.keySet().stream().filter(name::startsWith).findFirst().map(index::get).orElse(null);
        if (file == null) {
          throw new IllegalStateException(name + " has no license text: add it to " + texts);
        }
        add(licenses, name, Files.readString(texts.resolve(file)));
      }
    }
    Path out = Files.createDirectories(Path.of(arguments[1]));
    write(out.resolve("LICENSE"), Files.readString(root.resolve("LICENSE")), licenses);
    write(
        out.resolve("NOTICE"),
        "Sessionize\nCopyright (c) 2026 The Sessionize authors\n\n"
            + Files.readString(texts.resolve("notices.txt")),
        notices);
  }

  /** The jars of a folder, or of a file with a class path, whose names are relative to the file. */
  private static List<Path> jars(String given) throws IOException {
    Path path = Path.of(given);
    if (Files.isRegularFile(path)) {
      return Stream.of(Files.readString(path).strip().split(":"))
          .map(path::resolveSibling)
          .sorted()
          .toList();
    }
    try (Stream<Path> files = Files.list(path)) {
      return files.filter(file -> file.toString().endsWith(".jar")).sorted().toList();
    }
  }

  /** Reads all entries in their order: a jar can have several of one name. */
  private static boolean read(
      Path jar, String name, Map<String, Section> licenses, Map<String, Section> notices)
      throws IOException {
    boolean found = false;
    try (ZipInputStream zip = new ZipInputStream(Files.newInputStream(jar))) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        String path = entry.getName();
        if (entry.isDirectory() || path.endsWith(".class") || path.endsWith(".ftl")) {
          continue;
        }
        if (LICENSE.matcher(path).matches()) {
          add(licenses, name, new String(zip.readAllBytes(), UTF_8));
          found = true;
        } else if (NOTICE.matcher(path).matches()) {
          add(notices, name, new String(zip.readAllBytes(), UTF_8));
        }
      }
    }
    return found;
  }

  private static void add(Map<String, Section> sections, String name, String text) {
    sections.computeIfAbsent(text.replaceAll("\\s+", ""), key -> new Section(text)).add(name);
  }

  private static void write(Path file, String own, Map<String, Section> sections) {
    StringBuilder all = new StringBuilder(own.strip()).append("\n\n");
    all.append("This distribution contains the following, each under the terms named with it.\n");
    for (Section section : sections.values()) {
      all.append('\n').append(LINE);
      section.jars.forEach(name -> all.append(name).append('\n'));
      all.append(LINE).append('\n').append(section.text.strip()).append('\n');
    }
    try {
      Files.writeString(file, all);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Map<String, String> index(Path texts) throws IOException {
    Map<String, String> index = new LinkedHashMap<>();
    for (String line : Files.readAllLines(texts.resolve("index.txt"))) {
      if (!line.startsWith("#") && !line.isBlank()) {
        String[] words = line.split("\\s+");
        index.put(words[0], words[1]);
      }
    }
    return index;
  }

  /** A text, and the jars that have it. */
  private static final class Section {
    private final String text;
    private final List<String> jars = new ArrayList<>();

    Section(String text) {
      this.text = text;
    }

    void add(String name) {
      if (!jars.contains(name)) {
        jars.add(name);
      }
    }
  }
}
