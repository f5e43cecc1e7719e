package io.sessionize.session;

/**
 * Compares texts by Unicode code point, which is the order of UTF-8 bytes and of every SQL engine.
 */
public final class Texts {
  private Texts() {}

  /** Compares by code point; null comes last. */
  public static int compare(String a, String b) {
    if (a == null || b == null) {
      return Boolean.compare(a == null, b == null);
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
