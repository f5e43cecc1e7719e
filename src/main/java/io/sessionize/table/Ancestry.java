package io.sessionize.table;

import java.util.Collections;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.function.LongFunction;
import org.apache.iceberg.HasTableOperations;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableMetadata.MetadataLogEntry;
import org.apache.iceberg.TableMetadataParser;
import org.apache.iceberg.exceptions.NotFoundException;
import org.apache.iceberg.relocated.com.google.common.collect.Lists;

/**
 * The ancestry of a snapshot, the snapshot itself first. Expired snapshots are read from the
 * table's previous metadata files, while these exist. A file is read only when it is needed.
 */
final class Ancestry implements Iterator<Snapshot> {
  private final Table table;
  private Iterator<MetadataLogEntry> older;
  private LongFunction<Snapshot> known;
  private Long nextId;
  private Snapshot next;

  private Ancestry(Table table, long snapshotId) {
    this.table = table;
    this.known = table::snapshot;
    this.nextId = snapshotId;
  }

  static Iterable<Snapshot> of(Table table, long snapshotId) {
    return () -> new Ancestry(table, snapshotId);
  }

  @Override
  public boolean hasNext() {
    if (next == null && nextId != null) {
      next = find(nextId);
      nextId = next == null ? null : next.parentId();
    }
    return next != null;
  }

  @Override
  public Snapshot next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    Snapshot found = next;
    next = null;
    return found;
  }

  private Snapshot find(long id) {
    Snapshot found = known.apply(id);
    while (found == null && hasOlder()) {
      TableMetadata metadata;
      try {
        metadata = TableMetadataParser.read(table.io(), older.next().file());
      } catch (NotFoundException e) {
        // It was deleted, and those before it were deleted earlier.
        older = Collections.emptyIterator();
        return null;
      }
      known = metadata::snapshot;
      found = known.apply(id);
    }
    return found;
  }

  private boolean hasOlder() {
    if (older == null) {
      TableMetadata current = ((HasTableOperations) table).operations().current();
      older = Lists.reverse(current.previousFiles()).iterator();
    }
    return older.hasNext();
  }
}
