package io.sessionize.maintenance;

import java.util.List;

/**
 * What one step of maintenance did to one table, or would do.
 *
 * @param table as people read its name
 * @param before how many there were of what the step is about
 * @param after how many there are now
 * @param bytes read to make the fewer of the more; 0 where nothing was rewritten
 * @param names tags made or dropped, or the orphan files
 */
public record MaintenanceStep(
    String table, Kind kind, long before, long after, long bytes, List<String> names) {

  /** What a step is about. */
  public enum Kind {
    /** Daily tags: those made now. */
    TAGS,
    /** Data files, those alone that were rewritten. */
    DATA_FILES,
    /** Files of positional deletes. */
    DELETE_FILES,
    /** Manifests, those alone that were rewritten. */
    MANIFESTS,
    /** Snapshots; the names are the tags that were dropped with them. */
    SNAPSHOTS,
    /** Files in the table's folders that no snapshot knows. */
    ORPHAN_FILES
  }
}
