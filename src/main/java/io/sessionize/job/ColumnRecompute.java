package io.sessionize.job;

import io.sessionize.session.Rules;
import io.sessionize.summary.Base;
import io.sessionize.summary.ColumnProgress;
import io.sessionize.summary.ColumnProgress.Through;
import io.sessionize.summary.Work;
import java.time.LocalDate;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeSet;

/**
 * Fills the session columns of all rows, without a change of any session: {@code recompute
 * --columns-only}.
 *
 * <p>One batch for each UTC day of session starts, the oldest day first. Each commit records how
 * far the rows are filled, so that an interrupted one goes on there. After the first commit, every
 * other batch builds on tables with these columns, and adds only rows that follow them.
 *
 * @param <R> records as the source gives them
 */
public final class ColumnRecompute<R> {
  /** A day without a row to change is committed together with later ones, at most so many. */
  private static final int MOST_DAYS = 30;

  private final Store<R> store;
  private final Job job;
  private final Listener listener;
  private final Step.Series steps;

  /** Follows the days. */
  public interface Listener {
    /** How many days are left. */
    void left(int days);

    /**
     * A day was filled, or was computed without writing.
     *
     * @param changed rows of the sessions table
     */
    void filled(LocalDate day, long changed);

    /**
     * All days were computed without writing.
     *
     * @param rows of the sessions table that would get another value, by session column
     */
    default void computed(SortedMap<String, Long> rows) {}
  }

  /**
   * @param job with the new session columns
   */
  public ColumnRecompute(Store<R> store, Job job, Listener listener, CrashPoint.Probe probe) {
    this.store = store;
    this.job = job;
    this.listener = listener;
    // It removes no session, so it must not record that other users are set aside.
    this.steps = new Step.Series(job.withRecordedSetAside(), probe);
  }

  /**
   * Fills the columns.
   *
   * @throws io.sessionize.Failure of usage, if the tables cannot take the columns in; conflict, if
   *     another writer commits first: run again, it goes on where it was
   */
  public BatchReport execute() {
    checkedRules(store.base());
    new DefinitionIntake(store, job).executeForRecompute(true);
    return new Fill(true).all();
  }

  /** Computes which rows would change, and writes nothing. */
  public BatchReport whatIf() {
    return new Fill(false).all();
  }

  private Rules checkedRules(Base base) {
    base.requireSettled(job.names().table());
    DefinitionIntake.requireUnchanged(base, job);
    return Continuity.checkPart(base.open(), base.progress().topics(), job);
  }

  /** One execution. */
  private final class Fill {
    private final boolean apply;
    private Base base;
    private Rules rules;
    private BatchReport done;

    /** The days that are not yet computed on this base. */
    private TreeSet<LocalDate> days = new TreeSet<>();

    /** The first day that was computed on this base and is not recorded. */
    private LocalDate since;

    private int unrecorded;

    Fill(boolean apply) {
      this.apply = apply;
    }

    BatchReport all() {
      readBase();
      done = BatchReport.nothing(base.next(), base.watermark(), base.open().count("open"));
      if (!isComplete()) {
        synchronize();
        plan();
      }
      TreeSet<LocalDate> all = new TreeSet<>(days);
      while (!isComplete() && !fillNext()) {
        // The next day.
      }
      if (!apply && !all.isEmpty()) {
        listener.computed(store.changedColumns(base, all.first(), all.last()));
      }
      return done.withoutOffsets();
    }

    private void readBase() {
      Base found = store.base();
      rules = checkedRules(found);
      if (apply) {
        DefinitionIntake.requireDone(found, job);
      }
      base = apply ? found : store.given(found, job.columns());
      since = null;
      unrecorded = 0;
    }

    private boolean isComplete() {
      return base.columnProgress().equals(complete());
    }

    private void plan() {
      days = new TreeSet<>(store.startDays(base));
      base.columnProgress().through().ifPresent(filled -> days.headSet(filled.day(), true).clear());
      listener.left(days.size());
    }

    /**
     * Restates what a batch that crashed between its two commits has left. The rows alone do not
     * show it.
     */
    private void synchronize() {
      while (apply && base.outOfSync()) {
        Step<R> step = step(Work.RUN);
        step.begin();
        try (BatchTransaction transaction =
            store.begin(base, rules, step.input, step.limits, step.runTimeMs)) {
          done = done.then(step.commit(transaction, ReadStats.NOTHING, base.watermark()));
        }
        readBase();
      }
    }

    private Step<R> step(Work work) {
      return steps.step(Input.withoutOffsets(null, base.progress(), Set.of(), work), base, rules);
    }

    /** Returns whether this was the last day. */
    private boolean fillNext() {
      LocalDate day = days.pollFirst();
      since = since == null ? day : since;
      unrecorded++;
      boolean isLast = days.isEmpty();
      Step<R> step = step(Work.COLUMNS.ofDays(since, day));
      step.begin();
      try (BatchTransaction transaction = store.columns(base, Work.COLUMNS.ofDays(day, day))) {
        OutcomeStats made = step.restate(transaction, false, base.watermark());
        BatchReport report = step.report(ReadStats.NOTHING, made, base.watermark());
        boolean isDue = isLast || made.changes() > 0 || unrecorded >= MOST_DAYS;
        if (apply && isDue) {
          ColumnProgress after = isLast ? complete() : base.columnProgress().through(number(), day);
          step.publish(
              transaction,
              ReadStats.NOTHING,
              step.summary(base.watermark(), base.next(), made, report, after));
        }
        if (!apply || isDue) {
          done = done.then(step.took(report));
        }
        if (day != null) {
          listener.filled(day, made.changed());
        }
        if (apply && isDue && !isLast) {
          goOnAfter(day);
        }
      }
      return isLast;
    }

    private void goOnAfter(LocalDate day) {
      readBase();
      synchronize();
      Optional<LocalDate> recorded = base.columnProgress().through().map(Through::day);
      if (!recorded.equals(Optional.of(day))) {
        // A rollback, or other columns.
        plan();
      }
    }

    private int number() {
      return base.columns().number();
    }

    private ColumnProgress complete() {
      return ColumnProgress.complete(number());
    }
  }
}
