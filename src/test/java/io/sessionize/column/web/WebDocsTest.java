package io.sessionize.column.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.column.WebSettings;
import io.sessionize.session.Property;
import io.sessionize.session.PropertyType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * The tables and the SQL in {@code docs/columns-web.md} are those of the program. {@code ./mvnw
 * -Dtest=WebDocsTest -DwriteTables=true test} writes them.
 */
class WebDocsTest {
  private static final Path DOCUMENT = Path.of("docs/columns-web.md");

  @Test
  void theDocumentHasEachColumn() throws IOException {
    compare(
        "columns",
        Arrays.stream(WebColumn.values())
            .map(
                column ->
                    String.format(
                        "| `%s` | `%s` | %s |\n",
                        column.text(), column.type(), column.description()))
            .collect(Collectors.joining("", "| column | type | contents |\n|---|---|---|\n", "")));
  }

  @Test
  void theDocumentHasEachProperty() throws IOException {
    compare(
        "properties",
        Arrays.stream(Input.values())
            .map(input -> String.format("| `%s` | %s |\n", input.text(), input.description()))
            .collect(Collectors.joining("", "| property | what it is |\n|---|---|\n", "")));
  }

  @Test
  void theDocumentHasTheSqlOfEachColumn() throws IOException {
    WebSettings settings =
        new WebSettings(
            1,
            new TreeSet<>(Set.of("page_view")),
            new TreeSet<>(Set.of("purchase", "signup")),
            new TreeSet<>(Set.of("shop.example")),
            300);
    Sources sources = Sources.read();
    WebSql sql = new WebSql(settings, inputs(), sources, "sites", "facts", "touches");
    StringBuilder shown = new StringBuilder();
    shown.append(block("facts", sql.facts()));
    shown.append(block("touches", Touch.sql("facts", "sites")));
    for (WebColumn column : WebColumn.values()) {
      shown.append(block(column.text(), sql.of(column)));
    }
    compare("sql", shown.toString());
  }

  private static Inputs inputs() {
    List<Property> properties =
        Arrays.stream(Input.values())
            .map(
                input ->
                    new Property(
                        input.text(),
                        input == Input.REVENUE ? PropertyType.DOUBLE : PropertyType.STRING))
            .toList();
    return Inputs.of(properties);
  }

  private static String block(String name, String sql) {
    return "\n`" + name + "`:\n\n```sql\n" + sql + "\n```\n";
  }

  /** Compares a part of the document with what it should be, or writes it. */
  private static void compare(String name, String expected) throws IOException {
    String document = Files.readString(DOCUMENT);
    String start = "<!-- " + name + " -->\n";
    assertTrue(document.contains(start), () -> DOCUMENT + " has no " + start);
    int begin = document.indexOf(start) + start.length();
    int end = document.indexOf("<!-- /" + name + " -->", begin);
    if (Boolean.getBoolean("writeTables")) {
      Files.writeString(
          DOCUMENT, document.substring(0, begin) + expected + document.substring(end));
    } else {
      assertEquals(expected, document.substring(begin, end));
    }
  }
}
