package io.sessionize.spark.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.Failure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The folders of Spark's temporary files. SecurityIT looks at them during a run. */
class ScratchFolderTest {
  @TempDir private Path parent;

  @Test
  void onlyTheOwnerCanEnterAndAProcessHasOne() throws IOException {
    Path folder = ScratchFolder.within(parent.resolve("missing"));
    assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(folder)));
    assertEquals(folder, ScratchFolder.within(parent.resolve("missing")));
  }

  @Test
  void aKilledProcessesFolderIsRemoved() throws IOException {
    Path rows = Files.createDirectories(folder("killed").resolve("blockmgr-1/0a"));
    Files.writeString(rows.resolve("shuffle_0_0_0.data"), "ann");
    ScratchFolder.within(parent);
    assertFalse(Files.exists(parent.resolve(ScratchFolder.PREFIX + "killed")));
  }

  @Test
  void aLinkWithinAKilledProcessesFolderIsNotFollowed() throws IOException {
    Path kept = Files.createFile(Files.createDirectory(parent.resolve("target")).resolve("kept"));
    Files.createSymbolicLink(folder("killed").resolve("link"), kept.getParent());
    ScratchFolder.within(parent);
    assertFalse(Files.exists(parent.resolve(ScratchFolder.PREFIX + "killed")));
    assertTrue(Files.exists(kept));
  }

  @Test
  void twoNamesOfOneFolderLeadToOne() throws IOException {
    Path alias = Files.createSymbolicLink(parent.resolve("alias"), parent);
    assertEquals(ScratchFolder.within(parent), ScratchFolder.within(alias));
  }

  @Test
  void aLiveProcessesFolderIsKept() throws Exception {
    Path live = folder("live");
    String hold =
        "import fcntl, sys; f = open(sys.argv[1], 'w'); fcntl.lockf(f, fcntl.LOCK_EX);"
            + " print('locked', flush=True); sys.stdin.read()";
    Process other =
        new ProcessBuilder("python3", "-c", hold, live.resolve(ScratchFolder.LOCK).toString())
            .start();
    try {
      assertEquals('l', other.getInputStream().read());
      ScratchFolder.within(parent);
      assertTrue(Files.exists(live));
    } finally {
      other.destroyForcibly();
    }
  }

  @Test
  void anotherUsersLinkIsNotFollowed() throws IOException {
    Path target = Files.createDirectory(parent.resolve("target"));
    Files.createFile(target.resolve(ScratchFolder.LOCK));
    Files.createSymbolicLink(parent.resolve(ScratchFolder.PREFIX + "planted"), target);
    ScratchFolder.within(parent);
    assertTrue(Files.exists(target.resolve(ScratchFolder.LOCK)));
  }

  @Test
  void aFolderThatCannotBeWrittenIsNamed() throws IOException {
    Path file = Files.createFile(parent.resolve("file"));
    Failure failure = assertThrows(Failure.class, () -> ScratchFolder.within(file));
    assertTrue(failure.getMessage().contains(file.toString()), failure.getMessage());
  }

  private Path folder(String name) throws IOException {
    Path folder = Files.createDirectory(parent.resolve(ScratchFolder.PREFIX + name));
    Files.createFile(folder.resolve(ScratchFolder.LOCK));
    return folder;
  }
}
