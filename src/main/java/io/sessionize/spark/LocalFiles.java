package io.sessionize.spark;

import java.io.FileNotFoundException;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.ChecksumFs;
import org.apache.hadoop.fs.DelegateToFileSystem;
import org.apache.hadoop.fs.FSError;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FsConstants;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.fs.StreamCapabilities;
import org.apache.hadoop.fs.Syncable;
import org.apache.hadoop.fs.permission.FsPermission;

/**
 * Hadoop's local file system without child processes. Without Hadoop's native library, the original
 * starts {@code chmod} for each file that it creates, {@code readlink} for each file that it
 * renames, and {@code ls} for each file that it lists with its permissions. The first two take over
 * a quarter of the time of a small hourly run in a warm process. The last fails if another process
 * has deleted the file since.
 */
public final class LocalFiles extends LocalFileSystem {

  /** Called by Hadoop, which loads this class by name. */
  public LocalFiles() {
    super(new Raw());
  }

  /** The same file system for Hadoop's newer interface, which Spark's checkpoints use. */
  public static final class ByContext extends ChecksumFs {

    /** Called by Hadoop, which loads this class by name. */
    public ByContext(URI uri, Configuration conf) throws IOException, URISyntaxException {
      super(new RawByContext(conf));
    }
  }

  private static final class RawByContext extends DelegateToFileSystem {
    RawByContext(Configuration conf) throws IOException, URISyntaxException {
      super(FsConstants.LOCAL_FS_URI, new Raw(), conf, FsConstants.LOCAL_FS_URI.getScheme(), false);
    }

    @Override
    public int getUriDefaultPort() {
      return -1;
    }

    @Override
    public boolean isValidName(String path) {
      return true;
    }
  }

  private static final class Raw extends RawLocalFileSystem {
    private static final String MODE = "unix:mode";
    private static final String ATTRIBUTES =
        "unix:size,isDirectory,lastModifiedTime,lastAccessTime,mode,owner,group";
    private static final int SET_IDS = 06000;
    private static final int PERMISSIONS = 01777;

    @Override
    public void setPermission(Path path, FsPermission permission) throws IOException {
      java.nio.file.Path file = pathToFile(path).toPath();
      // Like chmod, keeps the setuid and setgid bits of a folder.
      int idBits = Files.isDirectory(file) ? (int) Files.getAttribute(file, MODE) & SET_IDS : 0;
      Files.setAttribute(file, MODE, permission.toShort() | idBits);
    }

    @Override
    protected OutputStream createOutputStreamWithMode(
        Path path, boolean append, FsPermission permission) throws IOException {
      return new NamedOutput(
          pathToFile(path).getPath(), super.createOutputStreamWithMode(path, append, permission));
    }

    @Override
    public FileStatus getFileStatus(Path path) throws IOException {
      Map<String, Object> found;
      try {
        found = Files.readAttributes(pathToFile(path).toPath(), ATTRIBUTES);
      } catch (FileSystemException e) {
        // As the original, also for a file that may not be seen.
        IOException missing = new FileNotFoundException("File " + path + " does not exist");
        missing.initCause(e);
        throw missing;
      }
      return new FileStatus(
          (long) found.get("size"),
          (boolean) found.get("isDirectory"),
          1,
          getDefaultBlockSize(path),
          ((FileTime) found.get("lastModifiedTime")).toMillis(),
          ((FileTime) found.get("lastAccessTime")).toMillis(),
          new FsPermission((short) ((int) found.get("mode") & PERMISSIONS)),
          found.get("owner").toString(),
          found.get("group").toString(),
          path.makeQualified(getUri(), getWorkingDirectory()));
    }

    @Override
    public FileStatus getFileLinkStatus(Path path) throws IOException {
      boolean link = Files.isSymbolicLink(pathToFile(path).toPath());
      return link ? super.getFileLinkStatus(path) : getFileStatus(path);
    }
  }

  /** Names its file in exceptions. The operating system's message for a full disk does not. */
  private static final class NamedOutput extends FilterOutputStream
      implements Syncable, StreamCapabilities {
    private final String file;

    NamedOutput(String file, OutputStream out) {
      super(out);
      this.file = file;
    }

    @Override
    public void write(int b) throws IOException {
      named(() -> out.write(b));
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      named(() -> out.write(bytes, offset, length));
    }

    @Override
    public void flush() throws IOException {
      named(out::flush);
    }

    @Override
    public void close() throws IOException {
      named(out::close);
    }

    @Override
    public void hflush() throws IOException {
      named(((Syncable) out)::hflush);
    }

    @Override
    public void hsync() throws IOException {
      named(((Syncable) out)::hsync);
    }

    @Override
    public boolean hasCapability(String capability) {
      return ((StreamCapabilities) out).hasCapability(capability);
    }

    private void named(Write write) throws IOException {
      try {
        write.execute();
      } catch (FSError e) {
        throw named(e.getCause(), e);
      } catch (IOException e) {
        throw named(e, e);
      }
    }

    private IOException named(Throwable reason, Throwable cause) {
      IOException named = new FileSystemException(file, null, reason.getMessage());
      named.initCause(cause);
      return named;
    }
  }

  /** Writes. */
  private interface Write {
    void execute() throws IOException;
  }
}
