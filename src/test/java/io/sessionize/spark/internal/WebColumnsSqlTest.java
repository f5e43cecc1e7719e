package io.sessionize.spark.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sessionize.column.SessionColumn;
import io.sessionize.column.WebSettings;
import io.sessionize.column.web.EventCount;
import io.sessionize.column.web.WebColumns;
import io.sessionize.row.EventRows;
import io.sessionize.row.RowSchemas;
import io.sessionize.session.CloseReason;
import io.sessionize.session.Event;
import io.sessionize.session.EventDetails;
import io.sessionize.session.Properties;
import io.sessionize.session.Property;
import io.sessionize.session.PropertyType;
import io.sessionize.session.Session;
import io.sessionize.testing.TestSpark;
import java.math.BigDecimal;
import java.sql.Timestamp;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
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
  private static final int SESSIONS = 300;
  private static final PropertyType TEXT = PropertyType.STRING;

  private static final List<String> SCHEMES =
      List.of(
          "https://", "https://", "HTTP://", "//", "", "android-app://", "mailto:", ":", "a b://");
  private static final List<String> HOSTS =
      List.of(
          "shop.example",
          "www.shop.example",
          "m.Shop.Example:8443",
          "google.com",
          "www.google.de",
          "news.google.co.uk",
          "mail.google.com",
          "gemini.google.com",
          "user@t.co",
          "[2001:db8::1]:80",
          "[broken",
          "",
          "chatgpt.com",
          "evilgoogle.com",
          "google.com.",
          "google.com.de",
          "com.de",
          "amazon.co.jp",
          "l.facebook.com",
          "bücher.example",
          "EXAMPLE.ORG",
          "a@b@c.example:1:2",
          "www.",
          "blog.google",
          "search.yahoo.co.jp",
          ".google.com",
          "com.google.android.gm",
          "x");
  private static final List<String> PATHS =
      List.of("", "/", "/a b", "/ä/%zz", "/x:y", "/a\nb", "/😀", "a/b:c", "//x", "/\\");
  private static final List<String> QUERIES =
      List.of(
          "",
          "",
          "?",
          "?utm_source=google&utm_medium=cpc",
          "?a=1&utm_campaign=shop%20x",
          "?utm_source=&utm_source=b",
          "?utm_source=%zz&utm_medium=100%",
          "?utm_term=a+b&gclid=",
          "?fbclid=x&gclid=1",
          "?x?utm_source=q",
          "?utm_source==x&&utm_medium",
          "?gclid==",
          "?utm_content=%C3%28%E2%82",
          "?ScCid=1",
          "?utm_sourcex=1&UTM_SOURCE=2",
          "?utm_source=chatgpt.com",
          "?utm_source=%F0%9F%98%80&utm_campaign=a%26b",
          "?utm_campaign=x&msclkid=1",
          "?b=?&wbraid=a=b");
  private static final List<String> FRAGMENTS =
      List.of("", "", "#", "#?utm_source=h", "#/a?b&gclid=1");
  private static final List<String> ODD =
      List.of("$direct", "javascript:void(0)", "not a url", "", "😀", "?", "#", "http:", "://");
  private static final List<String> NAMES =
      List.of("", "page_view", "page_view", "purchase", "click", "it's", "a\\b", "ｚ", "😀", "Ünï");
  private static final List<String> PAGES = List.of("", "home", "home", "search", "ä", "😀");
  private static final List<String> SOURCES =
      List.of(
          "",
          "google",
          "Google",
          "google.de",
          "facebook",
          "fb",
          "news",
          "(direct)",
          "email",
          "e mail",
          "sms",
          "firebase",
          "youtube",
          "amazon.com",
          "chatgpt.com",
          "İ",
          "google\n",
          "mail.google.com");
  private static final List<String> MEDIA =
      List.of(
          "",
          "cpc",
          "CPM",
          "cpm",
          "ppc",
          "ppc\n",
          "retargeting",
          "paid-social",
          "display",
          "Banner",
          "email",
          "e-mail",
          "affiliate",
          "audio",
          "sms",
          "web-push",
          "mobile",
          "a notification",
          "social",
          "sm",
          "social media",
          "video-ad",
          "organic",
          "referral",
          "app",
          "link",
          "(none)",
          "(not set)",
          "ai-assistant",
          "other");
  private static final List<String> CAMPAIGNS =
      List.of(
          "",
          "spring",
          "a Cross-Network b",
          "shop",
          "eshop",
          "workshop",
          "my shop",
          "workshopping",
          "éshop",
          "bishop shop");
  private static final List<String> AGENTS =
      List.of(
          "",
          "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/140.0",
          "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Mobile/15E148",
          "Mozilla/5.0 (Linux; Android 10; K) Chrome/140.0 Mobile",
          "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0)",
          "Googlebot/2.1",
          "SmartTV",
          "ÄNDROID",
          "Mozilla/5.0 (Linux; Android 10; K)",
          "curl/8.0");
  private static final List<String> DEVICES =
      List.of("", "Desktop", "Mobile", "Phone", "Tablet", "Smart TV", "Console", "Ä");
  private static final List<String> SYSTEMS =
      List.of("", "iOS", "iPhone OS", "Mac OS X", "Windows", "Chrome OS", "Haiku");
  private static final List<String> USERS = List.of("", "", "u-1", "u-1", "u-2", "ü");

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
            "only the URL",
            settings(List.of(), List.of(), List.of("www.shop.example")),
            List.of(new Property("url", TEXT))),
        new Case(
            "other types",
            settings(List.of(), List.of("purchase"), List.of()),
            List.of(
                new Property("referrer", TEXT),
                new Property("url", PropertyType.BOOLEAN),
                new Property("utm_term", PropertyType.LONG),
                new Property("os", TEXT),
                new Property("device_type", PropertyType.TIMESTAMP),
                new Property("revenue", PropertyType.LONG))),
        new Case(
            "texts as revenue",
            settings(List.of(), List.of(), List.of()),
            List.of(new Property("revenue", TEXT), new Property("user_agent", TEXT))));
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
  private Random random;

  @ParameterizedTest
  @MethodSource("cases")
  void javaGivesWhatTheSqlDoes(Case tested) {
    random = new Random(tested.name().hashCode());
    StructType schema = RowSchemas.of(tested.properties()).session();
    List<Session> sessions = new ArrayList<>();
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < SESSIONS; i++) {
      sessions.add(session(tested.properties()));
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
    WebColumns web = new WebColumns(tested.settings(), tested.properties());
    for (int i = 0; i < SESSIONS; i++) {
      Object[] inJava = web.values(sessions.get(i));
      assertEquals(columns.size(), inJava.length);
      for (int c = 0; c < inJava.length; c++) {
        String name = columns.get(c).name();
        Session session = sessions.get(i);
        assertEquals(value(bySql.get(i).get(c)), inJava[c], () -> name + " of " + session);
      }
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
    for (String source : SOURCES) {
      for (String medium : MEDIA) {
        for (String campaign : CAMPAIGNS) {
          sessions.add(touched(properties, source, medium, campaign, null));
        }
      }
    }
    HOSTS.forEach(host -> sessions.add(touched(properties, null, null, null, "https://" + host)));
    List<Row> rows = sessions.stream().map(session -> row(session, properties, schema)).toList();
    List<SessionColumn> columns = WebColumns.columns(settings, properties);
    int channel = columns.stream().map(SessionColumn::name).toList().indexOf("channel");
    List<Row> bySql =
        spark
            .createDataFrame(rows, schema)
            .repartition(1)
            .select(functions.expr(columns.get(channel).sql()))
            .collectAsList();
    WebColumns web = new WebColumns(settings, properties);
    Set<String> seen = new TreeSet<>();
    for (int i = 0; i < rows.size(); i++) {
      Session session = sessions.get(i);
      Object inJava = web.values(session)[channel];
      assertEquals(bySql.get(i).get(0), inJava, session::toString);
      seen.add(inJava.toString());
    }
    assertEquals(20, seen.size(), seen.toString());
  }

  private static Session touched(List<Property> properties, Object... values) {
    Properties given = Properties.of(properties, values);
    Event event = new Event(1_772_359_200_000L, null, "e", 1, null, null, null, given);
    return new Session("u", List.of(event), CloseReason.INACTIVITY);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void theSqlIsAllowedAndHasTheType(Case tested) {
    StructType schema = RowSchemas.of(tested.properties()).session();
    Column[] all = Arrays.stream(schema.fieldNames()).map(functions::col).toArray(Column[]::new);
    for (SessionColumn column : WebColumns.columns(tested.settings(), tested.properties())) {
      SqlExpression parsed = SqlExpression.parse(spark, column.name(), column.sql(), schema, all);
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

  private Session session(List<Property> properties) {
    List<Event> events = new ArrayList<>();
    long timeMs = 1_772_359_200_000L;
    int count = 1 + random.nextInt(random.nextBoolean() ? 2 : 7);
    for (int i = 0; i < count; i++) {
      Object[] values = new Object[properties.size()];
      for (int p = 0; p < values.length; p++) {
        values[p] = random.nextInt(3) == 0 ? null : property(properties.get(p));
      }
      events.add(
          new Event(
              timeMs,
              null,
              "e" + i,
              1,
              one(PAGES),
              null,
              random.nextInt(4) == 0 ? null : new EventDetails(one(NAMES), null, null),
              Properties.of(properties, values)));
      timeMs +=
          random.nextInt(3) == 0 ? 0 : random.nextInt(random.nextBoolean() ? 10_001 : 1_800_000);
    }
    return new Session("u", events, CloseReason.INACTIVITY);
  }

  private String one(List<String> texts) {
    return random.nextInt(5) == 0 ? null : texts.get(random.nextInt(texts.size()));
  }

  private Object property(Property property) {
    PropertyType type = property.type();
    return switch (type.kind()) {
      case STRING -> text(property.name());
      case LONG -> (long) random.nextInt(5) - 1;
      case DOUBLE -> random.nextInt(1000) / 10.0 - 20;
      case BOOLEAN -> random.nextBoolean();
      case DECIMAL -> BigDecimal.valueOf(random.nextLong() >> random.nextInt(60), type.scale());
      case TIMESTAMP -> java.time.Instant.ofEpochMilli(random.nextInt());
    };
  }

  private String text(String name) {
    return switch (name) {
      case "url", "referrer" ->
          random.nextInt(10) == 0
              ? one(ODD)
              : one(SCHEMES) + one(HOSTS) + one(PATHS) + one(QUERIES) + one(FRAGMENTS);
      case "utm_source" -> rarely(SOURCES);
      case "utm_medium" -> rarely(MEDIA);
      case "utm_campaign" -> rarely(CAMPAIGNS);
      case "utm_term", "utm_content" -> rarely(List.of("x", "ä+%20"));
      case "user_agent" -> one(AGENTS);
      case "device_type" -> rarely(DEVICES);
      case "os" -> rarely(SYSTEMS);
      case "user_id" -> one(USERS);
      default -> "1.5";
    };
  }

  private String rarely(List<String> texts) {
    return random.nextInt(3) == 0 ? one(texts) : null;
  }

  private static Row row(Session session, List<Property> properties, StructType schema) {
    List<Row> events = new ArrayList<>();
    for (Event event : session.events()) {
      Object[] values = new Object[EventRows.PROPERTIES + properties.size()];
      values[EventRows.EVENT_ID] = event.id();
      values[EventRows.EVENT_TIME_MS] = event.timeMs();
      values[EventRows.PAGE_NAME] = event.pageName();
      values[EventRows.EVENT_DETAILS] =
          event.details() == null ? null : RowFactory.create(event.details().name(), null, null);
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
