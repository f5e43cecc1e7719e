package io.sessionize.spark.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.event.Definition;
import io.sessionize.event.DefinitionContent;
import io.sessionize.event.DefinitionFile;
import io.sessionize.row.RowSchemas;
import io.sessionize.session.DamagedRows;
import io.sessionize.session.Event;
import io.sessionize.session.EventDetails;
import io.sessionize.session.Outcome;
import io.sessionize.session.Properties;
import io.sessionize.session.Property;
import io.sessionize.session.Restatement;
import io.sessionize.session.Rules;
import io.sessionize.session.Session;
import io.sessionize.testing.TestSpark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The examples in {@code docs/rules.md} and {@code docs/migrate.md} do what the documents say. */
class RulesDocsTest {
  private static final Path RULES = Path.of("docs/rules.md");
  private static final Path MIGRATE = Path.of("docs/migrate.md");
  private static final Pattern YAML = Pattern.compile("```yaml\n(.*?)```", Pattern.DOTALL);

  /** Rules, and a table of events with their sessions. */
  private static final Pattern EXAMPLE =
      Pattern.compile("```yaml\n([^`]*)```\n\n((?:\\| [^\n]*\n|\\|-[^\n]*\n)+)");

  private static final String HEAD =
      """
      version: 1
      topics:
        clicks:
          preset: segment
          properties: {user_id: /userId, client_session_id: /session, ga_session_id: /session}
      session:
        rules:
      """;

  static Stream<MatchResult> examples() throws IOException {
    return EXAMPLE.matcher(Files.readString(RULES)).results();
  }

  @ParameterizedTest
  @MethodSource("examples")
  void theSessionsAreThoseOfTheTable(MatchResult example) {
    DefinitionContent file = DefinitionFile.parse("f", HEAD + example.group(1).indent(4));
    List<List<String>> table =
        example.group(2).lines().map(line -> List.of(line.split(" ?\\| ?", -1))).toList();
    List<String> columns = table.get(0);
    List<Event> events = new ArrayList<>();
    StringBuilder expected = new StringBuilder();
    for (List<String> row : table.subList(2, table.size())) {
      events.add(event(columns, row, events.size(), file.definition()));
      expected.append(row.get(columns.indexOf("session"))).append('\n');
    }
    assertEquals(expected.toString(), sessions(file, events));
  }

  private static Event event(
      List<String> columns, List<String> row, int number, Definition definition) {
    String time = value("time", columns, row).replace(' ', 'T') + ":00Z";
    String name = value("event_name", columns, row);
    List<Property> properties = definition.properties();
    return new Event(
        Instant.parse(time).toEpochMilli(),
        null,
        "e" + number,
        1,
        null,
        null,
        name == null ? null : new EventDetails(name, null, null),
        Properties.of(
            properties,
            properties.stream().map(each -> value(each.name(), columns, row)).toArray()));
  }

  private static String value(String column, List<String> columns, List<String> row) {
    int position = columns.indexOf(column);
    return position < 0 || row.get(position).isEmpty() ? null : row.get(position);
  }

  /** A line for each event: the number of its session, and why a session ends before it. */
  private static String sessions(DefinitionContent file, List<Event> events) {
    Rules rules = file.rules().apply(Rules.DEFAULT);
    Restatement restatement =
        new Restatement(
            rules,
            RuleConditions.of(
                    TestSpark.session(), rules, RowSchemas.of(file.definition().properties()))
                .counted(TestSpark.session())
                .compile(),
            Long.MIN_VALUE,
            DamagedRows.KEEP);
    StringBuilder lines = new StringBuilder();
    int number = 0;
    String before = null;
    for (Session session :
        restatement.restate("ann", List.of(), List.of(), events).stream()
            .map(Outcome::session)
            .sorted(Comparator.comparingLong(Session::startMs))
            .toList()) {
      number++;
      for (int i = 0; i < session.events().size(); i++) {
        lines
            .append(number)
            .append(i > 0 || before == null ? "" : " `" + before + "`")
            .append('\n');
      }
      before = session.boundaryRule();
    }
    return lines.toString();
  }

  @Test
  void eachRuleHasAnExample() throws IOException {
    assertEquals(4, examples().count());
    String first =
        YAML.matcher(Files.readString(RULES)).results().findFirst().orElseThrow().group(1);
    assertEquals(
        List.of(
            "ends", "starts", "changes:user_id", "changes:utm_campaign", "day_in", "max_events"),
        DefinitionFile.parse("f", first).rules().apply(Rules.DEFAULT).boundaryNames());
  }

  @Test
  void theRulesOfTheOtherDocumentAreValid() throws IOException {
    List<String> found =
        YAML.matcher(Files.readString(MIGRATE)).results().map(each -> each.group(1)).toList();
    assertEquals(4, found.size());
    found.forEach(rules -> DefinitionFile.parse("f", HEAD + rules.indent(4)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"ga4", "matomo"})
  void thePresetsAreThoseOfTheProgram(String name) throws IOException {
    String text = Files.readString(Path.of("src/main/resources/rules", name + ".yaml"));
    assertTrue(
        Files.readString(RULES)
            .contains("<!-- rules:" + name + " -->\n```yaml\n" + text + "```\n"));
  }
}
