package io.sessionize.cli;

import io.sessionize.Failure;
import io.sessionize.audit.AllChanges;
import io.sessionize.summary.TableNames;
import io.sessionize.table.Sql;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * A statement of the user, who may give a file of the folder {@code sql} as it is.
 *
 * @param text without a byte order mark, and without the semicolon at its end
 */
record Statement(String text) {
  private static final String BYTE_ORDER_MARK = "\uFEFF";
  private static final Pattern VARIABLE = Pattern.compile("\\$\\{([A-Za-z_][A-Za-z0-9_.]*)}");

  /** The view of {@link AllChanges}. */
  private static final String CHANGES = "changes";

  /** The first day of the statements in {@code sql/analytics}. */
  private static final String FIRST_DAY = "from";

  private static final String ALL_DAYS = "1970-01-01";
  private static final Set<String> FILLED =
      Set.of(
          "sessions",
          "open",
          "rejected",
          "live",
          "visits",
          "identities",
          "persons",
          CHANGES,
          FIRST_DAY);

  /**
   * Returns the only statement of a text.
   *
   * @throws Failure of usage, if the text has no statement, or more than one
   */
  static Statement of(String given) {
    String text = given.startsWith(BYTE_ORDER_MARK) ? given.substring(1) : given;
    boolean begun = false;
    int end = -1;
    for (int at = 0; at < text.length(); at = endOfToken(text, at)) {
      if (isComment(text, at) || Character.isWhitespace(text.charAt(at))) {
        continue;
      }
      boolean isEnd = text.charAt(at) == ';';
      if (!isEnd && end >= 0) {
        throw Failure.usage("There is more than one statement: give one at a time.");
      }
      begun |= !isEnd;
      end = isEnd && begun && end < 0 ? at : end;
    }
    if (!begun) {
      throw Failure.usage("There is no statement: the text is empty, or has only comments.");
    }
    return new Statement(end < 0 ? text : text.substring(0, end));
  }

  /** Returns whether it reads the view of {@link AllChanges}, which must be created before. */
  boolean readsChanges() {
    return variables().contains(CHANGES);
  }

  /**
   * Returns the text with the names of the tables and the first day.
   *
   * @param isSet returns whether a Spark setting has this name: Spark fills in its value
   * @throws Failure of usage, if a variable has no value
   */
  String filled(TableNames names, Predicate<String> isSet) {
    List<String> missing =
        variables().stream().filter(name -> !FILLED.contains(name) && !isSet.test(name)).toList();
    if (!missing.isEmpty()) {
      throw Failure.usage(
          "The statement needs a value of %s: give --spark-conf %s=VALUE. The tables are"
              + " ${sessions}, ${open}, ${rejected}, ${live} and ${changes}.",
          String.join(", ", missing), missing.get(0));
    }
    Sql sql = Sql.of(text).with(names).with(CHANGES, AllChanges.VIEW);
    return isSet.test(FIRST_DAY) ? sql.text() : sql.with(FIRST_DAY, ALL_DAYS).text();
  }

  /** Returns the names of the variables outside of comments, each once. */
  private Set<String> variables() {
    Set<String> names = new LinkedHashSet<>();
    int end;
    for (int at = 0; at < text.length(); at = end) {
      end = endOfToken(text, at);
      if (text.charAt(at) == '$') {
        end = Math.max(end, text.indexOf('}', at) + 1);
      }
      if (!isComment(text, at)) {
        VARIABLE.matcher(text.substring(at, end)).results().forEach(v -> names.add(v.group(1)));
      }
    }
    return names;
  }

  private static boolean isComment(String text, int at) {
    return text.startsWith("--", at) || text.startsWith("/*", at);
  }

  /** Returns the end of a comment, of a quoted text or name, or else of one character. */
  private static int endOfToken(String text, int at) {
    if (isComment(text, at)) {
      String closing = text.charAt(at) == '-' ? "\n" : "*/";
      int close = text.indexOf(closing, at + 2);
      return close < 0 ? text.length() : close + closing.length();
    }
    char quote = text.charAt(at);
    if (quote != '\'' && quote != '"' && quote != '`') {
      return at + 1;
    }
    boolean hasEscapes = quote != '`' && !isRaw(text, at);
    for (int i = at + 1; i < text.length(); i++) {
      if (text.charAt(i) == quote) {
        return i + 1;
      }
      i += hasEscapes && text.charAt(i) == '\\' ? 1 : 0;
    }
    return text.length();
  }

  /** Returns whether the quote follows an r that is no part of a name: r'\' is a backslash. */
  private static boolean isRaw(String text, int quote) {
    return quote > 0
        && Character.toLowerCase(text.charAt(quote - 1)) == 'r'
        && (quote == 1 || !Character.isJavaIdentifierPart(text.charAt(quote - 2)));
  }
}
