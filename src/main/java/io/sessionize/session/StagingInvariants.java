package io.sessionize.session;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/**
 * The invariants of staging: {@code published} is true for exactly those open sessions that are in
 * the sessions table too, both rows of such a session are equal, no published session stands twice
 * (others are judged in the live view), and no session is open that the watermark has closed.
 */
public final class StagingInvariants implements Serializable {
  private static final long serialVersionUID = 1L;

  private final long timeoutMs;
  private final long watermarkMs;
  private final String sessions;

  /**
   * @param rules by which the rows were made
   * @param watermarkMs that has closed sessions, epoch milliseconds
   * @param sessions the name of the sessions table, for texts
   */
  public StagingInvariants(Rules rules, long watermarkMs, String sessions) {
    this.timeoutMs = rules.timeoutMs();
    this.watermarkMs = watermarkMs;
    this.sessions = sessions;
  }

  /**
   * The invariants that an open session breaks.
   *
   * @param published its row in the sessions table; null if there is none
   * @param copies how many rows of staging have its user and id
   */
  public List<BrokenInvariant> brokenBy(CheckedRow open, CheckedRow published, long copies) {
    List<BrokenInvariant> broken = new ArrayList<>(0);
    Boolean said = open.place().published();
    boolean isPublished = published != null && published.sessionId() != null;
    if (said != null && said != isPublished) {
      broken.add(
          BrokenInvariant.of(
              "published_differs",
              "staging says published = ",
              said,
              ", but ",
              sessions,
              isPublished ? " holds it" : " does not hold it"));
    }
    if (said != null && said) {
      if (published != null
          && (differ(open.endMs(), published.endMs())
              || differ(open.closeReason(), published.closeReason()))) {
        broken.add(
            BrokenInvariant.of(
                "copies_differ",
                "its end and close_reason are ",
                open.endMs(),
                " and ",
                open.closeReason(),
                " in staging, ",
                published.endMs(),
                " and ",
                published.closeReason(),
                " in ",
                sessions));
      }
      if (copies > 1) {
        broken.add(BrokenInvariant.of("id_twice", copies, " rows of staging"));
      }
    }
    if (open.endMs() != null && open.endMs() + timeoutMs < watermarkMs) {
      broken.add(new BrokenInvariant("not_closed", "is open, but the watermark has closed it"));
    }
    return broken;
  }

  /** Whether both are known and differ. */
  private static boolean differ(Object one, Object other) {
    return one != null && other != null && !one.equals(other);
  }
}
