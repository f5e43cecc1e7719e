package io.sessionize.maintenance;

import java.util.List;

/**
 * Reports what one step of maintenance did to one table, or would do in a dry run.
 *
 * @param table plain name of the table, for output
 * @param before number of files, manifests or snapshots before the step; 0 for tags
 * @param after their number after the step
 * @param bytes size of the input files, bytes; 0 if nothing was rewritten
 * @param names tags that were created or dropped, or the orphan files
 */
public record MaintenanceStep(
    String table, Kind kind, long before, long after, long bytes, List<String> names) {

  /** What a step creates, rewrites or drops. */
  public enum Kind {
    /** Tags of days and hours that were created or moved. */
    TAGS,
    /** Data files that were rewritten. */
    DATA_FILES,
    /**
     * Data files that were not compacted, because a batch has changed their rows meanwhile, or
     * another process has compacted them.
     */
    LEFT,
    /** Position delete files. */
    DELETE_FILES,
    /** Manifests that were rewritten. */
    MANIFESTS,
    /** Snapshots; the names are the tags that were dropped with them. */
    SNAPSHOTS,
    /** Files in the table's folders that no snapshot references. */
    ORPHAN_FILES
  }
}
