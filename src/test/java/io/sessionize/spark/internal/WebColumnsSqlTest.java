package io.sessionize.spark.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.column.SessionColumn;
import io.sessionize.column.WebSettings;
import io.sessionize.column.web.EventCount;
import io.sessionize.column.web.WebColumns;
import io.sessionize.row.EventRows;
import io.sessionize.row.RowSchemas;
import io.sessionize.session.CloseReason;
import io.sessionize.session.Event;
import io.sessionize.session.Properties;
import io.sessionize.session.Property;
import io.sessionize.session.PropertyType;
import io.sessionize.session.Session;
import io.sessionize.testing.TestSpark;
import java.sql.Timestamp;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import scala.collection.JavaConverters;

/** The set {@code web} in Java gives what its SQL does, on random sessions. */
class WebColumnsSqlTest {
  private static final int SESSIONS = 150;
  private static final PropertyType TEXT = PropertyType.STRING;

  private record Case(String name, WebSettings settings, List<Property> properties) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Case> cases() {
    return Stream.of(
        new Case(
            "all properties",
            settings(List.of(), List.of("purchase"), List.of("Shop.example", "bücher.example")),
            properties(PropertyType.DOUBLE, TEXT)),
        new Case(
            "named views, long and decimal",
            settings(List.of("page_view", "it's", "a\\b"), List.of("it's", "😀"), List.of()),
            properties(PropertyType.decimal(20, 3), PropertyType.LONG)),
        new Case("no properties", settings(List.of(), List.of("click"), List.of()), List.of()),
        new Case(
            "only the URL, long revenue",
            settings(List.of(), List.of(), List.of("www.shop.example")),
            List.of(new Property("url", TEXT), new Property("revenue", PropertyType.LONG))),
        new Case(
            "types that do not serve",
            settings(List.of(), List.of("purchase"), List.of()),
            List.of(
                new Property("referrer", TEXT),
                new Property("url", PropertyType.BOOLEAN),
                new Property("utm_term", PropertyType.LONG),
                new Property("os", TEXT),
                new Property("device_type", PropertyType.TIMESTAMP),
                new Property("revenue", TEXT),
                new Property("user_agent", TEXT))));
  }

  static Stream<Case> withAndWithoutProperties() {
    return cases().filter(tested -> tested.name().endsWith(" properties"));
  }

  private static WebSettings settings(
      List<String> views, List<String> keyEvents, List<String> hosts) {
    return new WebSettings(1, sorted(views), sorted(keyEvents), sorted(hosts), 600);
  }

  private static SortedSet<String> sorted(List<String> texts) {
    return new TreeSet<>(texts);
  }

  private static List<Property> properties(PropertyType revenue, PropertyType user) {
    List<Property> all = new ArrayList<>();
    for (String name :
        List.of(
            "device_type",
            "os",
            "other",
            "referrer",
            "url",
            "user_agent",
            "utm_campaign",
            "utm_content",
            "utm_medium",
            "utm_source",
            "utm_term")) {
      all.add(new Property(name, TEXT));
    }
    all.add(new Property("revenue", revenue));
    all.add(new Property("user_id", user));
    return all;
  }

  private final SparkSession spark = TestSpark.session();

  @ParameterizedTest
  @MethodSource("cases")
  void javaGivesWhatTheSqlDoes(Case tested) {
    RandomVisits visits = new RandomVisits(new Random(tested.name().hashCode()));
    StructType schema = RowSchemas.of(tested.properties()).session();
    List<Session> sessions = new ArrayList<>();
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < SESSIONS; i++) {
      sessions.add(visits.session(tested.properties()));
      rows.add(row(sessions.get(i), tested.properties(), schema));
    }
    List<SessionColumn> columns = WebColumns.columns(tested.settings(), tested.properties());
    List<Row> bySql =
        spark
            .createDataFrame(rows, schema)
            .repartition(1)
            .select(
                columns.stream().map(column -> functions.expr(column.sql())).toArray(Column[]::new))
            .collectAsList();
    WebColumns web = web(tested.settings(), tested.properties());
    List<Set<Object>> seen = columns.stream().map(column -> (Set<Object>) new HashSet<>()).toList();
    for (int i = 0; i < SESSIONS; i++) {
      Session session = sessions.get(i);
      Object[] inJava = web.values(session);
      assertEquals(columns.size(), inJava.length);
      for (int c = 0; c < inJava.length; c++) {
        String name = columns.get(c).name();
        assertEquals(value(bySql.get(i).get(c)), inJava[c], () -> name + " of " + session);
        if (inJava[c] != null) {
          seen.get(c).add(inJava[c]);
        }
      }
    }
    if (tested.properties().size() > 10) {
      seen.forEach(values -> assertTrue(values.size() > 1, values.toString()));
    }
  }

  @Test
  void javaAndSqlAgreeOnEachChannel() {
    List<Property> properties =
        Stream.of("utm_source", "utm_medium", "utm_campaign", "referrer")
            .map(name -> new Property(name, TEXT))
            .toList();
    WebSettings settings = settings(List.of(), List.of(), List.of());
    StructType schema = RowSchemas.of(properties).session();
    List<Session> sessions = new ArrayList<>();
    for (String source : RandomVisits.SOURCES) {
      for (String medium : RandomVisits.MEDIA) {
        for (String campaign : RandomVisits.CAMPAIGNS) {
          sessions.add(touched(properties, source, medium, campaign, null));
        }
      }
    }
    RandomVisits.HOSTS.forEach(
        host -> sessions.add(touched(properties, null, null, null, "https://" + host)));
    List<Row> rows = sessions.stream().map(session -> row(session, properties, schema)).toList();
    List<SessionColumn> columns = WebColumns.columns(settings, properties);
    int channel = columns.stream().map(SessionColumn::name).toList().indexOf("channel");
    List<Row> bySql =
        spark
            .createDataFrame(rows, schema)
            .repartition(1)
            .select(functions.expr(columns.get(channel).sql()))
            .collectAsList();
    WebColumns web = web(settings, properties);
    Set<String> seen = new TreeSet<>();
    for (int i = 0; i < rows.size(); i++) {
      Session session = sessions.get(i);
      Object inJava = web.values(session)[channel];
      assertEquals(bySql.get(i).get(0), inJava, session::toString);
      seen.add(inJava.toString());
    }
    assertEquals(20, seen.size(), seen.toString());
  }

  private static WebColumns web(WebSettings settings, List<Property> properties) {
    List<String> names = properties.stream().map(Property::name).toList();
    return new WebColumns(settings, properties, names);
  }

  private static Session touched(List<Property> properties, Object... values) {
    Properties given = Properties.of(properties, values);
    Event event = new Event(1_772_359_200_000L, null, "e", 1, null, null, null, given);
    return new Session("u", List.of(event), CloseReason.INACTIVITY);
  }

  @ParameterizedTest
  @MethodSource("withAndWithoutProperties")
  void theSqlIsAllowedAndHasTheType(Case tested) {
    StructType schema = RowSchemas.of(tested.properties()).session();
    Column[] all = Arrays.stream(schema.fieldNames()).map(functions::col).toArray(Column[]::new);
    for (SessionColumn column : WebColumns.columns(tested.settings(), tested.properties())) {
      SqlExpression parsed =
          SqlExpression.parse(
              spark,
              new SqlExpression.Source(
                  column.name(), column.sql(), "session", UnaryOperator.identity()),
              schema,
              all);
      assertEquals(column.type(), parsed.type().catalogString(), column.name());
    }
  }

  private static Object value(Object sql) {
    if (sql instanceof scala.collection.Seq<?> array) {
      return JavaConverters.seqAsJavaList(array).stream()
          .map(
              element ->
                  element instanceof Row count
                      ? new EventCount(count.getString(0), count.getLong(1))
                      : element)
          .collect(Collectors.toList());
    }
    return sql;
  }

  private static Row row(Session session, List<Property> properties, StructType schema) {
    List<Row> events = new ArrayList<>();
    for (Event event : session.events()) {
      Object[] values = new Object[EventRows.PROPERTIES + properties.size()];
      values[EventRows.EVENT_ID] = event.id();
      values[EventRows.EVENT_TIME_MS] = event.timeMs();
      values[EventRows.PAGE_NAME] = event.pageName();
      values[EventRows.EVENT_DETAILS] =
          event.details() == null
              ? null
              : RowFactory.create(event.details().name(), event.details().type(), null);
      values[EventRows.DEFINITION] = event.definition();
      for (int i = 0; i < properties.size(); i++) {
        Object value = event.property(properties.get(i).name());
        values[EventRows.PROPERTIES + i] =
            value instanceof java.time.Instant time ? Timestamp.from(time) : value;
      }
      events.add(RowFactory.create(values));
    }
    Object[] values = new Object[schema.length()];
    values[schema.fieldIndex("session_start_time_ms")] = session.startMs();
    values[schema.fieldIndex("session_end_time_ms")] = session.endMs();
    values[schema.fieldIndex("events")] = events;
    return RowFactory.create(values);
  }
}
