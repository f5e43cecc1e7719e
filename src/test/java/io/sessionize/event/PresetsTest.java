package io.sessionize.event;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sessionize.event.Decoded.Rejected;
import io.sessionize.event.Decoded.Valid;
import io.sessionize.session.Event;
import io.sessionize.session.EventDetails;
import io.sessionize.session.Property;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.StringJoiner;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What the presets make of events in the shapes that their makers document. The events are made up:
 * {@code NAME.jsonl}. What becomes of them is in {@code NAME.txt}, a line each.
 */
class PresetsTest {
  private static final Path FOLDER = Path.of("src/test/resources/definitions");

  static Stream<String> presets() {
    return DefinitionFile.PRESETS.stream().filter(name -> !name.equals(DefinitionFile.BUILT_IN));
  }

  @ParameterizedTest
  @MethodSource("presets")
  void eachEventBecomesWhatItIsKnownToMean(String name) throws IOException {
    Definition definition =
        DefinitionFile.parse("f", "{version: 1, topics: {clicks: {preset: " + name + "}}}")
            .definition();
    List<Property> properties = definition.properties();
    RecordDecoder decoder =
        new MappingDecoder(definition, 1, properties, new Limits(600_000, null));
    StringBuilder shown = new StringBuilder();
    int offset = 0;
    for (String line : Files.readAllLines(FOLDER.resolve(name + ".jsonl"))) {
      byte[] value = line.getBytes(StandardCharsets.UTF_8);
      decoder.decode(
          new KafkaRecord("clicks", 0, offset++, -1, value),
          decoded -> shown.append(show(decoded, properties)).append('\n'));
    }
    assertEquals(Files.readString(FOLDER.resolve(name + ".txt")), shown.toString());
  }

  private static String show(Decoded decoded, List<Property> properties) {
    if (decoded instanceof Rejected rejected) {
      return rejected.reason().text() + ": " + rejected.detail();
    }
    Valid valid = (Valid) decoded;
    Event event = valid.event();
    EventDetails details = event.details();
    StringJoiner all = new StringJoiner(" ");
    all.add("uuid=" + valid.uuid()).add("id=" + event.id());
    all.add("time=" + Instant.ofEpochMilli(event.timeMs()));
    add(all, "order", event.order());
    add(all, "page", event.pageName());
    add(all, "name", details == null ? null : details.name());
    add(all, "type", details == null ? null : details.type());
    properties.forEach(property -> add(all, property.name(), event.property(property.name())));
    add(all, "unfit", valid.unfit() == 0 ? null : valid.unfit());
    return all.toString();
  }

  private static void add(StringJoiner all, String name, Object value) {
    if (value != null) {
      all.add(name + "=" + value);
    }
  }
}
