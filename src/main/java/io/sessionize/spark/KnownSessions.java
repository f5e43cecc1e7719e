package io.sessionize.spark;

import static io.sessionize.spark.internal.UserFilter.MANY_USERS;

import io.sessionize.job.Recomputation;
import io.sessionize.row.KnownRows;
import io.sessionize.session.AffectedUser;
import io.sessionize.session.Rules;
import io.sessionize.session.SetAside;
import io.sessionize.spark.internal.InternalRows;
import io.sessionize.spark.internal.RowKey;
import io.sessionize.spark.internal.StoredRows;
import io.sessionize.spark.internal.UserShuffle;
import io.sessionize.summary.Base;
import io.sessionize.table.SessionTables;
import java.util.List;
import org.apache.iceberg.FileScanTask;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.SparkSession;

/**
 * Selects the stored sessions that a batch restates: all open ones, and the published rows of the
 * affected users. Rows of {@link KnownRows#KNOWN}.
 */
final class KnownSessions {
  private final Base base;
  private final StoredRows sessions;
  private final StoredRows staging;
  private final AffectedUsers affected;
  private final LookUpRows lookUp;
  private final boolean madeByRules;
  private final SetAside newlySetAside;

  /**
   * @param newlySetAside users whose published rows are removed
   */
  KnownSessions(
      SparkSession spark, SessionTables tables, Base base, Rules rules, SetAside newlySetAside) {
    AffectedUser rule = base.affected(rules);
    this.base = base;
    this.sessions = tables.storedSessions(base);
    this.staging = tables.storedOpen(base);
    this.affected = new AffectedUsers(spark, sessions, rule, newlySetAside);
    this.lookUp = new LookUpRows(spark, sessions, rule.lookUp());
    this.madeByRules = base.isMadeBy(rules);
    this.newlySetAside = newlySetAside;
  }

  /** The data files of the published rows, by the number that rows have stored. */
  List<FileScanTask> files() {
    return sessions.files();
  }

  /**
   * The sessions for a batch of new events.
   *
   * @param records new events; null for none
   * @param late number of late events
   * @param lookUp whether published rows may change
   * @param change of staging; null if all its rows are replaced
   */
  InternalRows ofBatch(UserShuffle records, long late, boolean lookUp, StagingChange change) {
    InternalRows open = change == null ? staging.staged() : change.rows();
    if (!lookUp && newlySetAside.isEmpty()) {
      return open;
    }
    JavaRDD<RowKey> keys = change == null ? staging.stagedKeys() : change.keys();
    // Without a late event, the records need not be read a second time.
    return open.and(published(affectedBy(late > 0 ? records : null, keys), late));
  }

  private JavaPairRDD<String, Long> affectedBy(UserShuffle records, JavaRDD<RowKey> staged) {
    return affected.ofBatch(records, staged, base.progress().openPublished() > 0);
  }

  private InternalRows published(JavaPairRDD<String, Long> users, long late) {
    long expected = late + base.progress().openPublished();
    boolean isUnknown = base.outOfSync() || !newlySetAside.isEmpty();
    return lookUp.of(users, isUnknown ? MANY_USERS : expected);
  }

  /** The sessions for a recompute. */
  InternalRows ofRecompute(Recomputation what) {
    if (what.isWhole()) {
      return staging.staged().and(sessions.all());
    }
    JavaPairRDD<String, Long> users = affected.ofRecompute(what);
    if (madeByRules) {
      return staging
          .staged()
          .and(lookUp.of(users.union(affectedBy(null, staging.stagedKeys())), MANY_USERS));
    }
    // A what-if under other rules: all other users keep the sessions of the recorded rules.
    return staging.staged().ofUsers(users.keys()).and(lookUp.of(users, MANY_USERS));
  }
}
