package io.sessionize.event;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;

/** Records of a hostile producer for {@link #DEFINITION}, which uses every feature of a mapping. */
final class HostileBatches {
  static final String DEFINITION =
      """
      version: 1
      topics:
        clicks:
          records: /data/batch
          event:
            uuid: [/device, /ctx/login/0, {at: /user, in: record}]
            event_id: /id
            event_timestamp:
              created: /created
              sent: {at: /sent, in: record}
              received: {at: /data/received, in: record}
              as: [iso8601, epoch_s]
            order: /seq
            page_name: /ctx/a~1b
            booking_details: /ctx
            event_name: /name
            event_value: /list/1
          properties:
            text: /ctx/login
            price: {at: /price, as: "decimal(6,2)"}
            count: {at: /seq, as: long}
            ratio: {at: /price, as: double}
            seen: {at: /created, as: timestamp, format: [epoch_us, iso8601]}
            flag: {at: /list/0, as: boolean}
            plan: {at: /plan, in: record}
            whole: ""
      placeholders: ["null", "nobody"]
      """;

  private final Random random;
  private final HostileJson json;
  private final long timeS;

  /**
   * @param timeMs time of the valid events, epoch milliseconds
   */
  HostileBatches(Random random, long timeMs) {
    this.random = random;
    this.json = new HostileJson(random, timeMs);
    timeS = timeMs / 1000;
  }

  /** The value of the next record. */
  byte[] next() {
    List<String> elements = new ArrayList<>();
    for (int i = random.nextInt(5); i > 0; i--) {
      elements.add(oneIn(20) ? json.anything(0) : element());
    }
    String batch = oneIn(40) ? json.anything(0) : "[" + String.join(", ", elements) + "]";
    String data =
        object(
            40,
            field("batch", () -> batch),
            field("received", () -> good(time(), 80)),
            field(any("x", "batch2"), () -> json.anything(2)));
    String record =
        object(
            25,
            field("data", () -> data),
            field("user", () -> good(text(any("eve", "", "nobody")), 30)),
            field("sent", () -> good(time(), 80)),
            field("plan", () -> oneIn(20) ? text("x".repeat(2000)) : good(text("gold"), 3)));
    byte[] value = record.getBytes(StandardCharsets.UTF_8);
    return oneIn(10) ? json.damaged(value) : value;
  }

  private String element() {
    String context =
        object(
            8,
            field("login", () -> good(any("[\"bob\"]", "[null, 7]", "\"bob\"", "{\"0\": 8}"), 8)),
            field("a/b", () -> good(text("home"), 60)),
            field("x", () -> json.anything(2)));
    return object(
        25,
        field("device", () -> good(text(any("ann", " ", "null", "7")), 40)),
        field("id", () -> good(any("\"e\"", "7"), 60)),
        field("created", () -> good(time(), 60)),
        field("seq", () -> good(any("7", "\"8\"", "9.0", "null"), 60)),
        field("ctx", () -> context),
        field("name", () -> good(text("page"), 4)),
        field("list", () -> good(any("[true, 1]", "[\"false\", {\"a\": []}, 2]", "{\"1\": 3}"), 4)),
        field("price", () -> good(any("1.5", "\"2.50\"", "1e3", "-0.0"), 3)),
        field(any("a", "device", "list"), () -> json.anything(2)));
  }

  private String time() {
    long time = timeS - random.nextInt(7200);
    return switch (random.nextInt(40)) {
      case 0 -> time + "000";
      case 1 -> "" + (time + 1_000_000);
      case 2 -> text("2026-10-01T17:%02d:56".formatted(random.nextInt(60)));
      case 3, 4, 5 -> text("2026-10-01T17:%02d:56.1239Z".formatted(random.nextInt(20)));
      case 6 -> text("2026-10-01 19:%02d:56+02:00".formatted(random.nextInt(20)));
      case 7 -> time + ".5009";
      default -> "" + time;
    };
  }

  private String good(String value, int oneBadIn) {
    return oneIn(oneBadIn) ? json.anything(1) : value;
  }

  private static Supplier<String> field(String name, Supplier<String> value) {
    return () -> text(name) + ": " + value.get();
  }

  @SafeVarargs
  private String object(int oneMissingIn, Supplier<String>... fields) {
    List<String> there = new ArrayList<>();
    for (int i = 0; i < fields.length; i++) {
      // The last one is not mapped, or repeats a field.
      boolean isLast = i == fields.length - 1;
      if (isLast ? oneIn(3) : !oneIn(oneMissingIn)) {
        there.add(fields[i].get());
      }
    }
    Collections.shuffle(there, random);
    return "{" + String.join(", ", there) + "}";
  }

  private String any(String... choices) {
    return choices[random.nextInt(choices.length)];
  }

  private static String text(String content) {
    return "\"" + content + "\"";
  }

  private boolean oneIn(int n) {
    return random.nextInt(n) == 0;
  }
}
