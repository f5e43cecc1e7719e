package io.sessionize.cli;

import io.sessionize.maintenance.MaintenanceStep;
import java.io.PrintStream;
import java.util.List;
import org.apache.commons.io.FileUtils;

/** Prints a line for each completed step of maintenance. */
final class MaintenancePrinter {
  private static final int ORPHANS = 20;

  private final PrintStream out;
  private final boolean dryRun;

  MaintenancePrinter(PrintStream out, boolean dryRun) {
    this.out = out;
    this.dryRun = dryRun;
  }

  void print(MaintenanceStep step) {
    out.printf("%s: %s%n", step.table(), text(step, dryRun));
    if (step.kind() == MaintenanceStep.Kind.ORPHAN_FILES) {
      step.names().stream().limit(ORPHANS).forEach(file -> out.println("  " + file));
      if (step.names().size() > ORPHANS) {
        out.printf("  ... and %d more%n", step.names().size() - ORPHANS);
      }
    }
  }

  void end() {
    out.println(dryRun ? "dry run: nothing was written" : "done");
  }

  /** Returns what a step has done. */
  static String text(MaintenanceStep step) {
    return text(step, false);
  }

  private static String text(MaintenanceStep step, boolean dryRun) {
    return switch (step.kind()) {
      case TAGS ->
          step.names().isEmpty()
              ? "no tag is due"
              : (dryRun ? "would tag " : "tagged ") + joined(step.names());
      case DATA_FILES -> compacted(step, "data files", dryRun);
      case LEFT ->
          step.before()
              + " data files were not compacted: another process has changed or compacted them";
      case DELETE_FILES -> compacted(step, "delete files", dryRun);
      case MANIFESTS -> compacted(step, "manifests", dryRun);
      case SNAPSHOTS ->
          String.format(
              dryRun
                  ? "snapshots: %d would expire, %d would be kept%s"
                  : "snapshots: %d expired, %d kept%s",
              step.before() - step.after(),
              step.after(),
              step.names().isEmpty()
                  ? ""
                  : (dryRun ? "; tags to drop: " : "; no longer tagged: ") + joined(step.names()));
      case ORPHAN_FILES -> "orphan files" + (dryRun ? " to delete: " : ": ") + step.before();
    };
  }

  private static String compacted(MaintenanceStep step, String what, boolean dryRun) {
    if (step.before() == 0) {
      return "no " + what + " to compact";
    }
    String bytes =
        step.bytes() == 0 ? "" : " (" + FileUtils.byteCountToDisplaySize(step.bytes()) + ")";
    String becomes = dryRun ? " would become " : " -> ";
    return step.before() + " " + what + becomes + step.after() + bytes;
  }

  private static String joined(List<String> names) {
    return String.join(", ", names);
  }
}
