package io.sessionize.session;

/**
 * A stored row as it is judged together with others. All but {@code place} may be null.
 *
 * @param startMs epoch milliseconds
 * @param endMs epoch milliseconds
 * @param edges null if they are not known, or if no rule looks at events
 */
public record CheckedRow(
    Place place,
    String uuid,
    String sessionId,
    Long startMs,
    Long endMs,
    String closeReason,
    String boundaryRule,
    Edges edges) {

  /** Where a row is stored, and whether it is to be judged. */
  public enum Place {
    /** In the sessions table. */
    SESSIONS(null),
    /** In the sessions table; judged only as the neighbour of another row. */
    NEAR(null),
    /** In staging, not published. */
    OPEN(false),
    /** In staging, and published: its row of the sessions table stands in the live view. */
    OPEN_PUBLISHED(true),
    /** In staging; an older version of the job did not write whether it is published. */
    OPEN_UNKNOWN(null);

    private final Boolean published;

    Place(Boolean published) {
      this.published = published;
    }

    /** The place of a row of staging with this column {@code published}, which may be null. */
    public static Place ofOpen(Boolean published) {
      if (published == null) {
        return OPEN_UNKNOWN;
      }
      return published ? OPEN_PUBLISHED : OPEN;
    }

    /** What staging says; null if it says nothing. */
    Boolean published() {
      return published;
    }

    public boolean isOpen() {
      return this != SESSIONS && this != NEAR;
    }

    /** Whether the live view shows the row. */
    public boolean isLive() {
      return this != OPEN_PUBLISHED;
    }
  }

  /** Whether the row is to be judged with the next one. */
  boolean isChanged() {
    return place != Place.NEAR;
  }
}
