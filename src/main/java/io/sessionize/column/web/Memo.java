package io.sessionize.column.web;

import java.util.function.UnaryOperator;

/**
 * Remembers the last results of a function of texts, one per slot: few browsers make most of the
 * events. Threads may share it.
 */
final class Memo {
  private static final int SLOTS = 1024;

  /** A longer text would cost memory that no browser needs. */
  private static final int LONGEST = 1000;

  private record Known(String text, String result) {}

  private final UnaryOperator<String> function;
  private final Known[] slots = new Known[SLOTS];

  /**
   * @param function whose result depends on the text alone
   */
  Memo(UnaryOperator<String> function) {
    this.function = function;
  }

  String get(String text) {
    if (text.length() > LONGEST) {
      return function.apply(text);
    }
    int hash = text.hashCode();
    int slot = (hash ^ hash >>> 16) & SLOTS - 1;
    Known known = slots[slot];
    if (known == null || !known.text().equals(text)) {
      known = new Known(text, function.apply(text));
      slots[slot] = known;
    }
    return known.result();
  }
}
