package io.sessionize.pipeline;

import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RuntimeConfig;
import org.apache.spark.storage.StorageLevel;

/** Rows that a batch computes once and reads several times. */
final class Kept {
  private static final String ADAPTIVE = "spark.sql.adaptive.enabled";

  private Kept() {}

  /**
   * Keeps the rows until {@link Dataset#unpersist()}.
   *
   * <p>Spark plans what it caches without adaptive execution. Where that is on, it clones the
   * session to do so, with a catalog connection that nobody closes: one more with each batch of
   * continuous mode. So it is off for the moment in which that plan is made.
   */
  static Dataset<Row> keep(Dataset<Row> rows) {
    RuntimeConfig conf = rows.sparkSession().conf();
    String before = conf.get(ADAPTIVE);
    conf.set(ADAPTIVE, "false");
    try {
      return rows.persist(StorageLevel.MEMORY_AND_DISK());
    } finally {
      conf.set(ADAPTIVE, before);
    }
  }
}
