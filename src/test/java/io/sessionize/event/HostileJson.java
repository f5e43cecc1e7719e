package io.sessionize.event;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * Records of a hostile producer: events with parts that are replaced, reordered, repeated, wrapped,
 * truncated or damaged. The same random numbers make the same records.
 */
public final class HostileJson {
  private static final List<String> FIELDS =
      List.of(
          "uuid", "event_id", "event_timestamp", "page_name", "booking_details", "event_details");
  private static final List<String> TEXTS =
      List.of(
          "",
          " ",
          "\\t\\n",
          "null",
          "home",
          "Zoë",
          "😀",
          "\\ud83d\\ude00",
          "\\ud83d",
          "\\ude00",
          "x\\ude00\\ud83d",
          "\\u0000",
          "a\\u0000b",
          "a\nb",
          "\u0000",
          "\\x",
          "\\u12",
          "\u2028",
          "\\\"\\\\\\/\\b\\f\\r",
          "\uFEFF",
          "e\u0301",
          "\uFFFF",
          "'; DROP TABLE x; --",
          "${x}");
  private static final List<String> NUMBERS =
      List.of(
          "0",
          "-0",
          "7",
          "-7",
          "1.50",
          "1e3",
          "01",
          "+1",
          ".5",
          "1.",
          "1e",
          "-",
          "0x1F",
          "NaN",
          "Infinity",
          "1e999999999",
          "-1E-999999999",
          "0e999999999",
          "9223372036854775807",
          "9223372036854775808",
          "-9223372036854775808",
          "-9223372036854775809");
  private static final String TELLING = "{}[]\",:\\u0-.eE \u0000";

  private final Random random;
  private final long timeMs;

  /**
   * @param timeMs time of the valid events, epoch milliseconds
   */
  public HostileJson(Random random, long timeMs) {
    this.random = random;
    this.timeMs = timeMs;
  }

  /** The value of the next record. */
  public byte[] next() {
    byte[] json = framed(object()).getBytes(StandardCharsets.UTF_8);
    return oneIn(5) ? damaged(json) : json;
  }

  private String object() {
    List<String> fields = new ArrayList<>();
    for (String name : FIELDS) {
      if (!oneIn(12)) {
        fields.add(field(name, oneIn(12) ? anything(0) : good(name)));
      }
    }
    Collections.shuffle(fields, random);
    while (oneIn(3)) {
      String name = oneIn(2) ? any(FIELDS) : any(List.of("", "UUID", "x", any(TEXTS), long_()));
      fields.add(random.nextInt(fields.size() + 1), field(name, anything(0)));
    }
    return "{" + String.join(oneIn(3) ? " ,\n" : ",", fields) + "}";
  }

  private String framed(String object) {
    return switch (random.nextInt(60)) {
      case 0 -> "[" + object + "]";
      case 1 -> object + any(List.of("}", object, "x", "null", "\u0000", " // nothing"));
      case 2 -> "\uFEFF" + object;
      case 3 -> " \r\n\t" + object + " \n";
      case 4 -> anything(0);
      default -> object;
    };
  }

  private String good(String field) {
    return switch (field) {
      case "uuid" -> text("user-" + random.nextInt(10));
      case "event_id" -> oneIn(5) ? "" + random.nextInt(1000) : text("e-" + random.nextInt(1000));
      case "event_timestamp" -> oneIn(3) ? time() : text(time());
      case "page_name" -> text(any(List.of("home", "search", "booking")));
      case "booking_details" -> oneIn(2) ? text("") : structure(0);
      default ->
          "{"
              + field("event_name", text("click"))
              + ","
              + field(any(List.of("event_type", "event_value", "other")), anything(0))
              + "}";
    };
  }

  private String time() {
    return switch (random.nextInt(30)) {
      case 0 -> "" + timeMs / 1000;
      case 1 -> timeMs + "000";
      case 2 -> "" + (timeMs - 1000L * 3600 * 24 * 30);
      case 3 -> "" + (timeMs + 1000L * 3600);
      case 4 -> timeMs + ".0";
      case 5 -> "000" + timeMs;
      case 6 -> timeMs + ".5";
      case 7 -> timeMs / 1000 + "e3";
      default -> "" + (timeMs - random.nextInt(7_200_000));
    };
  }

  String anything(int depth) {
    return switch (random.nextInt(depth > 3 ? 7 : 9)) {
      case 0 -> "null";
      case 1 -> oneIn(2) ? "true" : "false";
      case 2 -> oneIn(20) ? "9".repeat(900 + random.nextInt(200)) : any(NUMBERS);
      case 3 -> oneIn(20) ? deep() : text("");
      case 4 -> text(oneIn(20) ? long_() : "" + random.nextInt());
      case 5, 6 -> text(any(TEXTS));
      default -> structure(depth);
    };
  }

  private String structure(int depth) {
    boolean object = oneIn(2);
    List<String> parts = new ArrayList<>();
    for (int i = random.nextInt(4); i > 0; i--) {
      String value = anything(depth + 1);
      parts.add(object ? field(any(List.of("a", "b", any(TEXTS))), value) : value);
    }
    String inner = String.join(", ", parts);
    return object ? "{" + inner + "}" : "[ " + inner + "]";
  }

  /** About a thousand levels, the limit of the parser, and far more; not always closed. */
  private String deep() {
    int levels = oneIn(30) ? 100_000 : 980 + random.nextInt(40);
    boolean object = oneIn(2);
    String opened = (object ? "{\"a\":" : "[").repeat(levels);
    return opened + "1" + (oneIn(5) ? "" : (object ? "}" : "]").repeat(levels));
  }

  /** Sometimes a megabyte. */
  private String long_() {
    return any(List.of("x", "ë", "😀")).repeat(oneIn(100) ? 250_000 : 1 + random.nextInt(500));
  }

  byte[] damaged(byte[] value) {
    byte[] damaged = value.clone();
    int at = random.nextInt(value.length);
    switch (random.nextInt(4)) {
      case 0 -> damaged[at] ^= (byte) (1 << random.nextInt(8));
      case 1 -> damaged[at] = (byte) TELLING.charAt(random.nextInt(TELLING.length()));
      case 2 -> damaged = Arrays.copyOf(value, at);
      default -> {
        int length = Math.min(random.nextInt(8), value.length - at);
        System.arraycopy(value, random.nextInt(value.length - length + 1), damaged, at, length);
      }
    }
    return damaged;
  }

  private static String field(String name, String value) {
    return text(name) + ": " + value;
  }

  private static String text(String content) {
    return "\"" + content + "\"";
  }

  private String any(List<String> choices) {
    return choices.get(random.nextInt(choices.size()));
  }

  private boolean oneIn(int n) {
    return random.nextInt(n) == 0;
  }
}
