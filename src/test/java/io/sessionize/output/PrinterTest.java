package io.sessionize.output;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** What reaches a terminal. */
class PrinterTest {
  /** ESC, OSC 52, BEL, DEL, CSI as one C1 character, and overrides of the direction. */
  private static final String HOSTILE =
      "a\u001b[2J\u001b]52;c;cm0=\u0007\u007f\u009b31m\u202e\u2066\u2069\u2028\u0085b\0\rc";

  private static final String ESCAPED =
      "a\\u001b[2J\\u001b]52;c;cm0=\\u0007\\u007f\\u009b31m\\u202e\\u2066\\u2069\\u2028\\u0085b\\u0000\\r"
          + "c";

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  @Test
  void controlCharactersAreEscapedAndAllOthersAreUnchanged() {
    String other = "Zoë\t€ ‘’…  — 東京 \uD83D\uDE00\r\n";
    try (Printer printer = new Printer(bytes, Terminal.NONE)) {
      printer.println(HOSTILE);
      printer.print(other);
    }
    assertEquals(ESCAPED + "\n" + other, bytes.toString(StandardCharsets.UTF_8));
    assertEquals("a\\nb\\tc\\r\\n", Printable.line("a\nb\tc\r\n"));
  }

  @Test
  void aLongTextIsEscapedWholly() {
    try (Printer printer = new Printer(bytes, Terminal.NONE)) {
      printer.print("ä\u009b€\u202e".repeat(50_000));
    }
    assertEquals("ä\\u009b€\\u202e".repeat(50_000), bytes.toString(StandardCharsets.UTF_8));
  }

  @Test
  void jsonHasTheSameValueAfterwards() throws IOException {
    String value = "\\" + HOSTILE.replace("\r", "") + "\\\"\u009b";
    ObjectMapper json = new ObjectMapper();
    try (Printer printer = new Printer(bytes, Terminal.NONE)) {
      printer.print(json.writeValueAsString(Map.of("page", value)));
    }
    assertEquals(value, json.readTree(bytes.toByteArray()).get("page").textValue());
    assertFalse(bytes.toString(StandardCharsets.UTF_8).matches("(?s).*[\u007f-\u009f\u202e].*"));
  }

  @Test
  void belowThePrinterBytesAreAsTheyAre() throws IOException {
    byte[] some = {27, -62, -101, -1};
    Printer.raw(new Printer(bytes, Terminal.NONE)).write(some);
    assertArrayEquals(some, bytes.toByteArray());
  }

  @Test
  void aColourIsPrintedOnlyWhereItIsWanted() {
    Colour.GREEN.println(new Printer(bytes, terminal(true, Map.of())), "HEALTHY\u001b[31m");
    Colour.RED.println(new Printer(bytes, terminal(true, Map.of("NO_COLOR", "1"))), "a");
    Colour.RED.println(new Printer(bytes, terminal(true, Map.of("TERM", "dumb"))), "b");
    Colour.RED.println(new Printer(bytes, terminal(false, Map.of())), "c");
    Colour.RED.println(new PrintStream(bytes, true, StandardCharsets.UTF_8), "d");
    assertEquals(
        "\u001b[32mHEALTHY\\u001b[31m\u001b[0m\na\nb\nc\nd\n",
        bytes.toString(StandardCharsets.UTF_8));
  }

  private static Terminal terminal(boolean isTerminal, Map<String, String> environment) {
    UnaryOperator<String> lookUp = environment::get;
    return new Terminal(isTerminal, lookUp);
  }
}
