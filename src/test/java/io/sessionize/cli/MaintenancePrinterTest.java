package io.sessionize.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sessionize.maintenance.MaintenanceStep;
import io.sessionize.maintenance.MaintenanceStep.Kind;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class MaintenancePrinterTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final MaintenancePrinter printer = printer(false);

  private MaintenancePrinter printer(boolean dryRun) {
    return new MaintenancePrinter(new PrintStream(out, true, StandardCharsets.UTF_8), dryRun);
  }

  @Test
  void aStepIsPrintedAsALineWithItsNumbers() {
    step(Kind.TAGS, 0, 2, 0, List.of("audit-2026-11-21", "audit-2026-11-22"));
    step(Kind.TAGS, 0, 0, 0, List.of());
    step(Kind.DATA_FILES, 37, 3, 120 << 20, List.of());
    step(Kind.DATA_FILES, 0, 0, 0, List.of());
    step(Kind.DELETE_FILES, 12, 0, 0, List.of());
    step(Kind.MANIFESTS, 14, 1, 2048, List.of());
    step(Kind.SNAPSHOTS, 44, 3, 0, List.of());
    step(Kind.SNAPSHOTS, 4, 3, 0, List.of("audit-2026-08-22"));
    step(Kind.ORPHAN_FILES, 0, 0, 0, List.of());
    printer.end();
    assertEquals(
        List.of(
            "t: tagged audit-2026-11-21, audit-2026-11-22",
            "t: no tag is due",
            "t: 37 data files -> 3 (120 MB)",
            "t: no data files to compact",
            "t: 12 delete files -> 0",
            "t: 14 manifests -> 1 (2 KB)",
            "t: snapshots: 41 expired, 3 kept",
            "t: snapshots: 1 expired, 3 kept; no longer tagged: audit-2026-08-22",
            "t: orphan files: 0",
            "done"),
        lines());
  }

  @Test
  void aDryRunSaysWhatItWouldDo() {
    MaintenancePrinter dry = printer(true);
    dry.print(new MaintenanceStep("t", Kind.TAGS, 0, 1, 0, List.of("audit-2026-11-22")));
    dry.print(new MaintenanceStep("t", Kind.DATA_FILES, 37, 3, 120 << 20, List.of()));
    dry.print(new MaintenanceStep("t", Kind.DELETE_FILES, 0, 0, 0, List.of()));
    dry.print(new MaintenanceStep("t", Kind.SNAPSHOTS, 4, 3, 0, List.of("audit-2026-08-22")));
    dry.print(new MaintenanceStep("t", Kind.ORPHAN_FILES, 1, 1, 0, List.of("f")));
    dry.end();
    assertEquals(
        List.of(
            "t: would tag audit-2026-11-22",
            "t: 37 data files would become 3 (120 MB)",
            "t: no delete files to compact",
            "t: snapshots: 1 would expire, 3 would be kept; tags to drop: audit-2026-08-22",
            "t: orphan files to delete: 1",
            "  f",
            "dry run: nothing was written"),
        lines());
  }

  @Test
  void atMostTwentyOrphanFilesAreListed() {
    List<String> files = IntStream.range(0, 25).mapToObj(i -> "f" + i).toList();
    step(Kind.ORPHAN_FILES, 25, 25, 0, files);
    assertEquals(22, lines().size());
    assertEquals("  f0", lines().get(1));
    assertEquals("  ... and 5 more", lines().get(21));
  }

  private void step(Kind kind, long before, long after, long bytes, List<String> names) {
    printer.print(new MaintenanceStep("t", kind, before, after, bytes, names));
  }

  private List<String> lines() {
    return out.toString(StandardCharsets.UTF_8).lines().toList();
  }
}
