package io.sessionize.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.audit.NearUsers.Group;
import io.sessionize.spark.internal.SearchedUsers;
import io.sessionize.table.StartDays;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.iceberg.expressions.Expressions;
import org.junit.jupiter.api.Test;

class NearUsersTest {
  private final NearUsers users = users();

  @Test
  void fewUsersAreNamedOnTheDaysThatTheirRowsReach() {
    add("ann", ms("2026-03-01T12:00:00Z"));
    add("bob", ms("2026-03-05T04:59:59Z"));
    add("cid", ms("2026-03-08T17:00:00Z"));
    assertDays(many());
    assertDays(few(), "2026-03-01", "2026-03-04", "2026-03-05", "2026-03-08", "2026-03-09");
    assertNames(few(), "ann", "bob", "cid");
  }

  @Test
  void noUserIsOnNoDay() {
    assertTrue(many().days().isEmpty());
    assertTrue(few().days().isEmpty());
  }

  @Test
  void manyUsersOfADayAreInTheFilter() {
    addUsers(users, "2026-03-10", 0, 201);
    add("late", ms("2026-03-01T12:00:00Z"));
    assertDays(many(), "2026-03-10");
    assertEquals(Expressions.alwaysTrue(), many().users().rows());
    assertDays(few(), "2026-03-01");
    assertNames(few(), "late");
  }

  @Test
  void namesOfAllDaysTogetherAreFew() {
    addUsers(users, "2026-03-01", 0, 100);
    addUsers(users, "2026-03-02", 100, 199);
    addUsers(users, "2026-03-03", 200, 302);
    addUsers(users, "2026-03-04", 1, 201);
    addUsers(users, "2026-03-05", 90, 91);
    assertDays(few(), "2026-03-01", "2026-03-02", "2026-03-05");
    assertDays(many(), "2026-03-03", "2026-03-04");
  }

  @Test
  void namesAreBounded() {
    // The same 200 users: the names of 25 days are 5,000.
    for (int day = 1; day <= 31; day++) {
      addUsers(users, String.format("2026-03-%02d", day), 0, 200);
    }
    assertDays(many(), days("2026-03-", 26, 31));
    assertDays(few(), days("2026-03-", 1, 25));
  }

  @Test
  void longNamesAreNotHeld() {
    add("x".repeat(200), ms("2026-03-01T12:00:00Z"));
    add("y".repeat(201), ms("2026-03-02T12:00:00Z"));
    assertDays(many(), "2026-03-02");
    assertDays(few(), "2026-03-01");
  }

  @Test
  void usersOfSeveralTasksAreMerged() {
    NearUsers others = users();
    addUsers(users, "2026-03-01", 0, 101);
    addUsers(others, "2026-03-01", 100, 201);
    addUsers(users, "2026-03-02", 0, 300);
    addUsers(others, "2026-03-02", 0, 1);
    addUsers(users, "2026-03-03", 0, 1);
    addUsers(others, "2026-03-03", 0, 300);
    addUsers(others, "2026-03-04", 7, 8);
    users.add(others);
    assertDays(many(), "2026-03-01", "2026-03-02", "2026-03-03");
    assertDays(few(), "2026-03-04");
    assertNames(few(), "user-007");
  }

  @Test
  void anyTimeIsADay() {
    add("ann", Long.MIN_VALUE);
    add("bob", Long.MAX_VALUE);
    assertNames(few(), "ann", "bob");
    assertFalse(few().days().isEmpty());
  }

  @Test
  void rowWithoutATimeHasNeighboursOnAnyDay() {
    add("ann", ms("2026-03-01T12:00:00Z"));
    add("bob", null);
    assertEquals(Expressions.alwaysTrue(), many().days().filter());
    assertEquals(Expressions.alwaysTrue(), many().users().rows());
  }

  @Test
  void bytesThatAreNoTextAreNoName() {
    users.add(new byte[] {'a', (byte) 0xff}, ms("2026-03-01T12:00:00Z"));
    NearUsers merged = users();
    merged.add(users);
    assertEquals(Expressions.alwaysTrue(), merged.groups().get(0).days().filter());
  }

  /** Neighbours start up to five hours before a row, and up to seven hours after. */
  private static NearUsers users() {
    return new NearUsers(TimeUnit.HOURS.toMillis(5), TimeUnit.HOURS.toMillis(7), 100);
  }

  private static void addUsers(NearUsers users, String day, int from, int to) {
    IntStream.range(from, to)
        .forEach(
            number -> users.add(bytes(String.format("user-%03d", number)), ms(day + "T12:00:00Z")));
  }

  private void add(String user, Long startMs) {
    users.add(bytes(user), startMs);
  }

  private static byte[] bytes(String user) {
    return user.getBytes(StandardCharsets.UTF_8);
  }

  private Group many() {
    return users.groups().get(0);
  }

  private Group few() {
    return users.groups().get(1);
  }

  private static String[] days(String month, int first, int last) {
    return IntStream.rangeClosed(first, last)
        .mapToObj(day -> month + String.format("%02d", day))
        .toArray(String[]::new);
  }

  private static void assertDays(Group group, String... days) {
    StartDays expected = new StartDays();
    for (String day : days) {
      expected.add(ms(day + "T00:00:00Z"), ms(day + "T23:59:59Z"));
    }
    assertEquals(expected.filter().toString(), group.days().filter().toString());
  }

  private static void assertNames(Group group, String... names) {
    Set<String> sorted = new TreeSet<>(List.of(names));
    assertEquals(SearchedUsers.few(sorted).rows().toString(), group.users().rows().toString());
  }

  private static long ms(String time) {
    return Instant.parse(time).toEpochMilli();
  }
}
