package io.sessionize.table;

import static org.apache.iceberg.TableProperties.COMMIT_MAX_RETRY_WAIT_MS;
import static org.apache.iceberg.TableProperties.COMMIT_MAX_RETRY_WAIT_MS_DEFAULT;
import static org.apache.iceberg.TableProperties.COMMIT_MIN_RETRY_WAIT_MS;
import static org.apache.iceberg.TableProperties.COMMIT_MIN_RETRY_WAIT_MS_DEFAULT;
import static org.apache.iceberg.TableProperties.COMMIT_NUM_RETRIES;
import static org.apache.iceberg.TableProperties.COMMIT_NUM_RETRIES_DEFAULT;
import static org.apache.iceberg.TableProperties.COMMIT_TOTAL_RETRY_TIME_MS;
import static org.apache.iceberg.TableProperties.COMMIT_TOTAL_RETRY_TIME_MS_DEFAULT;
import static org.apache.iceberg.util.PropertyUtil.propertyAsInt;

import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.apache.iceberg.Table;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.apache.iceberg.util.Tasks;

/**
 * Retries a metadata commit if another writer commits first, with back-off, as the table's {@code
 * commit.retry.*} properties say. Iceberg itself retries commits of data, but neither changes of
 * branches and tags nor transactions that depend on what they find.
 */
final class CommitRetry {
  private static final double BACK_OFF = 2.0;

  private CommitRetry() {}

  /**
   * Commits a change.
   *
   * @param commit gets the table refreshed, and may run several times
   */
  static void run(Table table, Consumer<Table> commit) {
    table.refresh();
    runOnRead(table, commit);
  }

  /**
   * Commits a change of a table that has just been read: it is refreshed only before a retry. A
   * catalog may send all metadata for each refresh.
   *
   * @param commit may run several times
   */
  static void runOnRead(Table table, Consumer<Table> commit) {
    AtomicBoolean again = new AtomicBoolean();
    Map<String, String> properties = table.properties();
    Tasks.foreach(table)
        .retry(propertyAsInt(properties, COMMIT_NUM_RETRIES, COMMIT_NUM_RETRIES_DEFAULT))
        .exponentialBackoff(
            propertyAsInt(properties, COMMIT_MIN_RETRY_WAIT_MS, COMMIT_MIN_RETRY_WAIT_MS_DEFAULT),
            propertyAsInt(properties, COMMIT_MAX_RETRY_WAIT_MS, COMMIT_MAX_RETRY_WAIT_MS_DEFAULT),
            propertyAsInt(
                properties, COMMIT_TOTAL_RETRY_TIME_MS, COMMIT_TOTAL_RETRY_TIME_MS_DEFAULT),
            BACK_OFF)
        .onlyRetryOn(CommitFailedException.class)
        .run(
            current -> {
              if (again.getAndSet(true)) {
                current.refresh();
              }
              commit.accept(current);
            });
  }
}
