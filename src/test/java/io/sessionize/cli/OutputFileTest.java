package io.sessionize.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A file that a command writes into a folder that others may write too. */
class OutputFileTest {
  @TempDir private Path folder;

  @Test
  void aFailureLeavesTheOldFileAndNoOther() throws IOException {
    Path file = Files.writeString(folder.resolve("report.json"), "old");
    assertThrows(
        IOException.class,
        () ->
            OutputFile.replace(
                file,
                out -> {
                  out.write(1);
                  throw new IOException("No space left on device");
                }));
    assertEquals("old", Files.readString(file));
    try (Stream<Path> left = Files.list(folder)) {
      assertEquals(1, left.count());
    }
  }

  @Test
  void aPlantedLinkIsReplacedAndNotFollowed() throws IOException {
    Path victim = Files.writeString(folder.resolve("victim"), "untouched");
    for (Path target : List.of(victim, Path.of("/dev/null"))) {
      Path file = Files.createSymbolicLink(folder.resolve("report.json"), target);
      // The name of the temporary file of earlier versions.
      Path temporary = Files.createSymbolicLink(folder.resolve("report.json.tmp"), victim);
      write(file, "new");
      assertTrue(Files.isRegularFile(file) && !Files.isSymbolicLink(file));
      assertEquals("new", Files.readString(file));
      assertEquals("untouched", Files.readString(victim));
      assertTrue(Files.isSymbolicLink(temporary));
      Files.delete(file);
      Files.delete(temporary);
    }
  }

  @Test
  void theTemporaryFileHasAnotherNameEachTime() throws IOException {
    Path file = folder.resolve("report.json");
    Set<String> names = new TreeSet<>();
    for (int i = 0; i < 20; i++) {
      OutputFile.replace(file, out -> names.add(onlyOther(file)));
    }
    assertEquals(20, names.size(), names.toString());
  }

  @Test
  void aDeviceIsWritten() throws IOException {
    write(Path.of("/dev/null"), "text");
    assertFalse(Files.isRegularFile(Path.of("/dev/null")));
  }

  @Test
  void anOwnPipeIsWritten() throws Exception {
    Path pipe = pipe();
    Process reader = new ProcessBuilder("cat", pipe.toString()).start();
    write(pipe, "text");
    assertEquals(
        "text", new String(reader.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
    assertFalse(Files.isRegularFile(pipe));
  }

  @Test
  void anotherUsersPipeIsReplaced() throws Exception {
    Path pipe = pipe();
    try {
      Files.setAttribute(pipe, "unix:uid", 12345);
    } catch (IOException e) {
      Assumptions.abort("Only root can give a file to another user");
    }
    assertTrue(OutputFile.isWritable(pipe));
    assertTimeoutPreemptively(Duration.ofSeconds(60), () -> write(pipe, "text"));
    assertTrue(Files.isRegularFile(pipe));
    assertEquals("text", Files.readString(pipe));
  }

  @Test
  void theStandardOutputIsWrittenAlsoIfItIsAFile() throws Exception {
    Path file = folder.resolve("redirected");
    Process process =
        new ProcessBuilder(
                ProcessHandle.current().info().command().orElseThrow(),
                "-cp",
                System.getProperty("java.class.path"),
                ToStandardOutput.class.getName())
            .redirectOutput(file.toFile())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    assertEquals(0, process.waitFor());
    assertEquals("before report after", Files.readString(file));
  }

  /** What a command does with {@code --report /dev/stdout}. */
  static final class ToStandardOutput {
    public static void main(String[] args) throws IOException {
      System.out.print("before ");
      System.out.flush();
      write(Path.of("/dev/stdout"), "report ");
      System.out.print("after");
      System.out.flush();
    }
  }

  @Test
  void othersCannotReadTheFile() throws Exception {
    Path file = folder.resolve("report.json");
    write(file, "text");
    String permissions = PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
    assertTrue(permissions.matches("rw-[r-]-----"), permissions);
  }

  private Path pipe() throws Exception {
    Path pipe = folder.resolve("report.json");
    assertEquals(0, new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor());
    return pipe;
  }

  private String onlyOther(Path file) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(other -> !other.equals(file))
          .map(other -> other.getFileName().toString())
          .collect(Collectors.joining(" "));
    }
  }

  private static void write(Path file, String text) throws IOException {
    OutputFile.replace(file, out -> out.write(text.getBytes(StandardCharsets.UTF_8)));
  }
}
