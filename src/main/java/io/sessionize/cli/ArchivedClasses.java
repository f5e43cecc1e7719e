package io.sessionize.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;

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
          "org/apache/commons/pool2/");
  private static final String CLASS = ".class";

  private ArchivedClasses() {}

  public static void main(String[] args) throws Exception {
    Path jar =
        Path.of(ArchivedClasses.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    load(jar);
    Main.main(new String[] {RunCommand.NAME, "--" + Opt.TEST_MODE.longName()});
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
