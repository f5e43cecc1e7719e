package io.sessionize.session;

import java.util.HashMap;
import java.util.Map;

/**
 * Equal texts as one object: a user may have a million events, but seldom as many pages. The first
 * few texts are not worth looking up, and a thousand are kept at most, so that it cannot cost more
 * than it saves.
 */
public final class RepeatedTexts {
  private static final int FEW = 5_000;
  private static final int MOST = 1_000;

  private final Map<String, String> seen = new HashMap<>();
  private int asked;

  /** The same text, which may be null: of many equal ones one object. */
  public String once(String text) {
    if (++asked <= FEW) {
      return text;
    }
    return seen.size() < MOST ? seen.computeIfAbsent(text, t -> t) : seen.getOrDefault(text, text);
  }
}
