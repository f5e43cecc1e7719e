package io.sessionize.session;

import java.util.HashMap;
import java.util.Map;

/**
 * Equal texts as one object: a session may hold a million events, but seldom as many pages. Keeps a
 * thousand texts at most, so that it cannot cost more than it saves.
 */
public final class RepeatedTexts {
  private static final int MOST = 1_000;

  private final Map<String, String> seen = new HashMap<>();

  /** The first text seen that is equal to this one, which may be null. */
  public String once(String text) {
    return seen.size() < MOST ? seen.computeIfAbsent(text, t -> t) : seen.getOrDefault(text, text);
  }
}
