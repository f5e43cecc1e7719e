package io.sessionize.producer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.Failure;
import io.sessionize.event.DefinitionFile;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FileReplayTest {
  @TempDir Path folder;

  private List<Message> replay(byte[] content) throws IOException {
    Path file = Files.write(folder.resolve("events.jsonl"), content);
    List<Message> messages = new ArrayList<>();
    try (FileReplay replay = FileReplay.open(file)) {
      for (Message message = replay.next(); message != null; message = replay.next()) {
        messages.add(message);
      }
    }
    return messages;
  }

  private List<String> values(String latin1) throws IOException {
    return replay(latin1.getBytes(StandardCharsets.ISO_8859_1)).stream()
        .map(message -> new String(message.value(), StandardCharsets.ISO_8859_1))
        .toList();
  }

  @Test
  void linesEndWithLfOrCrLfAndTheLastAlsoWithTheFile() throws IOException {
    assertEquals(List.of("a", "b", "c"), values("a\nb\r\nc"));
    assertEquals(List.of("a", "b"), values("a\nb\n"));
  }

  @Test
  void emptyAndBlankLinesAreSkipped() throws IOException {
    assertEquals(List.of("a", " b "), values("\n\r\na\n\n \n \t \r\n b \n\n  "));
    assertEquals(List.of(), values(""));
    assertEquals(List.of(), values("\n"));
    assertEquals(List.of(), values("  "));
  }

  @Test
  void aMessageHasTheNumberOfItsLine() throws IOException {
    byte[] content = "a\n\n \nb\nc".getBytes(StandardCharsets.US_ASCII);
    assertEquals(List.of(1L, 4L, 5L), replay(content).stream().map(Message::line).toList());
  }

  @Test
  void aLineBeyondTheLimitIsRefusedWithItsNumber() throws IOException {
    byte[] content = ("first\n" + "x".repeat(200_000)).getBytes(StandardCharsets.US_ASCII);
    try (LineReader reader = new LineReader(new ByteArrayInputStream(content), 100_000)) {
      assertEquals(5, reader.next().length);
      IOException failure = assertThrows(IOException.class, reader::next);
      assertEquals("line 2 is longer than 100000 bytes", failure.getMessage());
    }
  }

  @Test
  void theKeyIsTheUuidAsTheDefinitionMapsIt() {
    MappedKey key =
        new MappedKey(
            DefinitionFile.parse(
                    "test.yaml",
                    """
                version: 1
                topics:
                  web:
                    records: /batch
                    event:
                      uuid: [/anonymousId, /userId]
                      event_timestamp: {at: /timestamp, as: iso8601}
                    properties: {campaign: /campaign}
                """)
                .definition());
    String time = "\"timestamp\": \"2026-11-22T10:00:00Z\"";
    String first = "{\"anonymousId\": \"null\", \"userId\": \"ann\", " + time + "}";
    assertEquals("ann", text(key, "{\"batch\": [{}, " + first + "]}"));
    assertEquals(null, text(key, "{\"batch\": []}"));
    assertEquals(null, text(key, "no JSON"));
  }

  private static String text(MappedKey key, String line) {
    byte[] found = key.apply(line.getBytes(StandardCharsets.UTF_8));
    return found == null ? null : new String(found, StandardCharsets.UTF_8);
  }

  @Test
  void aCrElsewhereIsPartOfTheLine() throws IOException {
    assertEquals(List.of("a\rb", "c\r", "d\r"), values("a\rb\nc\r\r\nd\r"));
  }

  @Test
  void bytesAreNotChanged() throws IOException {
    SplittableRandom random = new SplittableRandom(1);
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    List<byte[]> lines = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      // Some lines are longer than the reader's buffer.
      byte[] line = new byte[1 + random.nextInt(i % 100 == 0 ? 400_000 : 2_000)];
      random.nextBytes(line);
      for (int b = 0; b < line.length; b++) {
        line[b] = line[b] == '\n' || line[b] == '\r' ? 0 : line[b];
      }
      lines.add(line);
      content.write(line);
      content.write('\n');
    }
    List<Message> messages = replay(content.toByteArray());
    assertEquals(lines.size(), messages.size());
    for (int i = 0; i < lines.size(); i++) {
      assertArrayEquals(lines.get(i), messages.get(i).value(), "line " + i);
    }
  }

  @Test
  void linesDoNotDependOnHowTheBytesArrive() throws IOException {
    byte[] content = "one\r\ntwo\n\nthree\r\n".getBytes(StandardCharsets.US_ASCII);
    InputStream trickle =
        new FilterInputStream(new ByteArrayInputStream(content)) {
          @Override
          public int read(byte[] buffer, int offset, int length) throws IOException {
            return super.read(buffer, offset, 1);
          }
        };
    List<String> lines = new ArrayList<>();
    try (LineReader reader = new LineReader(trickle)) {
      for (byte[] line = reader.next(); line != null; line = reader.next()) {
        lines.add(new String(line, StandardCharsets.US_ASCII));
      }
    }
    assertEquals(List.of("one", "two", "three"), lines);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"uuid\":\"user-1\"}|user-1",
        "  {\"a\":{\"uuid\":\"inner\"},\"b\":[{\"uuid\":\"inner\"}],\"uuid\":\"user-2\"} |user-2",
        "{\"uuid\":\"first\",\"uuid\":\"last\"}|last",
        "{\"uuid\":\"user-\\u00e9\"}|user-é",
        "{\"uuid\":\"user-é\"}|user-é"
      })
  void theKeyIsTheUuidOfTheObject(String line, String key) {
    assertEquals(
        key, new String(LineKey.of(line.getBytes(StandardCharsets.UTF_8)), StandardCharsets.UTF_8));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "garbage",
        "{}",
        " ",
        "{\"uuid\":5}",
        "{\"uuid\":null}",
        "{\"uuid\":\"text\",\"uuid\":5}",
        "{\"uuid\":[\"user-1\"]}",
        "{\"nested\":{\"uuid\":\"user-1\"}}",
        "[{\"uuid\":\"user-1\"}]",
        "\"uuid\"",
        "{\"uuid\":\"user-1\"",
        "{\"uuid\":\"user-1\"} {}",
        "{\"uuid\":\"user-1\"}x"
      })
  void aLineWithoutATextUuidHasNoKey(String line) {
    assertNull(LineKey.of(line.getBytes(StandardCharsets.UTF_8)));
  }

  @Test
  void aLineThatIsNotUtf8HasNoKey() {
    byte[] line = "{\"uuid\":\"user-1\",\"page_name\":\"é\"}".getBytes(StandardCharsets.ISO_8859_1);
    assertNull(LineKey.of(line));
  }

  @Test
  void anUnreadableFileIsAUsageFailure() {
    for (Path path : List.of(folder, folder.resolve("missing.jsonl"))) {
      Failure failure = assertThrows(Failure.class, () -> FileReplay.open(path));
      assertEquals(Failure.Kind.USAGE, failure.kind());
      assertTrue(failure.getMessage().contains(path.toString()), failure.getMessage());
    }
  }
}
