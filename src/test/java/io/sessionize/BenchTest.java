package io.sessionize;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Compiles the benchmark that calls this code and is no part of the build. */
class BenchTest {
  @Test
  void theLayersProgramCompilesWithoutAWarning(@TempDir Path out) throws IOException {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    DiagnosticCollector<JavaFileObject> found = new DiagnosticCollector<>();
    List<String> options =
        List.of(
            "-Xlint:all,-classfile,-processing",
            "-proc:none",
            "-cp",
            System.getProperty("java.class.path"),
            "-d",
            out.toString());
    try (StandardJavaFileManager files =
        compiler.getStandardFileManager(found, null, StandardCharsets.UTF_8)) {
      boolean compiled =
          compiler
              .getTask(
                  null,
                  files,
                  found,
                  options,
                  null,
                  files.getJavaFileObjects(Path.of("bench/layers/Layers.java")))
              .call();
      assertEquals(List.of(), found.getDiagnostics());
      assertTrue(compiled);
    }
  }
}
