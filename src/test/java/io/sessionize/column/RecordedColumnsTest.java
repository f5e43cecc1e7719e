package io.sessionize.column;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.Failure;
import io.sessionize.column.SessionColumns.WebSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RecordedColumnsTest {
  private static final WebSettings WEB =
      new WebSettings(1, new TreeSet<>(), new TreeSet<>(Set.of("purchase")), new TreeSet<>(), 300);
  private static final SessionColumn CHANNEL = new SessionColumn("channel", "string", "'x'");

  /** Columns whose SQL is their type. */
  private static SessionColumns typed(GivenColumns given) {
    return new SessionColumns(
        given.columns().entrySet().stream()
            .map(column -> new SessionColumn(column.getKey(), column.getValue(), column.getValue()))
            .toList(),
        given.web() == null ? null : new WebSet(given.web(), List.of("p"), List.of(CHANNEL)));
  }

  private static GivenColumns given(WebSettings web, String... namesAndTypes) {
    TreeMap<String, String> columns = new TreeMap<>();
    for (int i = 0; i < namesAndTypes.length; i += 2) {
      columns.put(namesAndTypes[i], namesAndTypes[i + 1]);
    }
    return new GivenColumns(true, columns, web);
  }

  private static RecordedColumns run(RecordedColumns recorded, GivenColumns given) {
    return given.takenInto(recorded, false, RecordedColumnsTest::typed);
  }

  private static RecordedColumns recompute(RecordedColumns recorded, GivenColumns given) {
    return given.takenInto(recorded, true, RecordedColumnsTest::typed);
  }

  private static String names(List<SessionColumn> columns) {
    return String.join(
        " ", columns.stream().map(column -> column.name() + ":" + column.type()).toList());
  }

  @Test
  void aRunTakesInAddedAndRemovedColumns() {
    RecordedColumns one = run(RecordedColumns.NONE, given(WEB, "b", "int", "a", "string"));
    assertEquals(1, one.number());
    assertEquals("a:string b:int channel:string", names(one.used()));
    assertSame(one, run(one, given(WEB, "b", "int", "a", "string")));
    assertSame(one, run(one, GivenColumns.NONE));
    RecordedColumns two = run(one, given(null, "b", "int", "aa", "date"));
    assertEquals(2, two.number());
    assertEquals("b:int aa:date", names(two.used()));
    assertEquals("a:string b:int channel:string aa:date", names(two.all()));
    assertEquals(3, run(two, given(null)).number());
    assertEquals("", names(run(two, given(null)).used()));
    assertSame(RecordedColumns.NONE, run(RecordedColumns.NONE, given(null)));
  }

  @Test
  void otherExpressionsAndSettingsAreTakenInByARecompute() {
    RecordedColumns one = run(RecordedColumns.NONE, given(WEB, "a", "int"));
    WebSettings others = new WebSettings(1, WEB.views(), WEB.views(), WEB.ownHosts(), 60);
    for (GivenColumns changed : List.of(given(WEB, "a", "bigint"), given(others, "a", "int"))) {
      Failure refused = assertThrows(Failure.class, () -> run(one, changed));
      assertEquals(Failure.Kind.USAGE, refused.kind());
      assertTrue(refused.getMessage().contains("recompute --columns-only"));
      assertEquals(2, recompute(one, changed).number());
      assertTrue(changed.areUsed(recompute(one, changed)));
      assertFalse(changed.areUsed(one));
    }
    assertEquals(
        "a:bigint channel:string", names(recompute(one, given(WEB, "a", "bigint")).used()));
    // A removed column may come back as it was, but not by the older file
    RecordedColumns removed = run(one, given(WEB));
    assertThrows(Failure.class, () -> run(removed, given(WEB, "a", "bigint")));
    assertEquals(3, run(removed, given(WEB, "a", "int", "b", "int")).number());
    Failure older = assertThrows(Failure.class, () -> run(removed, given(WEB, "a", "int")));
    assertTrue(older.getMessage().contains("they have taken in columns 2 since"));
    assertEquals(3, recompute(removed, given(WEB, "a", "int")).number());
  }

  @Test
  void aSetStaysAsTheTablesHaveItUntilARecompute() {
    WebSettings newer =
        new WebSettings(2, WEB.views(), WEB.keyEvents(), WEB.ownHosts(), WEB.activeCapSeconds());
    RecordedColumns one = run(RecordedColumns.NONE, given(WEB, "a", "int"));
    assertSame(one, run(one, given(newer, "a", "int")));
    assertEquals(1, run(one, given(newer, "b", "int")).inUse().web().settings().version());
    assertEquals(2, recompute(one, given(newer, "a", "int")).inUse().web().settings().version());
  }

  @Test
  void namesAndTypesMustFitTheColumns() {
    RecordedColumns one = run(RecordedColumns.NONE, given(null, "a", "bigint"));
    assertThrows(Failure.class, () -> recompute(one, given(null, "A", "bigint")));
    assertThrows(Failure.class, () -> recompute(one, given(null, "a", "int")));
    assertThrows(Failure.class, () -> recompute(one, given(WEB, "Channel", "string")));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "int | int | true",
        "int | bigint | true",
        "bigint | int | false",
        "float | double | true",
        "int | double | false",
        "decimal(10,2) | decimal(12,2) | true",
        "decimal(10,2) | decimal(12,3) | false",
        "decimal(10,2) | decimal(8,2) | false",
        "array<int> | array<bigint> | false",
      })
  void aTypeWidensAsIcebergAllows(String from, String to, boolean widens) {
    assertEquals(widens, ColumnType.widens(from, to));
  }

  @Test
  void columnsAreNamedByNumberAndHash() {
    RecordedColumns two =
        run(run(RecordedColumns.NONE, given(WEB, "a", "int")), given(WEB, "b", "int"));
    assertEquals(Optional.of("2:" + two.inUse().hash()), two.name());
    assertEquals(Optional.empty(), RecordedColumns.NONE.name());
    assertEquals("a:int channel:string", names(two.using(nameOf(two, 1)).orElseThrow().used()));
    assertEquals(0, two.using(Optional.empty()).orElseThrow().number());
    assertEquals(Optional.empty(), two.using(Optional.of("1:other")));
  }

  private static Optional<String> nameOf(RecordedColumns columns, int number) {
    return new RecordedColumns(columns.taken(), number).name();
  }

  @Test
  void theTextHasAll() {
    SessionColumns columns = typed(given(WEB, "a", "int"));
    assertEquals(columns, SessionColumns.parse(columns.text()));
    assertEquals(
        "{\"own\":[{\"name\":\"a\",\"sql\":\"int\",\"type\":\"int\"}],\"version\":1,"
            + "\"web\":{\"columns\":[{\"name\":\"channel\",\"sql\":\"'x'\",\"type\":\"string\"}],"
            + "\"properties\":[\"p\"],\"settings\":{\"activeCapSeconds\":300,\"keyEvents\":[\"purchase\"],"
            + "\"ownHosts\":[],\"version\":1,\"views\":[]}}}",
        columns.text());
    assertEquals(SessionColumns.NONE, SessionColumns.parse(SessionColumns.NONE.text()));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"version\":2,\"own\":[]} | USAGE",
        "{\"version\":1,\"own\":[],\"more\":1} | USAGE",
        "{\"version\":1,\"own\":[{\"name\":\"a\"}]} | BROKEN",
        "null | BROKEN",
        "x | USAGE",
      })
  void anotherTextIsRefused(String text, Failure.Kind kind) {
    assertEquals(kind, assertThrows(Failure.class, () -> SessionColumns.parse(text)).kind());
  }
}
