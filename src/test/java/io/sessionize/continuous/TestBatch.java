package io.sessionize.continuous;

import io.sessionize.job.BatchReport;
import io.sessionize.job.BatchReport.Read;
import io.sessionize.job.BatchReport.Sessions;
import io.sessionize.job.BatchReport.Time;
import io.sessionize.job.Lateness;
import io.sessionize.job.RecordCounts;
import io.sessionize.offsets.OffsetRange;
import io.sessionize.offsets.Offsets;
import io.sessionize.session.Watermark;
import java.util.Map;
import java.util.Optional;

/** Reports of batches with just what a loop looks at. */
final class TestBatch {
  private TestBatch() {}

  /**
   * @param newestMs timestamp of the newest record
   */
  static BatchReport of(long offsets, long newestMs, long milliseconds) {
    return new BatchReport(
        new Read(
            Offsets.of("web", Map.of(0, 0L)),
            Offsets.of("web", Map.of(0, offsets)),
            OffsetRange.NONE,
            RecordCounts.NONE,
            offsets,
            0,
            0,
            new Lateness(0, 0, 0, 0),
            Map.of()),
        new Sessions(0, 0, 0, 0, 0, 0),
        new Watermark(Watermark.NONE, Map.of(), newestMs, Watermark.NONE),
        Optional.empty(),
        1,
        new Time(milliseconds, Map.of()));
  }
}
