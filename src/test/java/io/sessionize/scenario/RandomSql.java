package io.sessionize.scenario;

import java.util.List;
import java.util.Random;

/**
 * Random expressions in Spark SQL on the columns of a session, from the functions that session
 * columns allow. None of them fails on any session.
 */
final class RandomSql {
  private static final int DEPTH = 4;

  private final Random random;
  private int variables;

  RandomSql(Random random) {
    this.random = random;
  }

  /** An expression of any type. */
  String any() {
    variables = 0;
    return switch (random.nextInt(7)) {
      case 0 -> number(null, DEPTH);
      case 1 -> text(null, DEPTH);
      case 2 -> condition(null, DEPTH);
      case 3 -> fraction(DEPTH);
      case 4 -> texts(DEPTH);
      case 5 ->
          String.format(
              "named_struct('a', %s, 'b', %s)", text(null, DEPTH - 1), number(null, DEPTH - 1));
      default ->
          String.format(
              "CAST(%s AS %s)",
              number(null, DEPTH - 1), one("int", "string", "double", "decimal(30,3)"));
    };
  }

  /**
   * A bigint.
   *
   * @param event the variable of an event; null outside of a lambda
   */
  private String number(String event, int depth) {
    if (depth <= 0) {
      return event == null
          ? one(
              "event_count",
              "session_duration_seconds",
              "session_start_time_ms",
              "session_end_time_ms",
              "7L")
          : one(
              event + ".event_time_ms",
              "CAST(length(" + event + ".event_id) AS bigint)",
              "CAST(" + event + ".definition AS bigint)",
              "2L");
    }
    return switch (random.nextInt(event == null ? 9 : 6)) {
      case 0 -> two("(%s + %s)", number(event, depth - 1), number(event, depth - 1));
      case 1 -> two("(%s - %s)", number(event, depth - 1), number(event, depth - 1));
      case 2 -> two("(%s %% %s)", number(event, depth - 1), number(event, depth - 1));
      case 3 ->
          two("coalesce(try_cast(%s AS bigint), %s)", text(event, depth - 1), number(event, 0));
      case 4 -> "CAST(length(" + text(event, depth - 1) + ") AS bigint)";
      case 5 ->
          String.format(
              "IF(%s, %s, %s)",
              condition(event, depth - 1), number(event, depth - 1), number(event, 0));
      case 6 -> "CAST(size(" + texts(depth - 1) + ") AS bigint)";
      case 7 -> "CAST(size(" + events(depth - 1) + ") AS bigint)";
      default -> {
        String each = variable();
        yield String.format(
            "aggregate(%s, 0L, (sum, %s) -> sum + coalesce(%s, 1L))",
            events(depth - 1), each, number(each, depth - 2));
      }
    };
  }

  private String fraction(int depth) {
    if (random.nextBoolean()) {
      return two("(%s / %s)", number(null, depth - 1), number(null, depth - 1));
    }
    String each = variable();
    return String.format(
        "aggregate(%s, 0D, (sum, %s) -> sum + coalesce(try_cast(%s AS double), 0.1D))",
        events(depth - 1), each, text(each, depth - 2));
  }

  private String text(String event, int depth) {
    if (depth <= 0) {
      return event == null
          ? one(
              "uuid",
              "session_id",
              "close_reason",
              "boundary_rule",
              "pages_visited[0]",
              "events[1].page_name",
              "'x'",
              "date_format(session_start, 'HH:mm')")
          : one(
              event + ".page_name",
              event + ".event_name",
              event + ".event_type",
              event + ".event_value",
              event + ".booking_details",
              event + ".event_id",
              "'home'");
    }
    return switch (random.nextInt(event == null ? 7 : 5)) {
      case 0 -> "upper(" + text(event, depth - 1) + ")";
      case 1 -> two("concat(%s, %s)", text(event, depth - 1), text(event, depth - 1));
      case 2 -> two("coalesce(%s, %s)", text(event, depth - 1), text(event, depth - 1));
      case 3 -> String.format("substring(%s, 1, %d)", text(event, depth - 1), random.nextInt(5));
      case 4 ->
          String.format(
              "IF(%s, %s, %s)",
              condition(event, depth - 1), text(event, depth - 1), one("NULL", text(event, 0)));
      case 5 -> "concat_ws(',', " + texts(depth - 1) + ")";
      default ->
          String.format(
              "%s[%d].%s",
              events(depth - 1), random.nextInt(3), one("page_name", "event_name", "event_id"));
    };
  }

  private String condition(String event, int depth) {
    if (depth <= 0) {
      return two("(%s <=> %s)", text(event, 0), text(event, 0));
    }
    return switch (random.nextInt(event == null ? 6 : 5)) {
      case 0 -> two("(%s < %s)", number(event, depth - 1), number(event, depth - 1));
      case 1 -> two("(%s = %s)", text(event, depth - 1), text(event, depth - 1));
      case 2 -> text(event, depth - 1) + " IS NULL";
      case 3 ->
          two(
              one("(%s AND %s)", "(%s OR %s)"),
              condition(event, depth - 1),
              condition(event, depth - 1));
      case 4 -> "NOT (" + condition(event, depth - 1) + ")";
      default -> {
        String each = variable();
        yield String.format(
            "%s(%s, %s -> coalesce(%s, false))",
            one("exists", "forall"), events(depth - 1), each, condition(each, depth - 2));
      }
    };
  }

  private String texts(int depth) {
    if (depth <= 0) {
      return one("pages_visited", "events.page_name", "array('a', NULL)");
    }
    return switch (random.nextInt(4)) {
      case 0 -> "array_distinct(" + texts(depth - 1) + ")";
      case 1 -> "sort_array(" + texts(depth - 1) + ")";
      case 2 -> two("array_union(%s, %s)", texts(depth - 1), texts(depth - 1));
      default -> {
        String each = variable();
        yield String.format(
            "transform(%s, %s -> %s)", events(depth - 1), each, text(each, depth - 2));
      }
    };
  }

  private String events(int depth) {
    if (depth <= 0) {
      return "events";
    }
    String each = variable();
    return switch (random.nextInt(3)) {
      case 0 -> "events";
      case 1 -> "slice(" + events(depth - 1) + ", 1, " + (1 + random.nextInt(3)) + ")";
      default ->
          String.format(
              "filter(%s, %s -> %s)", events(depth - 1), each, condition(each, depth - 2));
    };
  }

  private String variable() {
    return "e" + variables++;
  }

  private String one(String... some) {
    return List.of(some).get(random.nextInt(some.length));
  }

  private static String two(String format, String one, String other) {
    return String.format(format, one, other);
  }
}
