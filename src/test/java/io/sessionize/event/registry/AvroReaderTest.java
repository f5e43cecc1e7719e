package io.sessionize.event.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sessionize.event.Decoded.Reason;
import io.sessionize.event.UnreadableException;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AvroReaderTest {
  private static final String REGISTRY = "http://registry.test";
  private static final int ID = 7;

  private final List<RegisteredSchema> used = new ArrayList<>();

  private static String record(String... fields) {
    return "{\"type\":\"record\",\"name\":\"Click\",\"fields\":[" + String.join(",", fields) + "]}";
  }

  private static String field(String name, String type) {
    return "{\"name\":\"" + name + "\",\"type\":" + type + "}";
  }

  private AvroReader reader(String writer, String reader) {
    Schemas known =
        new Schemas(RegistryAccess.NONE, List.of(new RegisteredSchema(REGISTRY, ID, writer)));
    return new AvroReader(REGISTRY, reader, known, used::add);
  }

  private static String json(AvroReader reader, byte[] value) throws IOException {
    try (JsonParser json = reader.open(value)) {
      return new ObjectMapper().readTree(json).toString();
    }
  }

  /** The JSON of a record with one field. */
  private String jsonOf(String type, Object value) throws IOException {
    String schema = record(field("f", type));
    Schema parsed = new Schema.Parser().parse(schema);
    GenericData.Record datum = new GenericData.Record(parsed);
    datum.put("f", value);
    return json(reader(schema, null), WireRecords.avro(ID, parsed, datum));
  }

  private UnreadableException unreadable(String schema, byte[] value) {
    return assertThrows(UnreadableException.class, () -> reader(schema, null).open(value));
  }

  @Test
  void eachTypeHasItsJson() throws IOException {
    assertEquals("{\"f\":\"ä\"}", jsonOf("\"string\"", "ä"));
    assertEquals("{\"f\":5}", jsonOf("\"int\"", 5));
    assertEquals("{\"f\":1790875736200}", jsonOf("\"long\"", 1790875736200L));
    assertEquals("{\"f\":0.1}", jsonOf("\"float\"", 0.1f));
    assertEquals("{\"f\":\"NaN\"}", jsonOf("\"double\"", Double.NaN));
    assertEquals("{\"f\":true}", jsonOf("\"boolean\"", true));
    assertEquals("{\"f\":null}", jsonOf("\"null\"", null));
    assertEquals("{\"f\":\"AQI=\"}", jsonOf("\"bytes\"", ByteBuffer.wrap(new byte[] {1, 2})));
    assertEquals("{\"f\":[1,2]}", jsonOf("{\"type\":\"array\",\"items\":\"int\"}", List.of(1, 2)));
    assertEquals(
        "{\"f\":{\"a\":1}}", jsonOf("{\"type\":\"map\",\"values\":\"int\"}", Map.of("a", 1)));
    String color = "{\"type\":\"enum\",\"name\":\"Color\",\"symbols\":[\"RED\",\"BLUE\"]}";
    assertEquals(
        "{\"f\":\"BLUE\"}",
        jsonOf(color, new GenericData.EnumSymbol(new Schema.Parser().parse(color), "BLUE")));
  }

  @Test
  void aUnionIsItsValue() throws IOException {
    assertEquals("{\"f\":\"x\"}", jsonOf("[\"null\",\"string\"]", "x"));
    assertEquals("{\"f\":null}", jsonOf("[\"null\",\"string\"]", null));
  }

  @Test
  void logicalTypesAreNumbersAndDates() throws IOException {
    assertEquals(
        "{\"f\":1790875736200}",
        jsonOf("{\"type\":\"long\",\"logicalType\":\"timestamp-millis\"}", 1790875736200L));
    assertEquals(
        "{\"f\":\"2026-11-22\"}",
        jsonOf(
            "{\"type\":\"int\",\"logicalType\":\"date\"}",
            (int) LocalDate.of(2026, 11, 22).toEpochDay()));
    String decimal = "{\"type\":\"bytes\",\"logicalType\":\"decimal\",\"precision\":9,\"scale\":2}";
    ByteBuffer unscaled = ByteBuffer.wrap(BigInteger.valueOf(-1995).toByteArray());
    assertEquals("{\"f\":-19.95}", jsonOf(decimal, unscaled));
    String uuid = "{\"type\":\"string\",\"logicalType\":\"uuid\"}";
    assertEquals("{\"f\":\"a-b\"}", jsonOf(uuid, "a-b"));
  }

  @Test
  void aSmallDecimalHasNoExponent() throws IOException {
    String schema =
        record(
            field(
                "f",
                "{\"type\":\"bytes\",\"logicalType\":\"decimal\",\"precision\":9,\"scale\":9}"));
    byte[] value = WireRecords.avro(ID, schema, Map.of("f", ByteBuffer.wrap(new byte[] {1})));
    try (JsonParser json = reader(schema, null).open(value)) {
      json.nextToken();
      json.nextToken();
      json.nextToken();
      assertEquals("0.000000001", json.getText());
      assertEquals(new BigDecimal("1E-9"), json.getDecimalValue());
    }
  }

  @Test
  void aReaderSchemaRenamesAddsAndLeavesOut() throws IOException {
    String writer =
        record(
            field("user", "\"string\""),
            field("noise", "{\"type\":\"array\",\"items\":\"string\"}"),
            field("count", "\"int\""));
    String reader =
        record(
            "{\"name\":\"uuid\",\"type\":\"string\",\"aliases\":[\"user\"]}",
            field("count", "\"long\""),
            "{\"name\":\"platform\",\"type\":\"string\",\"default\":\"web\"}");
    byte[] value =
        WireRecords.avro(ID, writer, Map.of("user", "u", "noise", List.of("a", "b"), "count", 3));
    assertEquals(
        "{\"uuid\":\"u\",\"count\":3,\"platform\":\"web\"}", json(reader(writer, reader), value));
  }

  @Test
  void aRecordThatTheReaderSchemaDoesNotFitIsMalformed() {
    String writer = record(field("a", "\"string\""));
    AvroReader reader = reader(writer, record(field("b", "\"string\"")));
    byte[] value = WireRecords.avro(ID, writer, Map.of("a", "x"));
    assertEquals(
        Reason.MALFORMED,
        assertThrows(UnreadableException.class, () -> reader.open(value)).reason());
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 4})
  void aValueShorterThanItsHeaderIsMalformed(int length) {
    UnreadableException thrown = unreadable(record(), new byte[length]);
    assertEquals(Reason.MALFORMED, thrown.reason());
    assertTrue(thrown.getMessage().contains("wire format: " + length), thrown.getMessage());
  }

  @Test
  void anotherFirstByteIsMalformed() {
    byte[] value = "{\"uuid\":\"u\"}".getBytes(StandardCharsets.UTF_8);
    assertTrue(unreadable(record(), value).getMessage().contains("first byte is 123"));
  }

  @Test
  void aNegativeIdIsMalformed() {
    assertEquals(Reason.MALFORMED, unreadable(record(), WireRecords.withHeader(-1)).reason());
  }

  @Test
  void aRecordMustEndWithItsLastField() {
    String schema = record(field("f", "\"string\""));
    byte[] value = WireRecords.avro(ID, schema, Map.of("f", "text"));
    for (int length = WireFormat.HEADER; length < value.length; length++) {
      assertEquals(Reason.MALFORMED, unreadable(schema, Arrays.copyOf(value, length)).reason());
    }
    assertTrue(
        unreadable(schema, Arrays.copyOf(value, value.length + 1))
            .getMessage()
            .contains("follows"));
  }

  @Test
  void aBrokenRecordDoesNotSpoilTheNext() throws IOException {
    String schema = record(field("f", "[\"null\",\"string\"]"), field("g", "\"string\""));
    AvroReader reader = reader(schema, null);
    byte[] value = WireRecords.avro(ID, schema, Map.of("f", "x", "g", "y"));
    for (byte[] broken :
        List.of(Arrays.copyOf(value, 7), WireRecords.withHeader(ID, (byte) 20, (byte) 2))) {
      assertThrows(UnreadableException.class, () -> reader.open(broken));
      assertEquals("{\"f\":\"x\",\"g\":\"y\"}", json(reader, value));
    }
  }

  @Test
  void textThatIsNotUtf8IsMalformed() {
    byte[] value = WireRecords.withHeader(ID, (byte) 2, (byte) 0xff);
    assertEquals("not UTF-8", unreadable(record(field("f", "\"string\"")), value).getMessage());
  }

  /** Avro's own decoder allocates this length, and fails with an OutOfMemoryError. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"string\"",
        "\"bytes\"",
        "{\"type\":\"array\",\"items\":\"string\"}",
        "{\"type\":\"array\",\"items\":\"null\"}",
        "{\"type\":\"map\",\"values\":\"string\"}"
      })
  void aLengthAboveThatOfTheRecordIsMalformed(String type) {
    // 2147483640, and the smallest number, which has no positive one.
    for (byte[] length :
        List.of(
            new byte[] {(byte) 0xf0, -1, -1, -1, 15, 0},
            new byte[] {-1, -1, -1, -1, -1, -1, -1, -1, -1, 1, 0})) {
      byte[] value = WireRecords.withHeader(ID, length);
      UnreadableException thrown = unreadable(record(field("f", type)), value);
      assertTrue(
          thrown.getMessage().matches("a length of .*|more elements than bytes"),
          thrown.getMessage());
    }
  }

  /** Avro's own decoder goes back by a negative size of a block, and reads the block for ever. */
  @Test
  void aBlockThatIsSkippedDoesNotGoBack() {
    String writer = record(field("f", "{\"type\":\"array\",\"items\":\"string\"}"));
    AvroReader reader = reader(writer, record());
    byte[] value = WireRecords.withHeader(ID, (byte) 1, (byte) 3, (byte) 1, (byte) 3);
    assertTimeoutPreemptively(
        Duration.ofSeconds(20),
        () -> assertThrows(UnreadableException.class, () -> reader.open(value)));
  }

  @Test
  void aFixedLengthAboveThatOfTheRecordIsMalformed() {
    String fixed = "{\"type\":\"fixed\",\"name\":\"F\",\"size\":2000000000}";
    assertTrue(
        unreadable(record(field("f", fixed)), WireRecords.withHeader(ID))
            .getMessage()
            .startsWith("a length of 2000000000"));
  }

  @Test
  void aListOfManyLevelsIsMalformed() {
    String list = record(field("next", "[\"null\",\"Click\"]"));
    byte[] levels = new byte[100_000];
    Arrays.fill(levels, (byte) 2);
    levels[levels.length - 1] = 0;
    assertEquals(
        "more than 1000 levels", unreadable(list, WireRecords.withHeader(ID, levels)).getMessage());
  }

  @Test
  void aDecimalOfManyDigitsIsMalformed() {
    String decimal =
        "{\"type\":\"bytes\",\"logicalType\":\"decimal\",\"precision\":2000000000,"
            + "\"scale\":2000000000}";
    byte[] value = WireRecords.withHeader(ID, (byte) 2, (byte) 1);
    assertTrue(unreadable(record(field("f", decimal)), value).getMessage().contains("1000 digits"));
  }

  @Test
  void aSchemaThatTheTablesHaveIsNotReported() throws IOException {
    jsonOf("\"int\"", 1);
    assertEquals(List.of(), used);
  }
}
