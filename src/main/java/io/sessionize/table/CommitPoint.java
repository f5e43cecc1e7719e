package io.sessionize.table;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sessionize.Failure;
import io.sessionize.summary.RunSummary;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.iceberg.HasTableOperations;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableMetadata.MetadataLogEntry;
import org.apache.iceberg.TableMetadataParser;
import org.apache.iceberg.exceptions.NotFoundException;
import org.apache.iceberg.relocated.com.google.common.collect.Lists;

/**
 * The newest run summary of a table, kept as a table property. Another engine may compact the table
 * and expire all older snapshots, and the run summaries with them; a property survives this.
 *
 * <p>The property is set in the commit that publishes the snapshot, and it names this snapshot:
 * after a rollback it is the summary of a newer one.
 *
 * @param snapshotId the snapshot that has this summary
 * @param sequenceNumber of that snapshot
 * @param summary properties of its run summary
 */
record CommitPoint(long snapshotId, long sequenceNumber, Map<String, String> summary) {

  static final String PROPERTY = "sessionize.commit-point";
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * The commit point that a snapshot descends from.
   *
   * @param onlyMoved whether all snapshots after it, up to the given one, only moved rows
   */
  record Found(CommitPoint point, boolean onlyMoved) {}

  /** The commit point of a snapshot that has a run summary. */
  static CommitPoint of(Snapshot snapshot) {
    Map<String, String> properties = new TreeMap<>(snapshot.summary());
    properties.keySet().removeIf(key -> !RunSummary.isKey(key));
    return new CommitPoint(snapshot.snapshotId(), snapshot.sequenceNumber(), properties);
  }

  /**
   * Finds the commit point of a snapshot whose older history is expired. The parents of expired
   * snapshots are read from the table's previous metadata files, at most back to the commit point.
   *
   * @param oldest the oldest snapshot that is kept of the ancestry; it has no run summary
   * @return empty, if the history is complete, the snapshot does not descend from the commit point,
   *     or the metadata files do not show it any more
   * @throws Failure broken, if the property cannot be read
   */
  static Optional<Found> before(Table table, Snapshot oldest) {
    String property = table.properties().get(PROPERTY);
    if (property == null) {
      return Optional.empty();
    }
    CommitPoint point = parse(property);
    TableMetadata current = ((HasTableOperations) table).operations().current();
    List<MetadataLogEntry> previous = Lists.reverse(current.previousFiles());
    boolean onlyMoved = Lineage.movesOnly(oldest);
    Long next = oldest.parentId();
    for (int i = 0; next != null && next != point.snapshotId && i < previous.size(); i++) {
      TableMetadata metadata;
      try {
        metadata = TableMetadataParser.read(table.io(), previous.get(i).file());
      } catch (NotFoundException e) {
        return Optional.empty();
      }
      for (Snapshot at = metadata.snapshot(next);
          at != null && at.snapshotId() != point.snapshotId;
          at = next == null ? null : metadata.snapshot(next)) {
        onlyMoved &= Lineage.movesOnly(at);
        next = at.parentId();
      }
      if (metadata.lastSequenceNumber() < point.sequenceNumber) {
        return Optional.empty();
      }
    }
    return next != null && next == point.snapshotId
        ? Optional.of(new Found(point, onlyMoved))
        : Optional.empty();
  }

  /** The value of the property. */
  String text() {
    try {
      return JSON.writeValueAsString(this);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  private static CommitPoint parse(String property) {
    try {
      CommitPoint point = JSON.readValue(property, CommitPoint.class);
      Objects.requireNonNull(point.summary);
      return point;
    } catch (JsonProcessingException | RuntimeException e) {
      throw new Failure(
          Failure.Kind.BROKEN,
          "The table property " + PROPERTY + " cannot be read: " + property,
          e);
    }
  }
}
