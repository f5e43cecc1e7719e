package io.sessionize.session;

import java.io.Serializable;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * The invariants between two consecutive sessions of a user in the live view: no duplicate id, no
 * overlap, no cut without a reason, none by another rule.
 *
 * <p>A row with {@code close_reason} null was written by an older version of the job, which did not
 * have that column. A cut that the times do not explain is judged by the rules if edges are known
 * of both rows, or if there are no rules. Their class is not asked: where the row says that it may
 * have cut, it counts. A {@code boundary_rule} that is none of the rules is reported by the row
 * itself.
 */
public final class NeighbourInvariants implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final String INACTIVITY = CloseReason.INACTIVITY.text();
  private static final String MAX_DURATION = CloseReason.MAX_DURATION.text();
  private static final String BOUNDARY = CloseReason.BOUNDARY.text();
  private static final String CUT_WITHOUT_REASON = "cut_without_reason";
  private static final String REASON_DIFFERS = "reason_differs";

  private final long timeoutMs;
  private final long maxMs;
  private final long maxEvents;
  private final List<String> changes;
  private final Set<String> boundaryRules;
  private final boolean hasClass;

  /**
   * @param rules by which the rows were made
   */
  public NeighbourInvariants(Rules rules) {
    this.timeoutMs = rules.timeoutMs();
    this.maxMs = rules.maxMs();
    this.maxEvents = mostEvents(rules);
    this.changes = rules.changes();
    this.boundaryRules = new HashSet<>(rules.boundaryNames());
    this.hasClass = rules.boundaryRule() != null;
  }

  static long mostEvents(Rules rules) {
    return rules.maxEvents() > 0 ? rules.maxEvents() : Long.MAX_VALUE;
  }

  /**
   * How far from a row its neighbours are judged, in milliseconds. Rows within a timeout of it, and
   * the session that such a row follows, are nearer.
   */
  public long reachMs() {
    return 2 * (timeoutMs + maxMs);
  }

  /** The longest session that the rules allow, in milliseconds. */
  public long longestMs() {
    return maxMs;
  }

  /**
   * Judges a row of the live view and the next one of the same user. One of them must be changed,
   * and they must be near each other, if one is not. An unchanged row without a next one is not
   * judged: its next one may not have been read.
   *
   * @param row whose times are not after those of the next one
   * @param following the next one; null if there is none
   * @return what the first row breaks; null for nothing
   */
  public BrokenInvariant brokenBy(CheckedRow row, CheckedRow following) {
    CheckedRow next = following == null || isNext(row, following) ? following : null;
    if (!row.isChanged() && (next == null || !next.isChanged() || !isInReach(row, next))) {
      return null;
    }
    boolean isJudged = isCutByRule(row, next);
    String rule = isJudged ? rule(row, next) : null;
    String broken = broken(row, next, isJudged, rule);
    return broken == null ? null : BrokenInvariant.of(broken, detail(row, next, isJudged, rule));
  }

  /** The end of a damaged row may be anything. */
  private boolean isNext(CheckedRow row, CheckedRow next) {
    boolean isSame = row.sessionId() != null && row.sessionId().equals(next.sessionId());
    if (next.isChanged() || isSame) {
      return true;
    }
    if (next.startMs() == null || row.startMs() == null && row.endMs() == null) {
      return false;
    }
    long longest = row.startMs() == null ? Long.MAX_VALUE : row.startMs() + maxMs;
    long end = row.endMs() == null ? longest : Math.min(row.endMs(), longest);
    return next.startMs() <= end + reachMs();
  }

  private boolean isInReach(CheckedRow row, CheckedRow next) {
    return row.startMs() != null
        && next.startMs() != null
        && row.startMs() >= next.startMs() - reachMs();
  }

  private String broken(CheckedRow row, CheckedRow next, boolean isJudged, String rule) {
    Long pauseMs = pauseMs(row, next);
    if (next != null && row.sessionId() != null && row.sessionId().equals(next.sessionId())) {
      return "id_twice";
    }
    if (pauseMs != null && next.startMs() <= row.endMs()) {
      return "overlap";
    }
    String reason = row.closeReason();
    if (reason == null) {
      return null;
    }
    if (pauseMs == null || pauseMs > timeoutMs) {
      return reason.equals(INACTIVITY) ? null : REASON_DIFFERS;
    }
    if (row.startMs() != null && next.startMs() - row.startMs() > maxMs) {
      return reason.equals(MAX_DURATION)
          ? null
          : reason.equals(INACTIVITY) ? CUT_WITHOUT_REASON : REASON_DIFFERS;
    }
    if (!reason.equals(BOUNDARY)) {
      return isJudged && rule != null ? REASON_DIFFERS : CUT_WITHOUT_REASON;
    }
    if (isJudged && rule == null) {
      return CUT_WITHOUT_REASON;
    }
    boolean isKnown = row.boundaryRule() != null && boundaryRules.contains(row.boundaryRule());
    return isJudged && isKnown && !row.boundaryRule().equals(rule) ? "rule_differs" : null;
  }

  /** From the end of a row to the next one; null if it is not known. */
  private static Long pauseMs(CheckedRow row, CheckedRow next) {
    return next == null || next.startMs() == null || row.endMs() == null
        ? null
        : Long.valueOf(next.startMs() - row.endMs());
  }

  /** Whether only a rule can have cut between two rows, and it is known what the rules say. */
  private boolean isCutByRule(CheckedRow row, CheckedRow next) {
    Long pauseMs = pauseMs(row, next);
    if (pauseMs == null
        || pauseMs > timeoutMs
        || row.startMs() == null
        || next.startMs() - row.startMs() > maxMs) {
      return false;
    }
    return boundaryRules.isEmpty()
        || row.edges() != null && row.edges().split() == null && next.edges() != null;
  }

  /** The first rule that cuts between two rows, in the order of {@link Boundaries}. */
  private String rule(CheckedRow row, CheckedRow next) {
    if (boundaryRules.isEmpty()) {
      return null;
    }
    Edges.End end = row.edges().end();
    Edges.Start start = next.edges().start();
    if (end.endedBy() != null) {
      return end.endedBy();
    }
    if (start.starts()) {
      return Boundaries.STARTS;
    }
    for (int i = 0; i < changes.size(); i++) {
      String known = end.values().get(i);
      String value = start.values().get(i);
      if (known != null && value != null && !known.equals(value)) {
        return Boundaries.CHANGES + changes.get(i);
      }
    }
    if (start.day() != row.edges().start().day()) {
      return Boundaries.DAY_IN;
    }
    if (hasClass
        && BOUNDARY.equals(row.closeReason())
        && Boundaries.CLASS.equals(
            Objects.requireNonNullElse(row.boundaryRule(), Boundaries.CLASS))) {
      return Boundaries.CLASS;
    }
    return end.events() + start.events() > maxEvents ? Boundaries.MAX_EVENTS : null;
  }

  private Object[] detail(CheckedRow row, CheckedRow next, boolean isJudged, String rule) {
    Long pauseMs = pauseMs(row, next);
    return new Object[] {
      "close_reason is ",
      Objects.requireNonNullElse(row.closeReason(), "null"),
      row.boundaryRule() == null ? "" : ", boundary_rule is " + row.boundaryRule(),
      ", next session: ",
      pauseMs != null && pauseMs <= reachMs() ? next.sessionId() : "none near",
      isJudged ? ", cut by rule " + Objects.requireNonNullElse(rule, "none") : ""
    };
  }
}
