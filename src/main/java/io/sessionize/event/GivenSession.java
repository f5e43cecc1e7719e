package io.sessionize.event;

import static io.sessionize.event.DefinitionKey.*;

import io.sessionize.DurationText;
import io.sessionize.column.GivenColumns;
import io.sessionize.column.WebSettings;
import io.sessionize.event.DefinitionKey.Section;
import io.sessionize.session.GivenRules;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Reads the section {@code session} of a definition file. A section that is not given is null. */
final class GivenSession {
  /** The bundled sets of session columns. */
  static final List<String> SETS = List.of("web");

  /**
   * The columns of a session that are no session columns, and names of the job's own, in lower
   * case.
   */
  static final Set<String> OWN_COLUMNS =
      Set.of(
          "uuid",
          "session_id",
          "session_start_time_ms",
          "session_end_time_ms",
          "session_duration_seconds",
          "event_count",
          "pages_visited",
          "session_start",
          "session_end",
          "close_reason",
          "boundary_rule",
          "events",
          "published",
          "is_open",
          "position",
          "file",
          "change",
          "stored_start",
          "stored_at",
          "was_staged",
          "new_events",
          "damaged",
          "replaced_events",
          "conflicting_copies",
          "failed_columns");

  private static final SortedSet<String> KEY_EVENTS = new TreeSet<>(Set.of("purchase"));
  private static final Duration ACTIVE_CAP = Duration.ofMinutes(5);
  private static final Duration LONGEST_CAP = Duration.ofDays(1);

  private GivenSession() {}

  /**
   * The columns of a section. One that has neither {@code columns} nor {@code include} gives none.
   *
   * @throws io.sessionize.Failure of usage, if a name or a value is wrong
   */
  static GivenColumns columns(DefinitionNode session) {
    if (session == null) {
      return GivenColumns.NONE;
    }
    Map<DefinitionKey, DefinitionNode> keys = session.keys(Section.SESSION);
    Set<String> sets = keys.containsKey(INCLUDE) ? sets(keys.get(INCLUDE).elements()) : Set.of();
    if (keys.containsKey(WEB) && !sets.contains("web")) {
      throw keys.get(WEB).failure("has the settings of the set web: give include: [web] too");
    }
    return new GivenColumns(
        keys.containsKey(COLUMNS) || keys.containsKey(INCLUDE),
        keys.containsKey(COLUMNS) ? own(keys.get(COLUMNS)) : new TreeMap<>(),
        sets.contains("web") ? web(keys.get(WEB)) : null);
  }

  /**
   * The rules of a section.
   *
   * @param definition of the same file
   * @throws io.sessionize.Failure of usage, if a value is wrong
   */
  static GivenRules rules(DefinitionNode session, Definition definition) {
    DefinitionNode rules = session == null ? null : session.keys(Section.SESSION).get(RULES);
    return rules == null ? GivenRules.NONE : RulesSection.read(rules, definition);
  }

  private static SortedMap<String, String> own(DefinitionNode node) {
    SortedMap<String, String> columns = new TreeMap<>();
    SortedMap<String, String> names = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    node.entries()
        .forEach(
            (name, sql) -> {
              if (!name.matches("[A-Za-z][A-Za-z0-9_]{0,254}")) {
                throw sql.failure(
                    "is no name of a column: use letters, digits and _, a letter first");
              }
              if (OWN_COLUMNS.contains(name.toLowerCase(Locale.ROOT))) {
                throw sql.failure("is a name that the job uses itself: use another name");
              }
              String other = names.put(name, name);
              if (other != null) {
                throw sql.failure("is %s in other letters: use another name", other);
              }
              columns.put(name, sql.text());
            });
    return columns;
  }

  private static Set<String> sets(List<DefinitionNode> nodes) {
    Set<String> sets = new TreeSet<>();
    for (DefinitionNode node : nodes) {
      if (!SETS.contains(node.text())) {
        throw node.badValue("the sets of columns are " + String.join(", ", SETS));
      }
      if (!sets.add(node.text())) {
        throw node.failure("is given twice: leave one out");
      }
    }
    return sets;
  }

  private static WebSettings web(DefinitionNode node) {
    Map<DefinitionKey, DefinitionNode> keys = node == null ? Map.of() : node.keys(Section.WEB);
    SortedSet<String> hosts = new TreeSet<>();
    for (String host : texts(keys.get(WEB_OWN_HOSTS), new TreeSet<>())) {
      if (host.chars().anyMatch(c -> c > 127)) {
        throw keys.get(WEB_OWN_HOSTS)
            .failure("'%s' is not as browsers send it: give the host with xn--", host);
      }
      if (!host.matches("[A-Za-z0-9_-]+([.][A-Za-z0-9_-]+)*")) {
        throw keys.get(WEB_OWN_HOSTS).failure("'%s' is no name of a host: give one", host);
      }
      hosts.add(host.toLowerCase(Locale.ROOT));
    }
    return new WebSettings(
        WebSettings.VERSION,
        texts(keys.get(WEB_VIEWS), new TreeSet<>()),
        texts(keys.get(WEB_KEY_EVENTS), KEY_EVENTS),
        hosts,
        activeCap(keys.get(WEB_ACTIVE_CAP)));
  }

  private static SortedSet<String> texts(DefinitionNode node, SortedSet<String> otherwise) {
    return node == null
        ? otherwise
        : node.elements().stream()
            .map(DefinitionNode::text)
            .collect(Collectors.toCollection(TreeSet::new));
  }

  private static int activeCap(DefinitionNode node) {
    if (node == null) {
      return (int) ACTIVE_CAP.toSeconds();
    }
    return (int)
        DurationText.parse(node.text(), null)
            .filter(cap -> cap.compareTo(LONGEST_CAP) <= 0 && cap.toNanosPart() == 0)
            .orElseThrow(() -> node.badValue("give whole seconds up to a day, such as 90s or 5m"))
            .toSeconds();
  }
}
