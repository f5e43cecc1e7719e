package io.sessionize.spark.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.Failure;
import io.sessionize.offsets.Offsets;
import io.sessionize.testing.TestSpark;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.hadoop.fs.ChecksumException;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Given a checkpoint of two batches, the second of which is not committed. */
class CheckpointTest {
  private static final String CONF = "{\"batchWatermarkMs\":0,\"batchTimestampMs\":0,\"conf\":{}}";

  @TempDir Path parent;

  private Path folder;

  @BeforeEach
  void write() throws IOException {
    folder = parent.resolve("checkpoint");
    write("metadata", "{\"id\":\"0f8fad5b-d9cb-469f-a165-70867728950e\"}");
    write("sources/0/0", "\0v1\n{\"clicks\":{\"0\":3}}");
    write("offsets/0", "v1\n" + CONF + "\n{\"clicks\":{\"0\":5}}");
    write("offsets/1", "v1\n" + CONF + "\n{\"clicks\":{\"0\":9}}");
    write("commits/0", "v1\n{\"nextBatchWatermarkMs\":0}");
  }

  private void write(String file, String content) throws IOException {
    Files.createDirectories(folder.resolve(file).getParent());
    Files.writeString(folder.resolve(file), content);
  }

  private void damage(String file, String content) throws IOException {
    if (content.equals("gone")) {
      Files.delete(folder.resolve(file));
    } else {
      write(file, content.equals("zeros") ? "\0".repeat(100) : content.replace('~', '\n'));
    }
  }

  private Checkpoint checkpoint(String location) {
    return new Checkpoint(TestSpark.session(), location, Set.of("clicks"));
  }

  private Optional<Offsets> position() {
    return checkpoint(folder.toString()).position();
  }

  private static Optional<Offsets> at(long offset) {
    return Optional.of(Offsets.of("clicks", Map.of(0, offset)));
  }

  @Test
  void positionIsTheEndOfTheLastCommittedBatch() throws IOException {
    assertEquals(at(5), position());
    write("commits/1", "v1\n{\"nextBatchWatermarkMs\":0}");
    assertEquals(at(9), position());
    Files.delete(folder.resolve("commits/1"));
    Files.delete(folder.resolve("commits/0"));
    Files.delete(folder.resolve("offsets/1"));
    assertEquals(at(3), position());
    Files.delete(folder.resolve("offsets/0"));
    assertEquals(at(3), position());
    Files.delete(folder.resolve("sources/0/0"));
    assertEquals(Optional.of(Offsets.NONE), position());
    assertEquals(Optional.of(Offsets.NONE), checkpoint(parent + "/none").position());
    assertFalse(Files.exists(parent.resolve("none")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"taps", "clicks,taps"})
  void aCheckpointOfOtherTopicsHasNoPosition(String topics) {
    Checkpoint other =
        new Checkpoint(
            TestSpark.session(), folder.toString(), Set.copyOf(List.of(topics.split(","))));
    assertEquals(Optional.empty(), other.position());
  }

  @Test
  void aCheckpointWithATopicThatIsNoLongerReadHasNoPosition() throws IOException {
    write("offsets/1", "v1\n{}\n{\"clicks\":{\"0\":9},\"taps\":{\"0\":1}}");
    assertEquals(Optional.empty(), position());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "offsets/1 | \"\"",
        "offsets/1 | v1",
        "offsets/1 | v1~{\"batch",
        "offsets/1 | v1~{}~{\"clicks\":17}",
        "offsets/1 | v1~{}~{\"clicks\":{\"0\"",
        "offsets/1 | v1~{}~-",
        "offsets/1 | v1~{}",
        "offsets/1 | v9~{}~{}",
        "offsets/1 | zeros",
        "offsets/0 | \"\"",
        "offsets/0 | gone",
        "commits/0 | \"\"",
        "commits/0 | v1~{\"next",
        "commits/0 | zeros",
        "commits/2 | v1~{}",
        "metadata  | \"\"",
        "metadata  | {\"id\":",
        "metadata  | zeros"
      })
  void damagedCheckpointHasNoPosition(String file, String content) throws IOException {
    damage(file, content);
    assertEquals(Optional.empty(), position());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {"\"\"", "v", " v1~{\"clicks", "zeros", "{\"clicks\":17}"})
  void initialOffsetsAreReadOnlyIfNeeded(String content) throws IOException {
    damage("sources/0/0", content);
    assertEquals(at(5), position());
    Files.delete(folder.resolve("commits/0"));
    Files.delete(folder.resolve("offsets/1"));
    assertEquals(Optional.empty(), position());
    Files.delete(folder.resolve("offsets/0"));
    assertEquals(Optional.empty(), position());
  }

  @ParameterizedTest
  @CsvSource({"''", "/", "//", "/."})
  void checkpointIsSetAsideInTheSameFolder(String end) {
    String aside = checkpoint(folder + end).setAside();
    assertTrue(aside.startsWith(folder + ".set-aside-"), aside);
    assertTrue(Files.exists(Path.of(aside).resolve("metadata")), aside);
    assertFalse(Files.exists(folder));
  }

  @Test
  void checkpointThatCannotBeMovedIsReportedWithTheRemedy() {
    Failure failure = assertThrows(Failure.class, () -> checkpoint(parent + "/none").setAside());
    assertTrue(failure.getMessage().contains("/none cannot be used"), failure.getMessage());
    assertTrue(failure.getMessage().contains("Delete its contents"), failure.getMessage());
  }

  @Test
  void unreachableStorageIsNotADamagedCheckpoint() {
    assertEquals(Optional.empty(), positionIfOpenThrows(new ChecksumException("Other bits", 0)));
    IOException noAnswer = new IOException("No answer");
    Failure failure = assertThrows(Failure.class, () -> positionIfOpenThrows(noAnswer));
    assertEquals(Failure.Kind.UNREACHABLE, failure.kind());
    assertTrue(failure.getMessage().contains("No answer"), failure.getMessage());
  }

  private Optional<Offsets> positionIfOpenThrows(IOException thrown) {
    var hadoop = TestSpark.session().sparkContext().hadoopConfiguration();
    hadoop.set("fs.away.impl", Away.class.getName());
    Away.thrown = thrown;
    try {
      return checkpoint("away:" + folder).position();
    } finally {
      hadoop.unset("fs.away.impl");
    }
  }

  /** Lists its files, but fails when one is opened. */
  public static final class Away extends RawLocalFileSystem {
    private static IOException thrown;

    @Override
    public URI getUri() {
      return URI.create("away:///");
    }

    @Override
    public FSDataInputStream open(org.apache.hadoop.fs.Path path, int bufferSize)
        throws IOException {
      throw thrown;
    }
  }
}
