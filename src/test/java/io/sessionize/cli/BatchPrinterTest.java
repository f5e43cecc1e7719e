package io.sessionize.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.job.BatchReport;
import io.sessionize.job.BatchReport.Read;
import io.sessionize.job.BatchReport.Sessions;
import io.sessionize.job.BatchReport.Time;
import io.sessionize.job.Lateness;
import io.sessionize.job.RecordCounts;
import io.sessionize.offsets.OffsetRange;
import io.sessionize.offsets.Offsets;
import io.sessionize.session.Watermark;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class BatchPrinterTest {
  @Test
  void aWarningWithATextIsOneLineWithTheTextInIt() {
    BatchPrinter printer = new BatchPrinter(new PrintStream(OutputStream.nullOutputStream()));
    assertEquals(
        "sessionize: warning: moved to here\n", printed(() -> printer.warn("moved to %s", "here")));
    String timed = printed(() -> BatchPrinter.warnWithTime("moved to %s", "here"));
    assertTrue(timed.matches("[\\d-]{10}T[\\d:]{8}Z  sessionize: warning: moved to here\n"), timed);
  }

  @Test
  void damagedRowsAreToldOnceUntilTheirNumberChanges() {
    BatchPrinter printer = new BatchPrinter(new PrintStream(OutputStream.nullOutputStream()));
    String told =
        printed(
            () ->
                LongStream.of(0, 3, 3, 3, 2, 0, 2, 2).forEach(n -> printer.batch(withDamaged(n))));
    assertEquals(
        List.of("3", "2", "2"),
        told.lines().map(line -> line.replaceAll(".*warning: (\\d+) damaged.*", "$1")).toList());
  }

  private static BatchReport withDamaged(long rows) {
    return new BatchReport(
        new Read(
            Offsets.NONE,
            Offsets.NONE,
            OffsetRange.NONE,
            RecordCounts.NONE,
            0,
            0,
            0,
            new Lateness(0, 0, 0, 0),
            Map.of()),
        new Sessions(0, 0, 0, 0, 0, rows),
        Watermark.START,
        Optional.empty(),
        1,
        new Time(1, Map.of()));
  }

  private static String printed(Runnable warning) {
    PrintStream before = System.err;
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
    try {
      warning.run();
    } finally {
      System.setErr(before);
    }
    return err.toString(StandardCharsets.UTF_8);
  }
}
