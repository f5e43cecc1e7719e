package io.sessionize.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.Failure;
import io.sessionize.offsets.OffsetRange;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MaxRejectedTest {

  @ParameterizedTest
  @CsvSource({
    "1000, 50, 0, 5, true",
    "1000, 51, 0, 5, false",
    "999, 999, 0, 5, true",
    "1000, 50, 900, 5, true",
    "100000, 101, 0, 0.1, false",
    "100000, 100, 0, 0.1, true",
    "1000, 1, 0, 0, false",
    "1000, 1000, 0, 100, true"
  })
  void aShareOfAThousandRecordsAndMoreIsLimited(
      long records, long malformed, long setAside, double percent, boolean passes) {
    ReadStats read = read(records, Map.of("malformed", malformed, "set_aside", setAside));
    if (passes) {
      new MaxRejected(percent).require(read, () -> "");
    } else {
      assertThrows(Failure.class, () -> new MaxRejected(percent).require(read, () -> ""));
    }
    MaxRejected.ANY.require(read, () -> "");
  }

  @Test
  void theFailureNamesTheReasonsAndTheWayOut() {
    ReadStats read = read(2_000, Map.of("malformed", 100L, "missing_uuid", 8L, "set_aside", 7L));
    Failure failure =
        assertThrows(
            Failure.class, () -> new MaxRejected(5).require(read, () -> "malformed, not UTF-8"));
    assertEquals(Failure.Kind.BROKEN, failure.kind());
    assertTrue(
        failure
            .getMessage()
            .startsWith(
                "108 of the 2000 elements (records, or elements of batches) are rejected"
                    + " ({malformed=100, missing_uuid=8}), more than --max-rejected allows."),
        failure.getMessage());
    assertTrue(failure.getMessage().contains("Most frequent: malformed, not UTF-8."));
    assertTrue(failure.getMessage().contains("--accept-rejected"));
  }

  private static ReadStats read(long records, Map<String, Long> rejected) {
    return new ReadStats(
        RecordCounts.ofRecords(records), Lateness.NONE, rejected, OffsetRange.NONE, Map.of(), 0);
  }
}
