package io.sessionize.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The license and the notice of the packaged jar, and of the launcher's jars. */
class LicensesIT {
  private static final Path TARGET = Path.of("target");
  private static final String LICENSE = "META-INF/LICENSE";
  private static final String NOTICE = "META-INF/NOTICE";

  @Test
  void theJarHasOneLicenseAndOneNotice() throws IOException {
    List<String> found = new ArrayList<>();
    try (ZipInputStream jar = jar()) {
      for (ZipEntry entry = jar.getNextEntry(); entry != null; entry = jar.getNextEntry()) {
        String name = entry.getName();
        if (name.matches("(?i).*(licen[sc]e|notice)s?[^/]*") && !name.matches(".*\\.(class|ftl)")) {
          found.add(name);
        }
      }
    }
    found.remove("report/charts-license.txt");
    assertEquals(List.of(LICENSE, NOTICE), found.stream().sorted().toList());
  }

  @Test
  void eachBundledJarIsNamed() throws IOException {
    assertNamed(names(TARGET.resolve("bundled")), read(LICENSE), 14);
    // In the folder, jars of earlier versions can remain.
    String classPath = Files.readString(TARGET.resolve("spark.classpath")).strip();
    List<String> launcher = Stream.of(classPath.split(":")).map(jar -> jar.substring(4)).toList();
    assertNamed(launcher, Files.readString(TARGET.resolve("lib/LICENSE")), 100);
  }

  /** Each is a part of another license; most are of software within Iceberg's jar. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "MIT License\n\nCopyright (c) 2026 The Sessionize authors",
        "Mozilla Public License Version 2.0",
        "This product bundles RoaringBitmap.",
        "Copyright (c) 2017, Baidu Inc.",
        "Copyright 2010-2016 Mike Bostock",
        "Copyright (c) 2001-2016, Arno Unkrig",
        "Neither the name of JLine nor the names of its contributors",
        "Tongfei Chen and contributors",
        "Eclipse Distribution License",
        "TERMS AND CONDITIONS FOR USE, REPRODUCTION, AND DISTRIBUTION"
      })
  void theLicenseContains(String text) throws IOException {
    assertTrue(read(LICENSE).contains(text), text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Copyright 2017-2026 The Apache Software Foundation",
        "This product bundles Eclipse MicroProfile OpenAPI",
        "Apache Kafka",
        "Apache ECharts",
        "Apache Commons Pool",
        "The Prometheus Authors"
      })
  void theNoticeContains(String text) throws IOException {
    assertTrue(read(NOTICE).contains(text), text);
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".jar"))
          .toList();
    }
  }

  private static void assertNamed(List<String> jars, String license, int least) {
    assertTrue(jars.size() >= least, jars.toString());
    for (String jar : jars) {
      assertTrue(license.contains("\n" + jar + "\n"), jar);
    }
  }

  private static String read(String name) throws IOException {
    try (ZipInputStream jar = jar()) {
      ZipEntry entry = jar.getNextEntry();
      while (!entry.getName().equals(name)) {
        entry = jar.getNextEntry();
      }
      return new String(jar.readAllBytes(), UTF_8);
    }
  }

  /** All entries in their order: a jar can have several of one name. */
  private static ZipInputStream jar() throws IOException {
    return new ZipInputStream(Files.newInputStream(TARGET.resolve("sessionize.jar")));
  }
}
