package io.sessionize.table;

import io.sessionize.Failure;
import io.sessionize.summary.RunSummary;
import io.sessionize.summary.TableNames;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotRef;
import org.apache.iceberg.SnapshotUpdate;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.Transaction;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.apache.iceberg.exceptions.ValidationException;
import org.apache.iceberg.spark.CommitMetadata;
import org.apache.iceberg.spark.SparkSQLProperties;
import org.apache.iceberg.spark.SparkTableUtil;
import org.apache.spark.sql.SparkSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes a batch to a branch of a table, where readers do not see it yet. The commit of the batch
 * creates the branch, except for a commit by SQL.
 *
 * <p>{@link #publish} moves {@code main} to the branch by fast-forward. This is a compare-and-set
 * on snapshots, so a driver with a stale base publishes nothing. (Iceberg's own conflict validation
 * compares files under a filter, not snapshots.) The head of the branch is checked first, because
 * settings can redirect a commit by SQL silently.
 *
 * <p>Not thread-safe.
 */
public final class Branch {
  private static final Logger LOG = LoggerFactory.getLogger(Branch.class);
  private static final int RETENTION_DAYS = 7;

  private final Table table;
  private final String tableName;
  private final String name;
  private final long baseSnapshot;
  private String run;
  private boolean mayExist;

  private Branch(Table table, String tableName, String name, long baseSnapshot) {
    this.table = table;
    this.tableName = tableName;
    this.name = name;
    this.baseSnapshot = baseSnapshot;
  }

  /** A branch at a snapshot of the table, which {@link #commit(Map, Function)} creates. */
  static Branch on(Table table, String tableName, long baseSnapshot) {
    return new Branch(table, tableName, References.newBranch(), baseSnapshot);
  }

  /**
   * Creates a branch at a snapshot of the table, for a commit by SQL.
   *
   * @throws Failure conflict, if the snapshot was expired
   */
  static Branch create(Table table, String tableName, long baseSnapshot) {
    Branch branch = on(table, tableName, baseSnapshot);
    String name = branch.name;
    branch.mayExist = true;
    try {
      References.change(table, references -> references.createBranch(name, baseSnapshot));
    } catch (IllegalArgumentException | ValidationException e) {
      table.refresh();
      // A client may send a request twice, because it got no answer. The second one is refused.
      SnapshotRef created = table.refs().get(name);
      if (created == null || created.snapshotId() != baseSnapshot) {
        throw branch.conflict(e);
      }
    }
    return branch;
  }

  /** Returns the name by which Spark reads and writes the branch. */
  String qualified() {
    return tableName + "." + TableNames.quote("branch_" + name);
  }

  /**
   * Lets Spark commit one snapshot to the branch. Runs a Spark job.
   *
   * @param summary properties of the snapshot, which name its run
   * @throws Failure conflict, if another driver has dropped the branch; of usage, if settings
   *     redirect the commit
   */
  void commit(SparkSession spark, Map<String, String> summary, Callable<Object> write) {
    run = RunSummary.runIn(summary).orElseThrow();
    try {
      CommitMetadata.withCommitProperties(summary, write, Exception.class);
    } catch (Exception e) {
      if (isDropped()) {
        throw conflict(e);
      }
      if (e instanceof ValidationException && isRedirected(spark)) {
        throw commitRedirected(e);
      }
      throw e instanceof RuntimeException known ? known : new IllegalStateException(e);
    }
    // Checked now, because another table may be published before this one.
    head();
  }

  /**
   * Creates the branch with one snapshot, in one commit, and returns the id of the snapshot.
   *
   * @param summary properties of the snapshot, which name its run
   * @param update the change of the table; called again if another writer commits first
   * @throws Failure conflict, if the base was expired
   */
  long commit(Map<String, String> summary, Function<Transaction, SnapshotUpdate<?>> update) {
    run = RunSummary.runIn(summary).orElseThrow();
    mayExist = true;
    try {
      CommitRetry.runOnRead(table, current -> create(current, summary, update));
    } catch (IllegalArgumentException | ValidationException | CommitFailedException e) {
      table.refresh();
      if (table.snapshot(baseSnapshot) == null) {
        throw conflict(e);
      }
      throw e;
    }
    // Checked now, because another table may be published before this one.
    return requireHead();
  }

  private void create(
      Table current, Map<String, String> summary, Function<Transaction, SnapshotUpdate<?>> update) {
    if (current.refs().containsKey(name)) {
      // A client may send a commit twice, because it got no answer. The second one is refused, and
      // Iceberg then deletes the manifests that the first one has committed.
      BranchRemoval.remove(table, name);
    }
    Transaction transaction = current.newTransaction();
    transaction.manageSnapshots().createBranch(name, baseSnapshot).commit();
    SnapshotUpdate<?> snapshot = update.apply(transaction);
    summary.forEach(snapshot::set);
    snapshot.toBranch(name);
    snapshot.commit();
    transaction.commitTransaction();
  }

  /**
   * Returns the id of the snapshot at the head of the branch: this run's commit on the base.
   *
   * @throws Failure conflict, if another driver has dropped the branch; of usage, if the commit was
   *     redirected
   */
  long head() {
    table.refresh();
    return requireHead();
  }

  private long requireHead() {
    Snapshot head = table.snapshot(name);
    boolean isBase = head != null && head.snapshotId() == baseSnapshot;
    // A commit to a dropped branch recreates it as a child of the current head of main.
    if (head == null || !isBase && !Objects.equals(head.parentId(), baseSnapshot)) {
      throw conflict(null);
    }
    if (isBase || RunSummary.runIn(head.summary()).filter(run::equals).isEmpty()) {
      throw commitRedirected(null);
    }
    return head.snapshotId();
  }

  /** Whether Iceberg refuses commits to any branch except the one in the session's settings. */
  private boolean isRedirected(SparkSession spark) {
    return SparkTableUtil.wapEnabled(table) && spark.conf().contains(SparkSQLProperties.WAP_BRANCH);
  }

  private Failure commitRedirected(Throwable cause) {
    return new Failure(
        Failure.Kind.USAGE,
        String.format(
            "The commit to %s did not reach the branch of this batch, so nothing was published there."
                + " Commits are redirected if the table has %s=true and Spark's configuration sets %s or %s:"
                + " remove these from the configuration, or unset the table's property, and run again.",
            TableNames.plain(tableName),
            TableProperties.WRITE_AUDIT_PUBLISH_ENABLED,
            SparkSQLProperties.WAP_ID,
            SparkSQLProperties.WAP_BRANCH),
        cause);
  }

  /** Whether another driver has dropped the branch, because its base was no longer current. */
  boolean isDropped() {
    table.refresh();
    return !table.refs().containsKey(name);
  }

  /**
   * Returns the head of {@code main}, if it is no longer the base. Then the branch cannot be
   * published: the batch has to be committed again on that head.
   *
   * @return empty, if {@code main} has not moved
   * @throws Failure conflict, if the rows of {@code main} have changed, not only moved to other
   *     files
   */
  OptionalLong moved() {
    table.refresh();
    long head = table.currentSnapshot().snapshotId();
    if (head == baseSnapshot) {
      return OptionalLong.empty();
    }
    if (!Lineage.onlyMoved(table, baseSnapshot, head)) {
      throw conflict(null);
    }
    return OptionalLong.of(head);
  }

  /** Returns the snapshot on which the branch was created. */
  long base() {
    return baseSnapshot;
  }

  private boolean isBaseStale() {
    return table.currentSnapshot().snapshotId() != baseSnapshot;
  }

  /**
   * Moves {@code main} to the head of the branch, records it as the commit point, and drops the
   * branch, all in one commit. The table was read by {@link #moved} or {@link #head} before; if it
   * has changed since, the commit fails and is tried again.
   *
   * @return false, if the rows of {@code main} have been moved to other files meanwhile: nothing is
   *     published, and the batch has to be committed again on the new head
   * @throws Failure conflict, if the rows of {@code main} have changed since the branch was
   *     created; of usage, if the branch does not hold this run's commit
   */
  boolean publish() {
    long head = requireHead();
    try {
      CommitRetry.runOnRead(table, this::fastForward);
    } catch (RuntimeException e) {
      // A client may send a commit twice, because it got no answer. The second one is refused.
      if (!isPublished(head, e)) {
        if (moved().isPresent()) {
          return false;
        }
        throw e instanceof IllegalArgumentException || e instanceof CommitFailedException
            ? conflict(e)
            : e;
      }
    }
    mayExist = false;
    LOG.info(
        "{} is now at snapshot {} (before: {})", TableNames.plain(tableName), head, baseSnapshot);
    return true;
  }

  private void fastForward(Table current) {
    // The fast-forward alone would accept a branch that was recreated, or never written to.
    if (isBaseStale()) {
      throw conflict(null);
    }
    String commitPoint = CommitPoint.of(current.snapshot(requireHead())).text();
    Transaction transaction = current.newTransaction();
    transaction
        .manageSnapshots()
        .fastForwardBranch(SnapshotRef.MAIN_BRANCH, name)
        .removeBranch(name)
        .commit();
    transaction.updateProperties().set(CommitPoint.PROPERTY, commitPoint).commit();
    // If another writer commits first, Iceberg does not apply the fast-forward again: it fails.
    transaction.commitTransaction();
  }

  private boolean isPublished(long head, RuntimeException failed) {
    try {
      table.refresh();
      return Lineage.descendsFrom(table, head);
    } catch (RuntimeException e) {
      failed.addSuppressed(e);
      throw Failure.unreachable(
          failed,
          "Nothing shows whether the batch was published in %s, because the table cannot be read. Run again: a run"
              + " continues from what is published.",
          TableNames.plain(tableName));
    }
  }

  /**
   * Keeps the head under another branch name for {@value #RETENTION_DAYS} days, and returns its
   * snapshot id.
   */
  long keepAs(String other) {
    long head = head();
    References.change(
        table,
        references -> {
          if (table.refs().containsKey(other)) {
            references.replaceBranch(other, head);
          } else {
            references.createBranch(other, head);
          }
          references.setMaxRefAgeMs(other, Duration.ofDays(RETENTION_DAYS).toMillis());
        });
    return head;
  }

  /** Makes the failure of a batch whose base is stale, and logs the other commit. */
  Failure conflict(Throwable cause) {
    Snapshot current = table.currentSnapshot();
    if (current != null) {
      LOG.info(
          "{} is at snapshot {} of {} (run: {}), no longer at {}",
          TableNames.plain(tableName),
          current.snapshotId(),
          Instant.ofEpochMilli(current.timestampMillis()),
          RunSummary.runIn(current.summary()).orElse("none, another writer's commit"),
          baseSnapshot);
    }
    return Failure.conflict(
        cause,
        "Another writer has changed %s since this batch began: nothing of this batch was published there."
            + " Run again.",
        TableNames.plain(tableName));
  }

  /** Drops the branch without publishing it, if it still exists. */
  void drop() {
    if (mayExist) {
      References.dropIfThere(table, () -> List.of(name));
    }
  }

  /**
   * Drops the branch and its snapshot, if they still exist. Files that another snapshot must keep
   * are committed there first.
   */
  void discard() {
    if (mayExist) {
      BranchRemoval.remove(table, name);
      mayExist = false;
    }
  }

  /**
   * Commits the files of this branch to another one, and then discards this branch: before the
   * other one is published, or an abandoned snapshot would hold published files.
   *
   * @return what the commit returns
   */
  <T> T replacedBy(Supplier<T> commit) {
    T result;
    try {
      result = commit.get();
    } catch (RuntimeException e) {
      remove();
      throw e;
    }
    discard();
    return result;
  }

  /** Drops the branch and its snapshot without publishing it, if it still exists. */
  void remove() {
    try {
      discard();
    } catch (RuntimeException e) {
      // The batch has ended already. Another driver may be dropping the same branch.
      LOG.info("The next run drops branch {} of {}: {}", name, table, e.getMessage());
    }
  }
}
