package io.sessionize.column.web;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sessionize.column.SessionColumn;
import io.sessionize.column.WebSettings;
import io.sessionize.session.CloseReason;
import io.sessionize.session.Event;
import io.sessionize.session.EventDetails;
import io.sessionize.session.Properties;
import io.sessionize.session.Property;
import io.sessionize.session.PropertyType;
import io.sessionize.session.Session;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * What version 1 of the set {@code web} computes is fixed: tables have recorded it. A change that
 * fails here needs a version 2 (see {@link WebColumns}), once version 1 is released.
 */
class WebVersionTest {
  private static final WebSettings SETTINGS =
      new WebSettings(
          1,
          new TreeSet<>(Set.of("page_view")),
          new TreeSet<>(Set.of("purchase")),
          new TreeSet<>(Set.of("shop.example")),
          300);
  private static final List<Property> PROPERTIES =
      Arrays.stream(Input.values())
          .map(
              input ->
                  new Property(
                      input.text(),
                      input == Input.REVENUE ? PropertyType.DOUBLE : PropertyType.STRING))
          .toList();

  @Test
  void theFileOfSourcesIsThatOfVersion1() throws IOException {
    assertEquals(
        "c5ac501db8621727d27d0b20498eb047acb68c1c6cf68a576d9e8d0cd170b153",
        sha256(resource("/columns/web-1-sources.txt")));
  }

  @Test
  void theSqlIsThatOfVersion1() {
    String sql =
        WebColumns.columns(SETTINGS, PROPERTIES).stream()
            .map(column -> column.name() + " " + column.type() + "\n" + column.sql() + "\n")
            .collect(Collectors.joining());
    assertEquals("51d5c425d8f4141176edf25e70cc116db1163b9182f382092db57a1ad9b2c8b8", sha256(sql));
  }

  /**
   * The file has sessions and their values: a line {@code session}, a line {@code event} for each
   * event, and a line for each column that is not null. Words are separated by tabs.
   */
  @Test
  void theValuesAreThoseOfVersion1() throws IOException {
    String expected = resource("/columns/web-1-values.txt");
    WebColumns web =
        new WebColumns(SETTINGS, PROPERTIES, PROPERTIES.stream().map(Property::name).toList());
    List<SessionColumn> columns = WebColumns.columns(SETTINGS, PROPERTIES);
    StringBuilder actual = new StringBuilder();
    for (String session : expected.split("(?=session\n)")) {
      List<String> lines = session.lines().filter(line -> line.startsWith("event\t")).toList();
      actual.append("session\n");
      lines.forEach(line -> actual.append(line).append('\n'));
      Object[] values = web.values(session(lines));
      for (int i = 0; i < values.length; i++) {
        if (values[i] != null) {
          actual.append(columns.get(i).name()).append('\t').append(values[i]).append('\n');
        }
      }
    }
    assertEquals(expected, actual.toString());
  }

  /** Each line has the second, page, name, type, and then {@code property=value}. */
  private static Session session(List<String> lines) {
    List<Event> events = new ArrayList<>();
    for (String line : lines) {
      String[] words = line.split("\t");
      Object[] values = new Object[PROPERTIES.size()];
      for (int i = 5; i < words.length; i++) {
        String[] parts = words[i].split("=", 2);
        Input input =
            Arrays.stream(Input.values())
                .filter(in -> in.text().equals(parts[0]))
                .findFirst()
                .orElseThrow();
        values[input.ordinal()] =
            input == Input.REVENUE ? (Object) Double.valueOf(parts[1]) : parts[1];
      }
      events.add(
          new Event(
              1_772_359_200_000L + Long.parseLong(words[1]) * 1000,
              null,
              "e" + events.size(),
              1,
              orNull(words[2]),
              null,
              new EventDetails(orNull(words[3]), orNull(words[4]), null),
              Properties.of(PROPERTIES, values)));
    }
    return new Session("u", events, CloseReason.INACTIVITY);
  }

  private static String orNull(String word) {
    return word.equals("-") ? null : word;
  }

  private static String resource(String name) throws IOException {
    try (InputStream in = WebVersionTest.class.getResourceAsStream(name)) {
      return new String(in.readAllBytes(), UTF_8);
    }
  }

  private static String sha256(String text) {
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8));
      return HexFormat.of().formatHex(hash);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }
}
