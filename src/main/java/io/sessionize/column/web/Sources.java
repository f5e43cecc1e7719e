package io.sessionize.column.web;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** The sites and click ids that the set knows: {@code columns/web-1-sources.txt}. */
final class Sources {
  /** Kinds of sites, in the order in which they are looked up. */
  enum Kind {
    /** Logins and payments: a visitor who comes back from them is no touch. */
    NONE(Touch.REFERRAL),
    /** Sites below the domain of a search engine that are no search. */
    OTHER(Touch.REFERRAL),
    AI("ai-assistant"),
    MAIL("email"),
    SHOPPING(Touch.REFERRAL),
    VIDEO(Touch.REFERRAL),
    SOCIAL(Touch.REFERRAL),
    SEARCH("organic");

    private final String medium;

    Kind(String medium) {
      this.medium = medium;
    }

    /** The medium of a visit that a link of such a site leads to. */
    String medium() {
      return medium;
    }

    String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * A site.
   *
   * @param entries its domains and names
   */
  record Site(Kind kind, String name, List<String> entries) {}

  /** What a click id in the URL of a page stands for. */
  record Click(String parameter, String source, String medium) {}

  /** The end of a host that an entry with {@code .*} leaves open. */
  private static final String COUNTRY = "[.](?:(?:com?|net|org)[.])?[a-z]{2,3}(?!(?s:.))";

  private static final Set<String> SECOND_LEVEL = Set.of("co", "com", "net", "org");
  private static final String CLICK = "click";

  private final List<Site> sites = new ArrayList<>();
  private final List<Click> clicks = new ArrayList<>();
  private final Map<String, Site> names = new HashMap<>();
  private final Map<String, Site> domains = new HashMap<>();
  private final Map<String, Site> countries = new HashMap<>();

  private int mostLabels;

  private Sources() {}

  /** Reads the file of version 1. */
  static Sources read() {
    Sources sources = new Sources();
    String section = null;
    for (String line : text("/columns/web-1-sources.txt").lines().toList()) {
      if (line.startsWith("[")) {
        section = line.substring(1, line.length() - 1);
      } else if (!line.isBlank() && !line.startsWith("#")) {
        int colon = line.indexOf(':');
        sources.add(
            section, line.substring(0, colon), line.substring(colon + 1).strip().split(" +"));
      }
    }
    return sources;
  }

  private void add(String section, String name, String[] words) {
    if (section.equals(CLICK)) {
      clicks.add(new Click(name, words[0], words[1]));
      return;
    }
    List<String> entries = List.of(words);
    Site site = new Site(Kind.valueOf(section.toUpperCase(Locale.ROOT)), name, entries);
    sites.add(site);
    for (String entry : entries) {
      if (entry.endsWith(".*")) {
        countries.putIfAbsent(entry.substring(0, entry.length() - 2), site);
      } else {
        (entry.contains(".") ? domains : names).putIfAbsent(entry, site);
        mostLabels = Math.max(mostLabels, entry.split("[.]").length);
      }
    }
  }

  List<Site> sites() {
    return sites;
  }

  List<Click> clicks() {
    return clicks;
  }

  /**
   * Returns the site that has a source.
   *
   * @param source a host, or the source of a campaign, in lower case
   * @return null if no site has it
   */
  Site site(String source) {
    Site site = names.get(source);
    int start = lastLabels(source);
    while (site == null && start >= 0) {
      site = domains.get(source.substring(start));
      int dot = source.indexOf('.', start);
      start = dot < 0 ? -1 : dot + 1;
    }
    return site == null ? countries.get(beforeCountry(source)) : site;
  }

  /** Returns where the last labels of a host start: as many as a known domain has at most. */
  private int lastLabels(String host) {
    int dot = host.length();
    for (int i = 0; i < mostLabels && dot >= 0; i++) {
      dot = host.lastIndexOf('.', dot - 1);
    }
    return dot + 1;
  }

  /** Returns the label before the country: of {@code www.google.co.uk} {@code google}. */
  private static String beforeCountry(String host) {
    int end = host.lastIndexOf('.');
    int letters = host.length() - end - 1;
    if (end < 0 || letters < 2 || letters > 3) {
      return null;
    }
    for (int i = end + 1; i < host.length(); i++) {
      if (host.charAt(i) < 'a' || host.charAt(i) > 'z') {
        return null;
      }
    }
    int start = host.lastIndexOf('.', end - 1);
    String label = host.substring(start + 1, end);
    if (start >= 0 && SECOND_LEVEL.contains(label)) {
      label = host.substring(host.lastIndexOf('.', start - 1) + 1, start);
    }
    return label;
  }

  /**
   * Returns the sites in SQL: an array of texts {@code entry kind name}. A domain begins with a
   * dot.
   */
  String sitesSql() {
    return sites.stream()
        .flatMap(
            site ->
                site.entries().stream()
                    .map(
                        entry ->
                            String.format(
                                "'%s%s %s %s'",
                                entry.contains(".") ? "." : "",
                                entry,
                                site.kind().text(),
                                site.name())))
        .collect(Collectors.joining(", ", "array(", ")"));
  }

  /** Returns a host in SQL, with a dot before it and {@code *} for the country at its end. */
  static String openSql(String host) {
    return "regexp_replace(concat('.', " + host + "), '" + COUNTRY + "', '.*')";
  }

  /**
   * Returns {@link #site} in SQL, as a text of {@link #sitesSql}.
   *
   * @param sites array of the sites
   * @param source in lower case
   * @param open {@link #openSql} of the source
   */
  static String siteSql(String sites, String source, String open) {
    return String.format(
        "try_element_at(filter(%s, s -> if(startswith(s, '.'),\n"
            + "      endswith(concat('.', %s), substring_index(s, ' ', 1))"
            + " OR endswith(%s, substring_index(s, ' ', 1)),\n"
            + "      substring_index(s, ' ', 1) = %s)), 1)",
        sites, source, open, source);
  }

  /** Returns the kind of a site in SQL. */
  static String kindSql(String site) {
    return "split_part(" + site + ", ' ', 2)";
  }

  /** Returns the name of a site in SQL. */
  static String nameSql(String site) {
    return "split_part(" + site + ", ' ', 3)";
  }

  /** Returns what the first known click id of a URL stands for, in SQL; null if it has none. */
  String clickSql(String url) {
    return clicks.stream()
        .map(
            click ->
                String.format(
                    "WHEN %s RLIKE '^[^?#]*[?](?:[^#]*&)?%s=[^&#]'\n"
                        + "        THEN named_struct('source', '%s', 'medium', '%s')",
                    url, click.parameter(), click.source(), click.medium()))
        .collect(Collectors.joining("\n      ", "CASE\n      ", " END"));
  }

  private static String text(String resource) {
    try (InputStream in = Sources.class.getResourceAsStream(resource)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
