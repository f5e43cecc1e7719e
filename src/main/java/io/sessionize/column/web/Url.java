package io.sessionize.column.web;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * The parts of a URL, split as the regular expression of RFC 3986, appendix B, does. So each text
 * has parts, however broken it is. Parts stay as sent; parameters are decoded.
 */
final class Url {
  private static final String WWW = "www.";

  private Url() {}

  /**
   * Returns the host, in lower case, without {@code www.} before it, and without the last dot and
   * the port after it.
   *
   * @return null if there is none
   */
  static String host(String url) {
    int start = afterScheme(url);
    if (!url.startsWith("//", start)) {
      return null;
    }
    start += 2;
    int end = end(url, start);
    int user = url.lastIndexOf('@', end - 1);
    start = user >= start ? user + 1 : start;
    int bracket = start < end && url.charAt(start) == '[' ? url.indexOf(']', start) : -1;
    if (bracket >= 0 && bracket < end) {
      end = bracket + 1;
    } else {
      int port = url.indexOf(':', start);
      end = port >= 0 && port < end ? port : end;
    }
    String host = url.substring(start, end).toLowerCase(Locale.ROOT);
    host = host.startsWith(WWW) ? host.substring(WWW.length()) : host;
    host = host.endsWith(".") ? host.substring(0, host.length() - 1) : host;
    return host.isEmpty() ? null : host;
  }

  /** Returns {@link #host} in SQL. */
  static String hostSql(String url) {
    return String.format(
        "nullif(regexp_replace(lower(regexp_extract(%s,\n"
            + "      '^(?:[^:/?#]+:)?//(?:[^/?#]*@)?(\\\\[[^/?#\\\\]]*\\\\]|[^/?#:]*)', 1)),"
            + " '^www[.]|[.](?!(?s:.))', ''), '')",
        url);
  }

  /** Returns the path; {@code /} if it is empty. */
  static String path(String url) {
    int start = afterScheme(url);
    if (url.startsWith("//", start)) {
      start = end(url, start + 2);
    }
    int end = start;
    while (end < url.length() && url.charAt(end) != '?' && url.charAt(end) != '#') {
      end++;
    }
    return start == end ? "/" : url.substring(start, end);
  }

  /** Returns {@link #path} in SQL. */
  static String pathSql(String url) {
    return "regexp_replace(regexp_extract("
        + url
        + ", '^(?:[^:/?#]+:)?(?://[^/?#]*)?([^?#]*)', 1), '^(?!(?s:.))', '/')";
  }

  /** Returns the query, without the question mark; null if it is empty. */
  static String query(String url) {
    int start = queryStart(url);
    int end = start < 0 ? -1 : queryEnd(url, start);
    return start == end ? null : url.substring(start, end);
  }

  /** Returns {@link #query} in SQL. */
  static String querySql(String url) {
    return "nullif(regexp_extract(" + url + ", '^[^?#]*[?]([^#]*)', 1), '')";
  }

  /** Returns where the query starts, after the question mark; -1 if there is none. */
  static int queryStart(String url) {
    int mark = url.indexOf('?');
    if (mark < 0) {
      return -1;
    }
    int fragment = url.indexOf('#');
    return fragment >= 0 && fragment < mark ? -1 : mark + 1;
  }

  static int queryEnd(String url, int start) {
    int fragment = url.indexOf('#', start);
    return fragment < 0 ? url.length() : fragment;
  }

  /** Returns the first value of a parameter that is not empty, in SQL; an empty text if none. */
  static String parameterSql(String url, String name) {
    return "regexp_extract(" + url + ", '^[^?#]*[?](?:|[^#]*?&)" + name + "=([^&#]+)', 1)";
  }

  /** Returns {@link #decoded} in SQL; null for an empty text. */
  static String decodedSql(String value) {
    return String.format(
        "nullif(if(%s RLIKE '%%(?![0-9a-fA-F]{2})', %s, url_decode(%s)), '')", value, value, value);
  }

  /** Decodes a value of a parameter. One with a broken escape stays as it is. */
  static String decoded(String value) {
    int escape = value.indexOf('%');
    if (escape < 0 && value.indexOf('+') < 0) {
      return value;
    }
    for (; escape >= 0; escape = value.indexOf('%', escape + 1)) {
      if (escape + 2 >= value.length()
          || !isHex(value.charAt(escape + 1))
          || !isHex(value.charAt(escape + 2))) {
        return value;
      }
    }
    return URLDecoder.decode(value, StandardCharsets.UTF_8);
  }

  private static boolean isHex(char c) {
    return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F';
  }

  private static int afterScheme(String url) {
    for (int i = 0; i < url.length(); i++) {
      switch (url.charAt(i)) {
        case ':':
          return i == 0 ? 0 : i + 1;
        case '/', '?', '#':
          return 0;
        default:
      }
    }
    return 0;
  }

  /** Returns where the part that begins there ends: at the next of {@code /?#}. */
  private static int end(String url, int start) {
    int end = start;
    while (end < url.length()
        && url.charAt(end) != '/'
        && url.charAt(end) != '?'
        && url.charAt(end) != '#') {
      end++;
    }
    return end;
  }
}
