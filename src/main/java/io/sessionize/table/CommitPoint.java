package io.sessionize.table;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sessionize.Failure;
import io.sessionize.summary.RunSummary;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;

/**
 * The newest run summary of a table, kept as a table property. Another engine may compact the table
 * and expire all older snapshots, and the run summaries with them; a property survives this.
 *
 * <p>The property is set in the commit that publishes the snapshot, and it names this snapshot:
 * after a rollback it is the summary of a newer one.
 *
 * @param snapshotId the snapshot that has this summary
 * @param summary properties of its run summary
 */
record CommitPoint(long snapshotId, Map<String, String> summary) {

  static final String PROPERTY = "sessionize.commit-point";
  private static final ObjectMapper JSON =
      new ObjectMapper().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

  /** The commit point of a snapshot that has a run summary. */
  static CommitPoint of(Snapshot snapshot) {
    Map<String, String> properties = new TreeMap<>(snapshot.summary());
    properties.keySet().removeIf(key -> !RunSummary.isKey(key));
    return new CommitPoint(snapshot.snapshotId(), properties);
  }

  /**
   * Returns the commit point in the properties of a table.
   *
   * @throws Failure broken, if it cannot be read
   */
  static Optional<CommitPoint> in(Table table) {
    return Optional.ofNullable(table.properties().get(PROPERTY)).map(CommitPoint::parse);
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
