package io.sessionize.table;

import io.sessionize.Failure;
import io.sessionize.summary.RunSummary;
import io.sessionize.summary.TableNames;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.iceberg.AppendFiles;
import org.apache.iceberg.ManageSnapshots;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotRef;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.apache.iceberg.exceptions.ValidationException;
import org.apache.iceberg.spark.CommitMetadata;
import org.apache.iceberg.spark.SparkSQLProperties;
import org.apache.iceberg.spark.SparkTableUtil;
import org.apache.iceberg.util.SnapshotUtil;
import org.apache.spark.sql.SparkSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A branch of a table on which a batch writes what nobody shall see yet.
 *
 * <p>{@link #publish} moves {@code main} to it by fast-forward: a compare-and-set on snapshots, so
 * that a driver whose base is stale publishes nothing. (Iceberg's own conflict validation looks at
 * files under a filter, not at snapshots.) What it moves to is looked at first: settings can send a
 * commit elsewhere without a word.
 */
public final class Branch {
  private static final Logger LOG = LoggerFactory.getLogger(Branch.class);
  private static final String PREFIX = "sessionize_";
  private static final int ATTEMPTS = 5;
  private static final int KEPT_DAYS = 7;

  private final Table table;
  private final String tableName;
  private final String name;
  private final long baseSnapshot;
  private String run;

  private Branch(Table table, String tableName, String name, long baseSnapshot) {
    this.table = table;
    this.tableName = tableName;
    this.name = name;
    this.baseSnapshot = baseSnapshot;
  }

  /**
   * Makes a branch that holds what the snapshot holds.
   *
   * @throws Failure conflict, where that was expired
   */
  static Branch create(Table table, String tableName, long baseSnapshot) {
    String name = PREFIX + UUID.randomUUID().toString().replace("-", "");
    Branch branch = new Branch(table, tableName, name, baseSnapshot);
    try {
      changeReferences(table, references -> references.createBranch(name, baseSnapshot));
    } catch (IllegalArgumentException | ValidationException e) {
      throw branch.conflict(e);
    }
    return branch;
  }

  /** The name under which Spark reads and writes it. */
  String qualified() {
    return tableName + "." + TableNames.quote("branch_" + name);
  }

  /**
   * Lets Spark commit one snapshot to it.
   *
   * @param summary what that says of its run
   * @throws Failure conflict, where another driver has dropped the branch; of usage, where settings
   *     send the commit elsewhere
   */
  void commit(SparkSession spark, Map<String, String> summary, Callable<Object> write) {
    run = RunSummary.runIn(summary);
    try {
      CommitMetadata.withCommitProperties(summary, write, Exception.class);
    } catch (Exception e) {
      if (isGone()) {
        throw conflict(e);
      }
      if (e instanceof ValidationException && isDiverted(spark)) {
        throw wentElsewhere(e);
      }
      throw e instanceof RuntimeException known ? known : new IllegalStateException(e);
    }
    // Now, and not only when it is published: then another table may have been before it.
    head();
  }

  /**
   * The snapshot at its head: what this run has committed on the base.
   *
   * @throws Failure conflict, where another driver has dropped the branch; of usage, where the
   *     commit went elsewhere
   */
  long head() {
    table.refresh();
    return requireHead();
  }

  private long requireHead() {
    Snapshot head = table.snapshot(name);
    boolean isBase = head != null && head.snapshotId() == baseSnapshot;
    // A commit to a branch that was dropped makes it anew, as a child of what main is by then.
    if (head == null || !isBase && !Objects.equals(head.parentId(), baseSnapshot)) {
      throw conflict(null);
    }
    if (isBase || !run.equals(RunSummary.runIn(head.summary()))) {
      throw wentElsewhere(null);
    }
    return head.snapshotId();
  }

  /** Whether Iceberg refuses commits to any branch but the session's own. */
  private boolean isDiverted(SparkSession spark) {
    return SparkTableUtil.wapEnabled(table) && spark.conf().contains(SparkSQLProperties.WAP_BRANCH);
  }

  private Failure wentElsewhere(Throwable cause) {
    return new Failure(
        Failure.Kind.USAGE,
        String.format(
            "What was written to %s did not get to this batch's branch, so that nothing of it was published"
                + " there. It goes elsewhere where the table has %s=true and Spark is given %s or %s:"
                + " take these out of Spark's configuration, or unset the table's property, and run again.",
            TableNames.plain(tableName),
            TableProperties.WRITE_AUDIT_PUBLISH_ENABLED,
            SparkSQLProperties.WAP_ID,
            SparkSQLProperties.WAP_BRANCH),
        cause);
  }

  /** Whether another driver has dropped it, because {@code main} has moved away from it. */
  boolean isGone() {
    table.refresh();
    return !table.refs().containsKey(name);
  }

  /**
   * Makes sure that it can still be published.
   *
   * @throws Failure conflict, where {@code main} is no longer what the branch was made from
   */
  void requireBase() {
    table.refresh();
    if (hasLostBase()) {
      throw conflict(null);
    }
  }

  private boolean hasLostBase() {
    return table.currentSnapshot().snapshotId() != baseSnapshot;
  }

  /** Commits a snapshot that changes nothing but says what it has to say. */
  void commitSummary(Map<String, String> summary) {
    run = RunSummary.runIn(summary);
    AppendFiles nothing = table.newAppend().toBranch(name);
    summary.forEach(nothing::set);
    nothing.commit();
  }

  /**
   * Moves {@code main} here and drops the branch.
   *
   * @throws Failure conflict, where {@code main} is no longer what the branch was made from; of
   *     usage, where the branch does not hold what this run has committed
   */
  void publish() {
    long head = head();
    try {
      changeReferences(
          table,
          references -> {
            // Not left to the fast-forward alone, which would take a branch that was made anew, or
            // never written to.
            if (hasLostBase()) {
              throw conflict(null);
            }
            requireHead();
            references.fastForwardBranch(SnapshotRef.MAIN_BRANCH, name).removeBranch(name);
          });
      LOG.info(
          "{} is at snapshot {} now, in place of {}",
          TableNames.plain(tableName),
          head,
          baseSnapshot);
    } catch (IllegalArgumentException | CommitFailedException e) {
      throw conflict(e);
    }
  }

  /** Keeps what it holds under another name, for {@value #KEPT_DAYS} days, and returns its head. */
  long keepAs(String other) {
    long head = head();
    changeReferences(
        table,
        references -> {
          if (table.refs().containsKey(other)) {
            references.replaceBranch(other, head);
          } else {
            references.createBranch(other, head);
          }
          references.setMaxRefAgeMs(other, Duration.ofDays(KEPT_DAYS).toMillis());
        });
    return head;
  }

  /** What ends a batch whose base is stale. */
  Failure conflict(Throwable cause) {
    Snapshot current = table.currentSnapshot();
    if (current != null) {
      LOG.info(
          "{} is at snapshot {} of {} (by run {}), and not at {} any more",
          TableNames.plain(tableName),
          current.snapshotId(),
          Instant.ofEpochMilli(current.timestampMillis()),
          Objects.requireNonNullElse(RunSummary.runIn(current.summary()), "unknown: not ours"),
          baseSnapshot);
    }
    return Failure.conflict(
        cause,
        "Another writer has changed %s since this batch began: nothing of this batch was published there."
            + " Run again.",
        TableNames.plain(tableName));
  }

  /** Drops the branch without publishing it, where it still is. */
  void drop() {
    dropIfThere(table, () -> List.of(name));
  }

  /**
   * Drops the branches that crashed drivers left: those that {@code main} has moved away from can
   * never be published.
   */
  public static void dropDead(Table table) {
    dropIfThere(
        table,
        () -> {
          long main = table.currentSnapshot().snapshotId();
          return table.refs().entrySet().stream()
              .filter(ref -> ref.getKey().startsWith(PREFIX))
              .filter(ref -> !SnapshotUtil.isAncestorOf(table, ref.getValue().snapshotId(), main))
              .map(Map.Entry::getKey)
              .toList();
        });
  }

  private static void dropIfThere(Table table, Supplier<List<String>> branches) {
    try {
      changeReferences(
          table,
          references ->
              branches.get().stream()
                  .filter(table.refs()::containsKey)
                  .forEach(references::removeBranch));
    } catch (RuntimeException e) {
      // The batch has ended already; another driver may be clearing up as well.
      LOG.info("Branches of {} are left to the next run: {}", table, e.getMessage());
    }
  }

  /**
   * Commits a change of branches. Iceberg tries most commits again where another writer was faster,
   * but gives these up, though nothing stands against them.
   */
  public static void changeReferences(Table table, Consumer<ManageSnapshots> change) {
    for (int attempt = 1; ; attempt++) {
      table.refresh();
      ManageSnapshots references = table.manageSnapshots();
      change.accept(references);
      try {
        references.commit();
        return;
      } catch (CommitFailedException e) {
        if (attempt == ATTEMPTS) {
          throw e;
        }
      }
    }
  }
}
