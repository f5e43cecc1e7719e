package io.sessionize.spark.internal;

import java.util.List;
import jdk.jfr.Category;
import jdk.jfr.Enabled;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import org.apache.iceberg.FileScanTask;

/**
 * An event of Java's flight recorder: tells how many row groups of a data file a task opens. A
 * filter may leave out some of them. The event is off unless a recording enables it by its name.
 * Benchmarks count row groups with it.
 */
@Name(OpenedRowGroups.NAME)
@Label("Opened Row Groups")
@Category("Sessionize")
@Enabled(false)
@StackTrace(false)
final class OpenedRowGroups extends Event {
  static final String NAME = "sessionize.OpenedRowGroups";

  @Label("Path")
  private String path;

  @Label("Row Groups")
  private int rowGroups;

  /**
   * Records the event if it is on.
   *
   * @param count of row groups; negative for all of the task: 1 if the file does not list them
   */
  static void record(FileScanTask task, int count) {
    OpenedRowGroups event = new OpenedRowGroups();
    if (event.shouldCommit()) {
      event.path = task.file().location();
      event.rowGroups = count < 0 ? all(task) : count;
      event.commit();
    }
  }

  private static int all(FileScanTask task) {
    List<Long> offsets = task.file().splitOffsets();
    long end = task.start() + task.length();
    return offsets == null
        ? 1
        : (int) offsets.stream().filter(start -> start >= task.start() && start < end).count();
  }
}
