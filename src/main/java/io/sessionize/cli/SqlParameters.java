package io.sessionize.cli;

import io.sessionize.Failure;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The values of a statement's named parameters. Spark binds them to the parsed statement, so no
 * value becomes part of its text.
 */
final class SqlParameters {
  /** The parameter of {@code sql/analytics/funnel.sql}, which has a default. */
  private static final String FUNNEL = "funnel";

  private final Map<String, Object> values = new TreeMap<>();
  private final String[] defaultFunnel;

  private SqlParameters(List<String> defaultFunnel) {
    this.defaultFunnel = defaultFunnel.toArray(String[]::new);
  }

  /**
   * Reads {@link Opt#PARAM}. A value is a text. With a comma, it is an array of the texts between
   * the commas, without blanks around them; {@code home,} is an array of one. A comma of a text
   * itself is {@code \\,}.
   */
  static SqlParameters read(Arguments arguments) {
    SqlParameters parameters = new SqlParameters(arguments.list(Opt.FUNNEL));
    arguments
        .pairs(Opt.PARAM)
        .forEach((name, value) -> parameters.values.put(name, value(name, value)));
    return parameters;
  }

  private static Object value(String name, String given) {
    List<String> texts = new ArrayList<>();
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < given.length(); i++) {
      boolean isEscaped = given.startsWith("\\,", i);
      if (given.charAt(i) == ',') {
        texts.add(text.toString().strip());
        text.setLength(0);
      } else {
        i += isEscaped ? 1 : 0;
        text.append(given.charAt(i));
      }
    }
    if (texts.isEmpty() && !name.equals(FUNNEL)) {
      return text.toString();
    }
    if (!text.isEmpty()) {
      texts.add(text.toString().strip());
    }
    return texts.toArray(String[]::new);
  }

  /**
   * Returns the values of these parameters.
   *
   * @throws Failure of usage, if one has no value, or a value has no parameter
   */
  Map<String, Object> of(Set<String> names) {
    Map<String, Object> all = new TreeMap<>(values);
    if (names.contains(FUNNEL)) {
      all.putIfAbsent(FUNNEL, defaultFunnel);
    }
    Set<String> missing = new TreeSet<>(names);
    missing.removeAll(all.keySet());
    if (!missing.isEmpty()) {
      throw Failure.usage(
          "The statement has the parameter :%s: give --param %s=VALUE.",
          String.join(", :", missing), missing.iterator().next());
    }
    Set<String> unknown = new TreeSet<>(all.keySet());
    unknown.removeAll(names);
    if (!unknown.isEmpty()) {
      throw Failure.usage(
          "--param %s: the statement has no parameter :%s.",
          String.join(", ", unknown), unknown.iterator().next());
    }
    return all;
  }
}
