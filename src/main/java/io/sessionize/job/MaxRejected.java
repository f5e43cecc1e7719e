package io.sessionize.job;

import io.sessionize.Failure;
import io.sessionize.event.Decoded.Reason;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * The greatest share of rejected elements with which a batch of a run is published. A record that
 * is no batch of events is one element. A batch that is read again has the same records, so it is
 * refused again.
 *
 * @param percent from 0 to 100
 */
public record MaxRejected(double percent) {
  /** No share is too large. */
  public static final MaxRejected ANY = new MaxRejected(100);

  /** In a smaller batch, a few elements are a large share. */
  private static final int LEAST_ELEMENTS = 1_000;

  private static final double HUNDRED = 100.0;

  /**
   * Checks a batch before it is published. Elements of users who are set aside are not counted as
   * rejected.
   *
   * @param example describes a rejection; called only if there are too many
   * @throws Failure broken, if more elements are rejected
   */
  void require(ReadStats read, Supplier<String> example) {
    Map<String, Long> reasons = new TreeMap<>(read.rejected());
    reasons.remove(Reason.SET_ASIDE.text());
    long rejected = reasons.values().stream().mapToLong(Long::longValue).sum();
    long elements = read.counts().elements();
    if (elements < LEAST_ELEMENTS || rejected * HUNDRED <= elements * percent) {
      return;
    }
    throw Failure.broken(
        "%d of the %d elements (records, or elements of batches) are rejected (%s), more than --max-rejected allows."
            + " Nothing of this batch is written, and its offsets stay. Most frequent: %s. If these are broken, let them pass"
            + " with --accept-rejected; if the job reads them wrongly, correct that first.",
        rejected, elements, reasons, example.get());
  }
}
