package io.sessionize.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sessionize.event.Decoded.Reason;
import io.sessionize.event.UnreadableException;
import io.sessionize.event.registry.AvroReader;
import io.sessionize.event.registry.RegisteredSchema;
import io.sessionize.event.registry.RegistrySettings;
import io.sessionize.event.registry.Schemas;
import io.sessionize.event.registry.WireRecords;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Asks a real schema registry: Apicurio's, which has the API of Confluent's. */
class SchemaRegistryIT {
  private static final String PAGE =
      "{\"type\":\"record\",\"name\":\"Page\",\"namespace\":\"x\",\"fields\":[{\"name\":\"title\","
          + "\"type\":\"string\"}]}";
  private static final String CLICK =
      "{\"type\":\"record\",\"name\":\"Click\",\"fields\":[{\"name\":\"page\",\"type\":\"x.Page\"}]}";

  @TempDir Path folder;

  @Test
  void aRealRegistryAnswers() throws Exception {
    List<RegisteredSchema> used = new ArrayList<>();
    int id;
    try (ApicurioRegistry registry = ApicurioRegistry.start(folder)) {
      registry.register("page", PAGE, Map.of());
      id = registry.register("click", CLICK, Map.of("x.Page", "page"));
      AvroReader reader =
          new AvroReader(
              registry.url(), null, new Schemas(RegistrySettings.NONE, List.of()), used::add);
      assertEquals("{\"page\":{\"title\":\"home\"}}", json(reader, click(id)));
      UnreadableException unknown =
          assertThrows(UnreadableException.class, () -> reader.open(click(id + 1000)));
      assertEquals(Reason.UNKNOWN_SCHEMA, unknown.reason());
      assertTrue(used.get(0).text().contains("title"), used.toString());
    }
    Schemas known = new Schemas(RegistrySettings.NONE, used);
    AvroReader later = new AvroReader(used.get(0).registry(), null, known, used::add);
    assertEquals("{\"page\":{\"title\":\"home\"}}", json(later, click(id)));
    assertEquals(1, used.size());
  }

  private static byte[] click(int id) {
    Schema page = new Schema.Parser().parse(PAGE);
    GenericData.Record home = new GenericData.Record(page);
    home.put("title", "home");
    return WireRecords.avro(id, CLICK.replace("\"x.Page\"", PAGE), Map.of("page", home));
  }

  private static String json(AvroReader reader, byte[] value) throws Exception {
    try (JsonParser json = reader.open(value)) {
      return new ObjectMapper().readTree(json).toString();
    }
  }
}
