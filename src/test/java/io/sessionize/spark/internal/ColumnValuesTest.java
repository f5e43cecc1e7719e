package io.sessionize.spark.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.sessionize.column.SessionColumns.WebSet;
import io.sessionize.column.WebSettings;
import io.sessionize.column.web.WebColumns;
import io.sessionize.row.RowSchemas;
import io.sessionize.session.CloseReason;
import io.sessionize.session.Event;
import io.sessionize.session.EventDetails;
import io.sessionize.session.Properties;
import io.sessionize.session.Property;
import io.sessionize.session.PropertyType;
import io.sessionize.session.Session;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.CatalystTypeConverters;
import org.apache.spark.sql.catalyst.InternalRow;
import org.junit.jupiter.api.Test;

/** The values of session columns as Spark's rows hold them. */
class ColumnValuesTest {
  private static final List<Property> OLD = properties("url", "user_id");

  @Test
  void theSetWebBecomesARow() {
    Row row = row(OLD, event(OLD, "https://shop.example/a?utm_source=news", "u-1"));
    assertEquals("news", row.getAs("utm_source"));
    assertEquals(List.of("u-1"), row.getList(row.fieldIndex("user_ids")));
    assertEquals(
        List.of("[click,1]"),
        row.getList(row.fieldIndex("events_by_name")).stream().map(Object::toString).toList());
    assertEquals(1L, row.<Long>getAs("views"));
    assertEquals(true, row.getAs("bounced"));
  }

  @Test
  void aValueOfMoreThan16MegabytesIsNull() {
    Row row = row(OLD, event(OLD, "https://shop.example/a", "u".repeat(17 << 20)));
    assertNull(row.getAs("user_id"));
    assertNull(row.getAs("user_ids"));
    assertEquals("/a", row.getAs("landing_path"));
  }

  @Test
  void aLaterPropertyDoesNotMoveTheOthers() {
    List<Property> all = properties("referrer", "url", "user_id");
    Row row = row(all, event(all, "https://a.example", "https://shop.example/a", "u-1"));
    assertEquals("/a", row.getAs("landing_path"));
    assertEquals("u-1", row.getAs("user_id"));
    assertEquals("(direct)", row.getAs("source"));
  }

  private static List<Property> properties(String... names) {
    return Stream.of(names).map(name -> new Property(name, PropertyType.STRING)).toList();
  }

  private static Event event(List<Property> properties, Object... values) {
    EventDetails click = new EventDetails("click", null, null);
    return new Event(
        1_772_359_200_000L, null, "e", 1, "a", null, click, Properties.of(properties, values));
  }

  private static Row row(List<Property> properties, Event event) {
    WebSettings settings =
        new WebSettings(1, new TreeSet<>(), new TreeSet<>(), new TreeSet<>(), 300);
    WebSet set = new WebSet(settings, List.of("url", "user_id"), WebColumns.columns(settings, OLD));
    RowSchemas schemas = RowSchemas.of(properties, set.columns());
    ColumnValues values = new ColumnValues(schemas, List.of(), List.of(), set, null);
    InternalRow made = values.of(null, new Session("u", List.of(event), CloseReason.INACTIVITY));
    return (Row) CatalystTypeConverters.createToScalaConverter(schemas.columns()).apply(made);
  }
}
