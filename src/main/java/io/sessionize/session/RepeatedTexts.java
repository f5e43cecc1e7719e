package io.sessionize.session;

import java.util.HashMap;
import java.util.Map;

/**
 * Shares one object between equal texts, to save memory: a user may have a million events, but few
 * pages. It starts after {@value #FEW} texts and keeps at most {@value #MOST}, so that it never
 * costs more than it saves.
 *
 * <p>Not thread-safe.
 */
public final class RepeatedTexts {
  private static final int FEW = 5_000;
  private static final int MOST = 1_000;

  private final Map<String, String> seen = new HashMap<>();
  private int asked;

  /** Returns an equal text (null for null), and the same object for equal texts if it is kept. */
  public String once(String text) {
    if (++asked <= FEW) {
      return text;
    }
    return seen.size() < MOST ? seen.computeIfAbsent(text, t -> t) : seen.getOrDefault(text, text);
  }
}
