package io.sessionize.column.web;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Device and operating system, by words in the header {@code User-Agent}, or in what a tracker
 * says. The first rule that fits counts; case does not.
 */
enum UserAgents {
  /** The device, from the header. */
  DEVICE(
      false,
      rule("bot", "bot/", "bot-", "bot;", "bot)", "spider", "crawler", "slurp", "externalhit"),
      rule("bot", "headless"),
      rule("tv", "smart-tv", "smarttv", "hbbtv", "appletv", "googletv", "android tv", "roku"),
      rule("tv", "crkey"),
      rule("tablet", "ipad", "tablet", "kindle"),
      rule("mobile", "mobi", "iphone", "ipod"),
      // Android's browsers say Mobile on a phone only.
      rule("tablet", "android"),
      rule("desktop", "windows", "macintosh", "x11", "linux")),
  /** The operating system, from the header. */
  OS(
      false,
      rule("android", "android"),
      rule("ios", "iphone", "ipad", "ipod"),
      rule("chromeos", "x11; cros"),
      rule("windows", "windows"),
      rule("macos", "macintosh", "mac os x"),
      rule("linux", "linux", "x11")),
  /** The device, from the kind that a tracker says. */
  SAID_DEVICE(
      true,
      rule("bot", "bot"),
      rule("mobile", "mobile", "phone"),
      rule("tablet", "tablet"),
      rule("desktop", "desktop", "computer"),
      rule("tv", "tv", "television")),
  /** The operating system, from what a tracker says. */
  SAID_OS(
      true,
      rule("kaios", "kaios"),
      rule("android", "android"),
      rule("ios", "ios", "iphone", "ipad"),
      // "Microsoft" has "cros" in it, and "KaiOS" has "ios".
      rule("windows", "windows"),
      rule("chromeos", "chrome os", "chromeos", "chromium os", "cros"),
      rule("macos", "mac"),
      rule("linux", "linux", "ubuntu"));

  /** What a tracker says, in lower case, if it does not know. */
  private static final Set<String> UNKNOWN = Set.of("unknown", "??", "(not set)");

  static final String UNKNOWN_SQL =
      UNKNOWN.stream().sorted().collect(Collectors.joining("', '", "('", "')"));

  /** A result, and the words of which a text has one. */
  private record Rule(String result, List<String> words) {}

  private final boolean elseAsSent;
  private final List<Rule> rules;

  /**
   * @param elseAsSent whether a text that fits no rule is the result, in lower case
   */
  UserAgents(boolean elseAsSent, Rule... rules) {
    this.elseAsSent = elseAsSent;
    this.rules = List.of(rules);
  }

  private static Rule rule(String result, String... words) {
    return new Rule(result, List.of(words));
  }

  /** Whether a tracker says that it does not know. */
  static boolean isUnknown(String said) {
    return UNKNOWN.contains(said.toLowerCase(Locale.ROOT));
  }

  /** Returns the result for a text; null if no rule fits. */
  String of(String text) {
    String lower = text.toLowerCase(Locale.ROOT);
    for (Rule rule : rules) {
      for (String word : rule.words()) {
        if (lower.contains(word)) {
          return rule.result();
        }
      }
    }
    return elseAsSent ? lower : null;
  }

  /** Returns {@link #of} in SQL. */
  String sql(String text) {
    String cases =
        rules.stream()
            .map(
                rule ->
                    rule.words().stream()
                            .map(word -> "contains(a, '" + word + "')")
                            .collect(Collectors.joining(" OR ", "WHEN ", " THEN '"))
                        + rule.result()
                        + "'")
            .collect(
                Collectors.joining("\n    ", "CASE\n    ", elseAsSent ? " ELSE a END" : " END"));
    return "try_element_at(transform(array(lower(" + text + ")),\n    a -> " + cases + "), 1)";
  }
}
