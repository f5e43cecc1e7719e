package io.sessionize.pipeline;

import io.sessionize.session.Watermark;
import io.sessionize.source.Offsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * What one batch did, or the batches of one run together. {@code records = events + duplicates +
 * rejected}.
 *
 * @param from first offset of each partition
 * @param next next offset of each partition after it
 * @param records read
 * @param events new, copies not counted
 * @param duplicates copies of events known already
 * @param late events before the watermark, copies included
 * @param rejected records by reason
 * @param opened sessions that were not open before
 * @param closed sessions new in the sessions table
 * @param restated rows of the sessions table changed or gone
 * @param open sessions open after it
 * @param watermark after it
 * @param batches how many were committed
 * @param milliseconds it took
 */
public record BatchReport(
    Offsets from,
    Offsets next,
    long records,
    long events,
    long duplicates,
    long late,
    Map<String, Long> rejected,
    long opened,
    long closed,
    long restated,
    long open,
    Watermark watermark,
    int batches,
    long milliseconds) {

  /** Of a run that found nothing to do. */
  static BatchReport nothing(Offsets at, Watermark watermark, long open) {
    return new BatchReport(at, at, 0, 0, 0, 0, Map.of(), 0, 0, 0, open, watermark, 0, 0);
  }

  /** Whether nothing was committed. */
  public boolean isNothing() {
    return batches == 0;
  }

  static BatchReport of(
      Input input, ReadStats read, OutcomeStats made, Watermark after, long milliseconds) {
    return new BatchReport(
        input.from(),
        input.next(),
        read.records(),
        made.added(),
        read.events() - made.added(),
        read.late(),
        read.rejected(),
        made.opened(),
        made.inserted(),
        made.updated() + made.deleted(),
        made.open(),
        after,
        1,
        milliseconds);
  }

  /** The same, with the time until its commit. */
  BatchReport took(long nowMilliseconds) {
    return new BatchReport(
        from,
        next,
        records,
        events,
        duplicates,
        late,
        rejected,
        opened,
        closed,
        restated,
        open,
        watermark,
        batches,
        nowMilliseconds);
  }

  public long rejectedTotal() {
    return rejected.values().stream().mapToLong(Long::longValue).sum();
  }

  /** The numbers by name, in the order in which they are told. */
  public Map<String, Long> counts() {
    Map<String, Long> counts = new LinkedHashMap<>();
    counts.put("records", records);
    counts.put("events", events);
    counts.put("duplicates", duplicates);
    counts.put("late", late);
    counts.put("rejected", rejectedTotal());
    counts.put("opened", opened);
    counts.put("closed", closed);
    counts.put("restated", restated);
    counts.put("open", open);
    return counts;
  }

  /** These and the next batch's as one. */
  BatchReport then(BatchReport later) {
    Map<String, Long> reasons = new TreeMap<>(rejected);
    later.rejected.forEach((reason, count) -> reasons.merge(reason, count, Long::sum));
    return new BatchReport(
        from,
        later.next,
        records + later.records,
        events + later.events,
        duplicates + later.duplicates,
        late + later.late,
        reasons,
        opened + later.opened,
        closed + later.closed,
        restated + later.restated,
        later.open,
        later.watermark,
        batches + later.batches,
        milliseconds + later.milliseconds);
  }
}
