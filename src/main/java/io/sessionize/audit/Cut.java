package io.sessionize.audit;

import io.sessionize.session.CloseReason;
import io.sessionize.session.Rules;
import java.util.Collection;

/**
 * Why a session ends where it does. It is found again from the times of the events and the recorded
 * rules: what no time explains was cut by a boundary rule, which the row names.
 *
 * @param reason why; {@code INACTIVITY} also for a user's last session
 * @param pauseMs the pause before the next event; null if there is no next event
 * @param durationMs how long the session would be with the next event; null if there is none
 * @param page the page that ended it; null for any other reason
 * @param boundaryRule name of the rule that cut it; null for any other reason, and if the row names
 *     none
 */
public record Cut(
    CloseReason reason, Long pauseMs, Long durationMs, String page, String boundaryRule) {

  /**
   * Finds the reason.
   *
   * @param lastPages pages of the session's last moment; may hold null
   * @param nextMs time of the user's next event; null if there is none
   * @param rule that the row names; null if it names none
   */
  static Cut of(
      Rules rules,
      long startMs,
      long endMs,
      Collection<String> lastPages,
      Long nextMs,
      String rule) {
    if (nextMs == null) {
      return new Cut(CloseReason.INACTIVITY, null, null, null, null);
    }
    long pauseMs = nextMs - endMs;
    long durationMs = nextMs - startMs;
    if (pauseMs > rules.timeoutMs()) {
      return new Cut(CloseReason.INACTIVITY, pauseMs, durationMs, null, null);
    }
    if (durationMs > rules.maxMs()) {
      return new Cut(CloseReason.MAX_DURATION, pauseMs, durationMs, null, null);
    }
    String page =
        lastPages.stream()
            .filter(name -> name != null && rules.endPages().contains(name))
            .findFirst()
            .orElse(null);
    return new Cut(CloseReason.BOUNDARY, pauseMs, durationMs, page, rule);
  }
}
