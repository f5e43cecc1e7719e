package io.sessionize.scenario;

import static io.sessionize.testing.TestClick.DAY;
import static java.util.concurrent.TimeUnit.MINUTES;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.audit.Check;
import io.sessionize.column.GivenColumns;
import io.sessionize.job.Backfilled;
import io.sessionize.job.CrashPoint;
import io.sessionize.job.Recomputation;
import io.sessionize.offsets.Offsets;
import io.sessionize.session.Oracle;
import io.sessionize.session.Oracle.Click;
import io.sessionize.session.Rules;
import io.sessionize.spark.StagingPolicy;
import io.sessionize.testing.TestClick;
import io.sessionize.testing.TestSpark;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Random histories of two jobs that read the same clicks: one changes staging, the other one
 * replaces it. After every step, the rows of both are equal, and are those of the oracle.
 */
class StagingHistoryScenarioTest {
  private static final Duration HORIZON = Duration.ofHours(10);
  private static final String[] PAGES = {"home", "search", "logout", null};
  private static final int[] PAUSES = {1, 3, 8, 15, 29, 31, 45, 130};
  private static final int[] LATE = {0, 0, 0, 0, 1, 9, 20, 29, 31, 45, 90, 200, 500};
  private static final int USERS = 25;
  private static final int CLICKS = 7;

  /** All steps take minutes. Raise it to try the others too. */
  private static final int STEPS = 3;

  /** Staging is changed, if it has at least eight sessions and half of them stay. */
  private static final StagingPolicy OFTEN = new StagingPolicy(8, 2);

  private final List<String> steps = new ArrayList<>();
  private final List<TestClick> sent = new ArrayList<>();
  private final List<TestClick> rejected = new ArrayList<>();
  private Random random;
  private List<StagedJob> jobs = List.of();
  private int partitions = 2;
  private long now = TestClick.at("08:00");
  private Rules rules = Rules.DEFAULT;
  private String setAside = "";

  @AfterEach
  void close() {
    jobs.forEach(StagedJob::close);
  }

  @Test
  void correctionsOfStagingInFormatVersion2() {
    history(
        StagingPolicy.CHANGE,
        2,
        List.of(
            this::maintain,
            this::setAside,
            this::backfillOfUsers,
            this::recomputeOfAUser,
            this::columns,
            this::crash,
            this::backfill,
            this::retry),
        this::rebind);
  }

  @Test
  void otherWritersOfStagingInFormatVersion3() {
    history(
        OFTEN,
        3,
        List.of(
            this::compactBeside,
            this::recompute,
            this::rollBack,
            this::maintain,
            this::compact,
            this::rules,
            this::idle),
        this::run);
  }

  /** Does the first of these steps in any order, with clicks before each, and then the last one. */
  private void history(StagingPolicy policy, int version, List<Runnable> some, Runnable last) {
    random = new Random(version);
    jobs =
        List.of(
            new StagedJob(policy, HORIZON, () -> now),
            new StagedJob(StagingPolicy.REPLACE, HORIZON, () -> now));
    for (int user = 0; user < USERS; user++) {
      send(click(user, random.nextInt(25)));
    }
    run();
    each(
        job ->
            job.scenario()
                .byHand(
                    "ALTER TABLE ${open} SET TBLPROPERTIES ('format-version' = '%d')"
                        .formatted(version)));
    List<Runnable> order = new ArrayList<>(some.subList(0, STEPS));
    Collections.shuffle(order, random);
    order.add(last);
    long changes = 0;
    for (Runnable step : order) {
      clicks();
      run();
      changes += jobs.get(0).hasChanged() ? 1 : 0;
      clicks();
      step.run();
      assertEqual();
      if (random.nextInt(4) == 0) {
        each(StagedJob::renew);
      }
    }
    assertTrue(changes > 0);
    each(job -> assertEquals(List.of(), violations(job)));
  }

  private static List<String> violations(StagedJob job) {
    return new Check(TestSpark.session(), job.scenario().names(), recorded -> recorded)
        .violations().collectAsList().stream().map(Object::toString).toList();
  }

  private void clicks() {
    now += MINUTES.toMillis(PAUSES[random.nextInt(PAUSES.length)]);
    for (int i = random.nextInt(CLICKS); i > 0; i--) {
      send(click(random.nextInt(USERS), LATE[random.nextInt(LATE.length)]));
    }
    TestClick copy = sent.get(random.nextInt(sent.size()));
    if (now - copy.timeMs() < HORIZON.toMillis()) {
      send(copy.sentAt(now).page(random.nextBoolean() ? "copy" : copy.page()));
    }
    if (random.nextInt(3) == 0) {
      TestClick late = click(random.nextInt(USERS), (int) HORIZON.toMinutes() + 60);
      rejected.add(late);
      each(job -> job.scenario().topic().sendRejected("beyond_horizon", late));
    }
  }

  private TestClick click(int user, int lateMinutes) {
    String name = "u" + user;
    long timeMs = now - MINUTES.toMillis(lateMinutes) - random.nextInt(60_000);
    String page = PAGES[random.nextInt(PAGES.length)];
    String id = "c" + sent.size() + "/" + rejected.size();
    return new TestClick(name, timeMs, id, page, null, null, name, random.nextInt(partitions), now);
  }

  private void send(TestClick click) {
    sent.add(click);
    each(job -> job.scenario().send(click.on(click.partition() % partitions)));
  }

  private void each(Consumer<StagedJob> action) {
    jobs.forEach(action);
  }

  private <T> void both(Function<StagedJob, T> action) {
    T first = action.apply(jobs.get(0));
    assertEquals(action.apply(jobs.get(1)), first, () -> String.join(", ", steps));
  }

  private void step(String name) {
    steps.add(name);
  }

  private void run() {
    step("run");
    both(job -> job.pass().counts());
  }

  private void idle() {
    run();
    now += HORIZON.toMillis() / 10;
    step("idle");
    run();
  }

  /** Of records that the run has not read yet too. */
  private void backfill() {
    step("backfill");
    backfill(new String[0]);
    run();
  }

  private void backfillOfUsers() {
    step("backfill of users");
    backfill("u" + random.nextInt(USERS), "nobody");
    run();
  }

  private void backfill(String... users) {
    for (boolean apply : new boolean[] {false, true}) {
      both(job -> shown(job.scenario().backfill(job.scenario().everything(), apply, users)));
    }
  }

  private static List<Object> shown(Backfilled done) {
    return List.of(done.batch().counts(), done.preview().sample(), done.preview().days());
  }

  /** Takes in the clicks beyond the horizon. */
  private void retry() {
    run();
    step("retry");
    each(job -> job.scenario().lateHorizon(null));
    for (boolean apply : new boolean[] {false, true}) {
      both(job -> shown(job.scenario().retry(null, apply)));
    }
    each(job -> job.scenario().lateHorizon(HORIZON));
    each(job -> job.scenario().topic().promise(rejected));
    sent.addAll(rejected);
    rejected.clear();
  }

  private void recompute() {
    run();
    step("recompute");
    each(job -> job.scenario().recompute(Recomputation.EVERYTHING, true));
  }

  private void recomputeOfAUser() {
    run();
    step("recompute of a user");
    Set<String> user = Set.of("u" + random.nextInt(USERS));
    each(job -> job.scenario().recompute(new Recomputation(null, null, user), true));
    each(job -> job.scenario().recompute(new Recomputation(DAY, DAY, Set.of()), true));
  }

  private void rules() {
    run();
    step("rules");
    rules = new Rules(Duration.ofMinutes(20), Duration.ofMinutes(50), null, List.of());
    each(StagedJob::renew);
    each(StagedJob::forgetSaved);
    each(job -> job.scenario().rules(rules));
    recompute();
    assertEqual();
    clicks();
    run();
  }

  /** Sets a user aside, and takes it back. */
  private void setAside() {
    step("set aside");
    setAside = "u" + random.nextInt(USERS);
    setAside(Set.of(setAside));
    for (int batch = 0; batch < 2; batch++) {
      run();
      assertEqual();
      clicks();
    }
    backfill();
    assertEqual();
    step("take back");
    setAside(Set.of());
    setAside = "";
    retry();
    backfill();
  }

  private void setAside(Set<String> users) {
    each(StagedJob::renew);
    each(job -> job.scenario().setAside(users));
  }

  private void columns() {
    step("columns");
    TreeMap<String, String> columns = new TreeMap<>();
    columns.put("pages", "size(pages_visited)");
    each(StagedJob::renew);
    each(job -> job.scenario().columns(new GivenColumns(true, columns, null)));
    run();
  }

  private void maintain() {
    run();
    step("maintain");
    each(StagedJob::maintain);
  }

  private void compact() {
    run();
    step("compact");
    each(job -> job.compactStaging(random));
  }

  private void compactBeside() {
    for (CrashPoint point :
        List.of(CrashPoint.DECODED, CrashPoint.SESSIONS_MERGED, CrashPoint.SESSIONS_PUBLISHED)) {
      step("compact beside " + point);
      each(job -> job.beside(point, () -> job.compactStaging(random)));
      clicks();
      each(StagedJob::pass);
      assertEqual();
    }
  }

  private void crash() {
    for (CrashPoint point :
        List.of(
            CrashPoint.OPEN_WRITTEN, CrashPoint.SESSIONS_PUBLISHED, CrashPoint.OPEN_PUBLISHED)) {
      step("crash at " + point);
      each(job -> job.crashAt(point));
      clicks();
      each(StagedJob::pass);
      assertEqual();
    }
  }

  private void rollBack() {
    run();
    each(StagedJob::save);
    clicks();
    run();
    clicks();
    run();
    step("roll back");
    each(StagedJob::rollBack);
    run();
    // The marks of records that were taken in since do not hold.
    retry();
  }

  /** Continues with another topic; the clicks so far are in the tables alone. */
  private void rebind() {
    retry();
    step("rebind");
    partitions = 1;
    each(StagedJob::renew);
    each(job -> job.scenario().readAnotherTopic());
    each(job -> job.scenario().topic().promise(sent));
    each(job -> job.scenario().rebind(Offsets.NONE, true));
    assertEqual();
    clicks();
    run();
  }

  private void assertEqual() {
    both(StagedJob::rows);
    both(StagedJob::progress);
    each(
        job -> {
          List<Click> clicks =
              job.scenario().topic().clicks().stream()
                  .filter(click -> !click.uuid().equals(setAside))
                  .toList();
          assertEquals(
              Oracle.sessions(clicks, rules),
              job.scenario().live().byId(),
              () -> String.join(", ", steps));
        });
  }
}
