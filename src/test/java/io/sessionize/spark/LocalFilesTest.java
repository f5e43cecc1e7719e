package io.sessionize.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.testing.TestSpark;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.CreateFlag;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileAlreadyExistsException;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.Options;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.hadoop.fs.permission.FsPermission;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** LocalFiles behaves as Hadoop's own local file system. */
class LocalFilesTest {
  @TempDir java.nio.file.Path folder;

  private final Configuration conf = TestSpark.session().sparkContext().hadoopConfiguration();
  private FileSystem localFiles;
  private FileSystem original;

  @BeforeEach
  void start() throws IOException {
    localFiles = FileSystem.newInstance(folder.toUri(), conf);
    original = new LocalFileSystem();
    Configuration same = new Configuration();
    FsPermission.setUMask(same, FsPermission.getUMask(conf));
    original.initialize(folder.toUri(), same);
  }

  @Test
  void sparkUsesLocalFiles() throws IOException {
    assertInstanceOf(LocalFiles.class, localFiles);
    assertInstanceOf(LocalFiles.class, FileSystem.getLocal(conf));
    assertInstanceOf(
        LocalFiles.ByContext.class, FileContext.getFileContext(conf).getDefaultFileSystem());
  }

  @Test
  void aFullDiskIsReportedWithTheFile() throws IOException {
    Path full = new Path("file:/dev/full");
    FileSystem raw = ((LocalFileSystem) localFiles).getRawFileSystem();
    IOException thrown =
        assertThrows(
            FileSystemException.class,
            () -> {
              try (FSDataOutputStream out = raw.append(full)) {
                out.write(new byte[100_000]);
              }
            });
    assertEquals("/dev/full: No space left on device", thrown.getMessage());
  }

  @Test
  void filesCanBeSyncedAsInTheOriginal() throws IOException {
    try (FSDataOutputStream out = localFiles.create(path(localFiles, "file"))) {
      out.write(1);
      out.hsync();
    }
    FileSystem raw = ((LocalFileSystem) localFiles).getRawFileSystem();
    FileSystem originalRaw = ((LocalFileSystem) original).getRawFileSystem();
    for (String capability : new String[] {"hsync", "hflush", "iostatistics"}) {
      assertEquals(has(originalRaw, capability), has(raw, capability), capability);
    }
  }

  private boolean has(FileSystem files, String capability) throws IOException {
    try (FSDataOutputStream out = files.create(path(files, "capable"))) {
      return out.hasCapability(capability);
    }
  }

  @Test
  void newFilesAndFoldersHaveTheSamePermissions() throws IOException {
    for (FileSystem files : new FileSystem[] {localFiles, original}) {
      files.mkdirs(path(files, "folder"));
      files.create(path(files, "folder/file")).close();
    }
    assertEquals(permissions(original, "folder"), permissions(localFiles, "folder"));
    assertEquals(permissions(original, "folder/file"), permissions(localFiles, "folder/file"));
    assertEquals("rw-r-----", permissions(localFiles, "folder/file"));
  }

  @Test
  void permissionsAreSetAsGiven() throws IOException {
    for (short mode : new short[] {0600, 0751, 01777}) {
      for (FileSystem files : new FileSystem[] {localFiles, original}) {
        files.mkdirs(path(files, "folder"));
        files.setPermission(path(files, "folder"), new FsPermission(mode));
        assertEquals(
            new FsPermission(mode), files.getFileStatus(path(files, "folder")).getPermission());
      }
    }
  }

  @Test
  void aFolderKeepsItsSetGroupIdBit() throws IOException {
    for (FileSystem files : new FileSystem[] {localFiles, original}) {
      files.mkdirs(path(files, "folder"));
      Files.setAttribute(local(files, "folder"), "unix:mode", 02775);
      files.setPermission(path(files, "folder"), new FsPermission((short) 0750));
      assertEquals(02750, (int) Files.getAttribute(local(files, "folder"), "unix:mode") & 07777);
    }
  }

  @Test
  void settingPermissionsOfAMissingFileFails() {
    assertThrows(
        IOException.class,
        () ->
            localFiles.setPermission(path(localFiles, "nothing"), new FsPermission((short) 0600)));
  }

  @Test
  void aSymbolicLinkIsReported() throws IOException {
    Files.createFile(folder.resolve("file"));
    Files.createSymbolicLink(folder.resolve("link"), folder.resolve("file"));
    Path link = new Path(folder.resolve("link").toString());
    assertTrue(localFiles.getFileLinkStatus(link).isSymlink());
    assertEquals(
        original.getFileLinkStatus(link).getSymlink(),
        localFiles.getFileLinkStatus(link).getSymlink());
    assertFalse(
        localFiles.getFileLinkStatus(new Path(folder.resolve("file").toString())).isSymlink());
    assertThrows(
        FileNotFoundException.class,
        () -> localFiles.getFileLinkStatus(new Path(folder.resolve("nothing").toString())));
  }

  @Test
  void theStatusOfAFileAndAFolderIsThatOfTheOriginal() throws IOException {
    for (String name : new String[] {"", "file"}) {
      Files.write(folder.resolve("file"), new byte[3]);
      Path path = new Path(folder.resolve(name).toString());
      FileStatus expected = original.getFileStatus(path);
      FileStatus status = localFiles.getFileStatus(path);
      assertEquals(expected, status);
      assertEquals(expected.getLen(), status.getLen());
      assertEquals(expected.isDirectory(), status.isDirectory());
      assertEquals(expected.getBlockSize(), status.getBlockSize());
      assertEquals(expected.getReplication(), status.getReplication());
      assertEquals(expected.getModificationTime(), status.getModificationTime());
      assertEquals(expected.getPermission(), status.getPermission());
      assertEquals(expected.getOwner(), status.getOwner());
      assertEquals(expected.getGroup(), status.getGroup());
    }
  }

  @Test
  void aFileBelowAFileIsMissing() throws IOException {
    Files.createFile(folder.resolve("file"));
    Path below = new Path(folder.resolve("file/below").toString());
    assertThrows(FileNotFoundException.class, () -> localFiles.getFileStatus(below));
    assertFalse(localFiles.exists(below));
  }

  @Test
  void aFileThatIsDeletedWhileItsFolderIsListedIsNoFailure() throws IOException {
    Files.createFile(folder.resolve("file"));
    RemoteIterator<LocatedFileStatus> files = localFiles.listFiles(new Path(folder.toUri()), true);
    Files.delete(folder.resolve("file"));
    while (files.hasNext()) {
      assertEquals("file", files.next().getPath().getName());
    }
  }

  @Test
  void aCheckpointFileIsOverwrittenOnlyOnRequest() throws IOException {
    java.nio.file.Path checkpoint = Files.createDirectory(folder.resolve("a:b"));
    FileContext files = FileContext.getFileContext(checkpoint.toUri(), conf);
    Path first = new Path(checkpoint.resolve("first").toUri());
    Path second = new Path(checkpoint.resolve("second").toUri());
    for (Path path : new Path[] {first, second}) {
      try (var out = files.create(path, EnumSet.of(CreateFlag.CREATE))) {
        out.writeBytes(path.getName());
      }
    }
    assertThrows(
        FileAlreadyExistsException.class, () -> files.rename(first, second, Options.Rename.NONE));
    files.rename(first, second, Options.Rename.OVERWRITE);
    try (var in = files.open(second)) {
      assertEquals("first", new String(in.readAllBytes(), StandardCharsets.UTF_8));
    }
    // The file is renamed with its checksum.
    assertEquals(Set.of("second", ".second.crc"), Set.of(checkpoint.toFile().list()));
  }

  @AfterEach
  void close() throws IOException {
    localFiles.close();
    original.close();
  }

  private java.nio.file.Path local(FileSystem files, String name) {
    return folder.resolve(files == localFiles ? "local" : "original").resolve(name);
  }

  private Path path(FileSystem files, String name) {
    return new Path(local(files, name).toUri());
  }

  private String permissions(FileSystem files, String name) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(local(files, name)));
  }
}
