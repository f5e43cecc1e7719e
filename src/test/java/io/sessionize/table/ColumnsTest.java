package io.sessionize.table;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.report.TestSessions;
import io.sessionize.summary.TableNames;
import io.sessionize.testing.TestSpark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;

/**
 * The tables of columns in {@code docs/reading.md} are those of the real tables and of the view.
 * {@code ./mvnw -Dtest=ColumnsTest -DwriteTables=true test} writes them.
 */
class ColumnsTest {
  private static final Path DOCUMENT = Path.of("docs/reading.md");

  @Test
  void theDocumentHasTheColumnsOfEveryTableAndOfTheView() throws IOException {
    TableNames names = TestSessions.none();
    // What the tables have in common is described once, in the statement of the sessions table.
    Map<String, String> described = new TreeMap<>();
    described.put(
        "is_open",
        "true if the session is only in staging; a published session that a late event has opened"
            + " again stays false");
    rows("", columns(names.sessions()), described);
    compare("sessions", rows("", columns(names.sessions()), described));
    compare("open", rows("", columns(names.open()), described));
    compare("rejected", rows("", columns(names.rejected()), described));
    // The view has the comments of the sessions table.
    String reasons = described.get("close_reason");
    String live = rows("", columns(names.live()), described);
    compare("live", live.replace(reasons, reasons + "; null while the session is open"));
  }

  private static StructType columns(String table) {
    return TestSpark.session().table(table).schema();
  }

  /** Returns a line for each column and each field within it. */
  private static String rows(String prefix, StructType columns, Map<String, String> described) {
    StringBuilder rows = new StringBuilder();
    for (StructField field : columns.fields()) {
      String name = prefix + field.name();
      String comment = field.getComment().getOrElse(() -> described.getOrDefault(name, ""));
      assertTrue(!comment.isEmpty(), () -> name + " has no COMMENT in sql/schema/sessions.sql");
      described.putIfAbsent(name, comment);
      DataType type = field.dataType();
      StructType fields = null;
      String shown = type.simpleString().toUpperCase(Locale.ROOT);
      if (type instanceof ArrayType array && array.elementType() instanceof StructType element) {
        fields = element;
        shown = "ARRAY<STRUCT>";
      } else if (type instanceof StructType struct) {
        fields = struct;
        shown = "STRUCT";
      }
      rows.append(
          String.format("| `%s` | `%s` | %s |%n", name, shown, comment.replace("<", "&lt;")));
      if (fields != null) {
        rows.append(rows(name + ".", fields, described));
      }
    }
    return rows.toString();
  }

  private static void compare(String table, String rows) throws IOException {
    String expected = "| column | type | contents |\n|---|---|---|\n" + rows;
    String text = Files.readString(DOCUMENT);
    String start = "<!-- columns:" + table + " -->\n";
    assertTrue(text.contains(start), () -> DOCUMENT + " has no " + start);
    int begin = text.indexOf(start) + start.length();
    int end = text.indexOf("<!-- /columns -->", begin);
    if (Boolean.getBoolean("writeTables")) {
      Files.writeString(DOCUMENT, text.substring(0, begin) + expected + text.substring(end));
    } else {
      assertEquals(expected, text.substring(begin, end));
    }
  }
}
