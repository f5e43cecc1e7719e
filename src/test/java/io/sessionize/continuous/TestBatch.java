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
   * @param oldestMs the earliest timestamp of its records
   */
  static BatchReport of(long offsets, long oldestMs, long milliseconds) {
    return new BatchReport(
        new Read(
            Offsets.of("web", Map.of(0, 0L)),
            Offsets.of("web", Map.of(0, offsets)),
            OffsetRange.NONE,
            offsets == 0
                ? RecordCounts.NONE
                : new RecordCounts(offsets, offsets, 0, 0, 0, oldestMs),
            offsets,
            0,
            0,
            new Lateness(0, 0, 0, 0),
            Map.of()),
        new Sessions(0, 0, 0, 0, 0, 0),
        Watermark.START,
        Optional.empty(),
        1,
        new Time(milliseconds, Map.of()));
  }
}
