package io.sessionize.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sessionize.testing.TestBroker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The launcher on disks that are full or read-only. Mounts need root. */
class DiskIT extends LauncherFixture {
  private Path warehouse;

  @BeforeEach
  void createWarehouse() throws IOException {
    warehouse = Files.createDirectory(folder.resolve("warehouse"));
  }

  @AfterEach
  void unmount() throws Exception {
    mount("umount", "-l", warehouse.toString());
  }

  @Test
  void readersWriteNothingAndReadAReadOnlyDisk() throws Exception {
    String[] run = run(topicWithOneEvent("readonly"));
    Launched.sessionize(folder, Map.of(), run).succeeds().close();
    List<String> files = files();
    assumeTrue(mount("mount", "--bind", warehouse.toString(), warehouse.toString()));
    assumeTrue(mount("mount", "-o", "remount,bind,ro", warehouse.toString()));

    String page = folder.resolve("page.html").toString();
    String servers = TestBroker.shared().servers();
    for (String[] command :
        new String[][] {
          {"status", "--kafka-servers", servers},
          {"sql", "SELECT count(*) FROM user_sessions_live"},
          {"check"},
          {"audit", "log"},
          {"report", "--html", page}
        }) {
      try (Launched reader = Launched.sessionize(folder, Map.of(), on(command))) {
        assertEquals(0, reader.exitCode(), () -> command[0] + reader.err());
      }
    }
    assertEquals(files, files());

    endsWith(2, "cannot be written (", on("sql", "--write", "DELETE FROM user_sessions_open"));
    endsWith(2, "cannot be written (", on("maintain"));
    endsWith(2, "cannot be written (", run);
    assertEquals(files, files());
  }

  @Test
  void aFullDiskIsOneLineWithTheFolderAndNothingIsLost() throws Exception {
    assumeTrue(mount("mount", "-t", "tmpfs", "-o", "size=96k", "tmpfs", warehouse.toString()));
    String[] run = run(topicWithOneEvent("full"));
    int failed = 0;
    for (String size : List.of("96k", "160k", "256k", "384k")) {
      assertTrue(mount("mount", "-o", "remount,size=" + size, warehouse.toString()));
      try (Launched full = Launched.sessionize(folder, Map.of(), run)) {
        int code = full.exitCode();
        if (code == 0) {
          break;
        }
        failed++;
        assertEquals(1, code, () -> full.err().toString());
        assertEquals(1, full.err().size(), () -> full.err().toString());
        String line = full.err().get(0);
        assertTrue(line.startsWith("sessionize: The disk is full ("), line);
        assertTrue(line.contains(warehouse.toString()) || line.contains("catalog.db"), line);
      }
    }
    assertTrue(failed > 0);
    assertTrue(mount("mount", "-o", "remount,size=64m", warehouse.toString()));
    Launched.sessionize(folder, Map.of(), run).succeeds().close();
    try (Launched rows =
        Launched.sessionize(
            folder,
            Map.of(),
            on("sql", "--format", "csv", "SELECT uuid FROM user_sessions_live"))) {
      assertEquals(List.of("uuid", "ann"), rows.succeeds().out());
    }
  }

  @Test
  void aReportThatCannotBeWrittenIsNotWrongUsage() throws Exception {
    String[] run = run(topicWithOneEvent("unreported"));
    endsWith(
        1,
        "The run is complete, but /dev/full (No space left on device) cannot be written",
        with(new String[] {"--report", "/dev/full"}, run));
    try (Launched again = Launched.sessionize(folder, Map.of(), run)) {
      assertEquals(List.of("nothing to do"), again.succeeds().out());
    }
  }

  private String[] on(String... command) {
    return with(new String[] {"--warehouse", warehouse.toString()}, command);
  }

  private void endsWith(int exitCode, String message, String... command) throws Exception {
    try (Launched launched = Launched.sessionize(folder, Map.of(), command)) {
      assertEquals(exitCode, launched.exitCode(), () -> launched.err().toString());
      assertEquals(1, launched.err().size(), () -> launched.err().toString());
      assertTrue(launched.err().get(0).contains(message), () -> launched.err().toString());
    }
  }

  private List<String> files() throws IOException {
    try (Stream<Path> all = Files.walk(warehouse)) {
      return all.map(Path::toString).sorted().toList();
    }
  }

  private static boolean mount(String... command) throws Exception {
    try {
      return new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor()
          == 0;
    } catch (IOException e) {
      return false;
    }
  }
}
