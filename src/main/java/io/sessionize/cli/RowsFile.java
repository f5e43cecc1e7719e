package io.sessionize.cli;

import io.sessionize.job.BatchReport;
import io.sessionize.summary.TableNames;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Leaves the number of rows of a run beside the log. The launcher chooses the compilers of the next
 * run by it. Only speed depends on the file, so it is written as far as possible, without an error.
 */
final class RowsFile {
  private static final Logger LOG = LoggerFactory.getLogger(RowsFile.class);

  private RowsFile() {}

  /**
   * Replaces the file of the table atomically. A run that read nothing says nothing about the next
   * one, and leaves the file as it is.
   */
  static void write(TableNames names, BatchReport done) {
    String logs = System.getProperty(Logging.FOLDER);
    if (logs == null || done.read().records() == 0) {
      return;
    }
    long rows = done.read().records() + done.sessions().open();
    Path file = Path.of(logs, names.database() + "." + names.table() + ".rows");
    try {
      OutputFile.replace(file, out -> out.write((rows + "\n").getBytes(StandardCharsets.US_ASCII)));
    } catch (IOException e) {
      LOG.debug("{} cannot be written", file, e);
    }
  }
}
