package io.sessionize.spark.internal;

import java.io.Serializable;
import org.apache.iceberg.FileScanTask;

/**
 * A data file, or a part of one, with its delete files.
 *
 * @param number of the file among the files of its {@link StoredRows}
 */
public record StoredFile(int number, FileScanTask task) implements Serializable {}
