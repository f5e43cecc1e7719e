package io.sessionize.session;

/** The order of texts: by Unicode code point, as UTF-8 bytes and every SQL engine have it. */
final class Texts {
  private Texts() {}

  /** Compares by code point; null comes first. */
  static int compare(String a, String b) {
    if (a == null || b == null) {
      return Boolean.compare(a != null, b != null);
    }
    int length = Math.min(a.length(), b.length());
    for (int i = 0; i < length; i++) {
      char x = a.charAt(i);
      char y = b.charAt(i);
      if (x != y) {
        // String.compareTo would put U+E000..U+FFFF after the code points that surrogates spell.
        boolean differInPlane = Character.isSurrogate(x) != Character.isSurrogate(y);
        return differInPlane
            ? Boolean.compare(Character.isSurrogate(x), Character.isSurrogate(y))
            : x - y;
      }
    }
    return a.length() - b.length();
  }
}
