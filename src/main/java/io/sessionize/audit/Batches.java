package io.sessionize.audit;

import io.sessionize.audit.Explanation.RejectedRecord;
import io.sessionize.audit.Explanation.RowChange;
import io.sessionize.audit.Explanation.UserEvent;
import io.sessionize.audit.Explanation.UserSession;
import io.sessionize.history.Commit;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/** The commits that an {@link Explanation} names, with a number for each batch. */
public final class Batches {
  private final List<Commit> list;
  private final Map<Object, Integer> numbers;

  private Batches(List<Commit> list, Map<Object, Integer> numbers) {
    this.list = list;
    this.numbers = numbers;
  }

  /** Numbers the batches of all commits that these name. */
  public static Batches of(Collection<UserSession> sessions, Collection<RejectedRecord> rejected) {
    Stream<Commit> ofSessions =
        sessions.stream()
            .flatMap(
                session ->
                    Stream.concat(
                        session.changes().stream().map(RowChange::by),
                        session.events().stream().map(UserEvent::readBy)));
    Map<Object, Integer> numbers = new HashMap<>();
    List<Commit> list =
        Stream.concat(ofSessions, rejected.stream().map(RejectedRecord::readBy))
            .filter(Objects::nonNull)
            .sorted(Comparator.comparing(Commit::at))
            .filter(commit -> numbers.putIfAbsent(batch(commit), numbers.size() + 1) == null)
            .toList();
    return new Batches(list, numbers);
  }

  /** Identifies the batch of a commit: both tables have a commit of it. */
  private static Object batch(Commit commit) {
    return commit
        .summary()
        .filter(summary -> summary.run().isPresent())
        .<Object>map(summary -> List.of(summary.run().get(), summary.origin().batch()))
        .orElse(commit.id());
  }

  /** Returns the commits, the oldest first. Two commits of one batch count once. */
  public List<Commit> list() {
    return list;
  }

  /** Returns the number of a commit's batch, from 1 for the oldest; null for no commit. */
  public Integer number(Commit commit) {
    return commit == null ? null : numbers.get(batch(commit));
  }
}
