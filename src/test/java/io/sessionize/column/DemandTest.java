package io.sessionize.column;

import static io.sessionize.column.Demand.NOTHING;
import static io.sessionize.column.Demand.VALUE;
import static io.sessionize.column.Demand.VALUE_OR_NULL;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sessionize.column.SessionColumns.WebSet;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class DemandTest {
  private static final WebSet SET = set(30);

  private static WebSet set(int activeCapSeconds) {
    WebSettings settings =
        new WebSettings(1, new TreeSet<>(), new TreeSet<>(), new TreeSet<>(), activeCapSeconds);
    return new WebSet(settings, List.of(), List.of(new SessionColumn("views", "int", "1")));
  }

  /** Each is a name and its SQL. */
  private static SessionColumns columns(WebSet set, String... namesAndSql) {
    List<SessionColumn> own = new ArrayList<>();
    for (int i = 0; i < namesAndSql.length; i += 2) {
      own.add(new SessionColumn(namesAndSql[i], "int", namesAndSql[i + 1]));
    }
    return new SessionColumns(own, set);
  }

  private static RecordedColumns taken(SessionColumns... columns) {
    TreeMap<Integer, SessionColumns> taken = new TreeMap<>();
    for (SessionColumns one : columns) {
      taken.put(taken.size() + 1, one);
    }
    return new RecordedColumns(taken);
  }

  @Test
  void anUnchangedColumnHasItsValueAndANewOneMayBeNull() {
    RecordedColumns columns = taken(columns(null, "a", "1"), columns(null, "a", "1", "b", "2"));
    assertEquals(List.of(VALUE, VALUE_OR_NULL), Demand.since(columns, 1));
    assertEquals(List.of(VALUE, VALUE), Demand.since(columns, 2));
    // Nobody knows what the rows follow
    assertEquals(List.of(VALUE_OR_NULL, VALUE_OR_NULL), Demand.since(columns, 0));
  }

  @Test
  void aChangedColumnMayHoldAnythingInOlderRows() {
    RecordedColumns columns = taken(columns(null, "a", "1"), columns(null, "a", "2"));
    assertEquals(List.of(NOTHING), Demand.since(columns, 1));
    assertEquals(List.of(VALUE), Demand.since(columns, 2));
  }

  @Test
  void aColumnThatCameBackIsNullInRowsOfBetween() {
    SessionColumns with = columns(null, "a", "1", "b", "2");
    SessionColumns without = columns(null, "a", "1");
    assertEquals(List.of(VALUE, VALUE_OR_NULL), Demand.since(taken(with, without, with), 1));
    // All rows follow the columns without it, but those that nothing has restated hold it still
    RecordedColumns changed = taken(with, without, columns(null, "a", "1", "b", "3"));
    assertEquals(List.of(VALUE, NOTHING), Demand.since(changed, 2));
  }

  @Test
  void theSettingsOfASetAreAPartOfItsExpressions() {
    assertEquals(List.of(VALUE), Demand.since(taken(columns(SET), columns(SET)), 1));
    assertEquals(List.of(NOTHING), Demand.since(taken(columns(SET), columns(set(60))), 1));
    assertEquals(
        List.of(NOTHING), Demand.since(taken(columns(null, "views", "1"), columns(SET)), 1));
  }
}
