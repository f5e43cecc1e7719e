package io.sessionize.column.web;

import static io.sessionize.column.web.Input.DEVICE_TYPE;
import static io.sessionize.column.web.Input.REFERRER;
import static io.sessionize.column.web.Input.REVENUE;
import static io.sessionize.column.web.Input.URL;
import static io.sessionize.column.web.Input.USER_AGENT;
import static io.sessionize.column.web.Input.USER_ID;
import static io.sessionize.column.web.Input.UTM_CAMPAIGN;
import static io.sessionize.column.web.Input.UTM_CONTENT;
import static io.sessionize.column.web.Input.UTM_MEDIUM;
import static io.sessionize.column.web.Input.UTM_SOURCE;
import static io.sessionize.column.web.Input.UTM_TERM;

import io.sessionize.column.WebSettings;
import java.util.List;
import java.util.SortedSet;
import java.util.stream.Collectors;

/** The columns in SQL, over the columns of a session. */
final class WebSql {
  static final List<Input> CAMPAIGN =
      List.of(UTM_SOURCE, UTM_MEDIUM, UTM_CAMPAIGN, UTM_TERM, UTM_CONTENT);

  private static final String NAME = "e.event_details.event_name";
  private static final String TYPE = "e.event_details.event_type";
  private static final String PAGE = "nullif(e.page_name, '')";

  private final WebSettings settings;
  private final Inputs inputs;
  private final Sources sources;
  private final String sites;
  private final String facts;
  private final String touches;

  WebSql(WebSettings settings, Inputs inputs, Sources sources) {
    this.settings = settings;
    this.inputs = inputs;
    this.sources = sources;
    this.sites = sources.sitesSql();
    this.facts = facts();
    this.touches = Touch.sql(facts, sites);
  }

  /** The columns with names for the parts that several of them share: for documents. */
  WebSql(
      WebSettings settings,
      Inputs inputs,
      Sources sources,
      String sites,
      String facts,
      String touches) {
    this.settings = settings;
    this.inputs = inputs;
    this.sources = sources;
    this.sites = sites;
    this.facts = facts;
    this.touches = touches;
  }

  /** Returns a column in SQL. */
  String of(WebColumn column) {
    return switch (column) {
      case ENTRY_PAGE -> page(1);
      case EXIT_PAGE -> page(-1);
      case LANDING_PATH -> Url.pathSql(landing());
      case LANDING_QUERY -> Url.querySql(landing());
      case REFERRER_HOST ->
          "try_element_at(filter(" + facts + ", f -> f.host IS NOT NULL), 1).host";
      case UTM_SOURCE, UTM_MEDIUM, UTM_CAMPAIGN, UTM_TERM, UTM_CONTENT ->
          "try_element_at(filter("
              + facts
              + ", f ->\n  coalesce(f.utm_source, f.utm_medium, f.utm_campaign, f.utm_term, f.utm_content)"
              + " IS NOT NULL), 1)."
              + column.text();
      case SOURCE -> touched(column, 1, "source", Touch.DIRECT.source());
      case MEDIUM -> touched(column, 1, "medium", Touch.DIRECT.medium());
      case LAST_SOURCE -> touched(column, -1, "source", Touch.DIRECT.source());
      case LAST_MEDIUM -> touched(column, -1, "medium", Touch.DIRECT.medium());
      case CHANNEL -> channel();
      case DEVICE -> said(UserAgents.SAID_DEVICE, DEVICE_TYPE, UserAgents.DEVICE);
      case OS -> said(UserAgents.SAID_OS, Input.OS, UserAgents.OS);
      case VIEWS -> count(view());
      case EVENTS_BY_NAME -> eventsByName();
      case KEY_EVENTS -> count(keyEvent());
      case ENGAGED -> engaged();
      case BOUNCED -> "NOT (" + engaged() + ")";
      case REVENUE -> revenue();
      case ACTIVE_SECONDS -> activeSeconds();
      case USER_ID -> "try_element_at(" + users() + ", -1)";
      case USER_IDS -> inputs.has(USER_ID) ? "array_distinct(" + users() + ")" : nothing(column);
    };
  }

  private static String nothing(WebColumn column) {
    return "CAST(NULL AS " + column.type() + ")";
  }

  private String view() {
    return settings.views().isEmpty() ? PAGE + " IS NOT NULL" : named(settings.views());
  }

  private String keyEvent() {
    return settings.keyEvents().isEmpty() ? "false" : named(settings.keyEvents());
  }

  private static String named(SortedSet<String> names) {
    return "(" + NAME + in(names) + " OR " + TYPE + in(names) + ")";
  }

  private static String in(SortedSet<String> texts) {
    return texts.stream().map(WebSql::quoted).collect(Collectors.joining(", ", " IN (", ")"));
  }

  private static String quoted(String text) {
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
  }

  private static String count(String condition) {
    return "CAST(size(filter(events, e -> " + condition + ")) AS BIGINT)";
  }

  private String page(int which) {
    String views = settings.views().isEmpty() ? "" : view() + " AND ";
    return "try_element_at(filter(events, e -> "
        + views
        + PAGE
        + " IS NOT NULL), "
        + which
        + ").page_name";
  }

  private String landing() {
    String url = inputs.textSql(URL, "e");
    return "try_element_at(filter(transform(filter(events, e -> "
        + view()
        + "), e -> "
        + url
        + "), u -> u IS NOT NULL), 1)";
  }

  /** The host of the referrer of event {@code i}; null if the event before it had the same. */
  private String newHost() {
    return inputs.has(REFERRER)
        ? "CASE WHEN NOT e.referrer <=>\n      try_element_at(filter(slice(events, 1, i), b -> "
            + inputs.textSql(REFERRER, "b")
            + " IS NOT NULL), -1).referrer\n      THEN "
            + Url.hostSql("e.referrer")
            + " END"
        : "CAST(NULL AS STRING)";
  }

  private String isExternal() {
    String own =
        WebPass.ownEnds(settings).stream()
            .map(WebSql::quoted)
            .map(end -> " AND NOT endswith(concat('.', e.host), " + end + ")")
            .collect(Collectors.joining());
    String pages =
        inputs.has(URL)
            ? "NOT coalesce(array_contains(transform(events, o -> "
                + Url.hostSql("o.url")
                + "), e.host), false)"
            : "true";
    return pages + own;
  }

  /** What the events say of the way to the site: an array of structs. */
  String facts() {
    String url = inputs.has(URL) ? "e.url" : inputs.textSql(URL, "e");
    StringBuilder sent = new StringBuilder();
    StringBuilder known = new StringBuilder();
    for (Input input : CAMPAIGN) {
      String name = input.text();
      sent.append(String.format("'%s', %s,\n    ", name, inputs.textSql(input, "e")));
      String fact = "e." + name;
      if (inputs.has(URL)) {
        sent.append(String.format("'url_%s', %s,\n    ", name, Url.parameterSql("e.url", name)));
        fact = "coalesce(" + fact + ",\n      " + Url.decodedSql("e.url_" + name) + ")";
      }
      known.append(String.format("'%s', %s,\n    ", name, fact));
    }
    return String.format(
        """
        transform(transform(events, (e, i) -> named_struct(
            %s'click', %s,
            'host', %s)), e -> named_struct(
            %s'click', e.click,
            'open', %s,
            'host', CASE WHEN %s THEN e.host END))""",
        sent, sources.clickSql(url), newHost(), known, Sources.openSql("e.host"), isExternal());
  }

  private String touched(WebColumn column, int which, String field, String none) {
    return inputs.hasTouches()
        ? "coalesce(try_element_at(" + touches + ", " + which + ")." + field + ", '" + none + "')"
        : nothing(column);
  }

  private String channel() {
    return inputs.hasTouches()
        ? "coalesce(" + Channels.sql(touches, sites) + ", 'Direct')"
        : nothing(WebColumn.CHANNEL);
  }

  private String said(UserAgents ofTracker, Input said, UserAgents ofHeader) {
    return "coalesce("
        + ofTracker.sql(firstKnown(said))
        + ",\n  "
        + ofHeader.sql(firstKnown(USER_AGENT))
        + ")";
  }

  private String firstKnown(Input input) {
    return "try_element_at(filter(transform(events, e -> "
        + inputs.textSql(input, "e")
        + "), v -> lower(v) NOT IN "
        + UserAgents.UNKNOWN_SQL
        + "), 1)";
  }

  private static String eventsByName() {
    return "transform(array_sort(array_distinct(filter(transform(events, e -> nullif("
        + NAME
        + ", '')), n -> n IS NOT NULL))), n ->\n  named_struct('name', n, 'count', "
        + count(NAME + " = n")
        + "))";
  }

  private String engaged() {
    return "session_end_time_ms - session_start_time_ms > "
        + WebPass.ENGAGED_MS
        + " OR size(filter(events, e -> "
        + view()
        + ")) >= 2"
        + " OR exists(events, e -> coalesce("
        + keyEvent()
        + ", false))";
  }

  private String revenue() {
    return inputs.has(REVENUE)
        ? "aggregate(transform(filter(events, e -> "
            + keyEvent()
            + "), e -> "
            + inputs.numberSql(REVENUE, "e")
            + "), CAST(NULL AS DOUBLE), (sum, r) -> coalesce(sum + r, sum, r))"
        : nothing(WebColumn.REVENUE);
  }

  private String activeSeconds() {
    return "aggregate(transform(slice(events, 2, size(events)), (e, i) ->\n  least(e.event_time_ms - events[i].event_time_ms, "
        + WebPass.capMs(settings)
        + ")), 0L, (sum, pause) -> sum + pause, sum -> sum div 1000)";
  }

  private String users() {
    return "filter(transform(events, e -> "
        + inputs.textSql(USER_ID, "e")
        + "), u -> u IS NOT NULL)";
  }
}
