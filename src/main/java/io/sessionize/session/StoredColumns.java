package io.sessionize.session;

import java.util.List;

/**
 * The columns of a stored row as they are, without its events. Each may be null: an external
 * statement can have removed it, or an older version did not have it.
 *
 * @param startMs epoch milliseconds, as are all times but the next two
 * @param startMicros the column {@code session_start}, epoch microseconds
 * @param endMicros the column {@code session_end}
 * @param pagesVisited may hold null
 */
public record StoredColumns(
    String uuid,
    String sessionId,
    Long startMs,
    Long endMs,
    Long durationSeconds,
    Long eventCount,
    List<String> pagesVisited,
    Long startMicros,
    Long endMicros,
    String closeReason,
    String boundaryRule) {}
