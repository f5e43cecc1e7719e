package io.sessionize.pipeline;

import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RuntimeConfig;
import org.apache.spark.storage.StorageLevel;

/** Rows that a batch computes once and reads several times. */
final class Kept {
  private static final String OFF_WHILE_CACHING =
      "spark.sql.adaptive.applyFinalStageShuffleOptimizations";

  private Kept() {}

  /**
   * Keeps the rows until {@link Dataset#unpersist()}.
   *
   * <p>Spark plans what it caches with this setting off. Where it is on, Spark clones the session
   * to do so, with a catalog connection that nobody closes: one more with each batch of continuous
   * mode. So it is off for the moment in which that plan is made.
   */
  static Dataset<Row> keep(Dataset<Row> rows) {
    RuntimeConfig conf = rows.sparkSession().conf();
    String before = conf.get(OFF_WHILE_CACHING, "true");
    conf.set(OFF_WHILE_CACHING, "false");
    try {
      return rows.persist(StorageLevel.MEMORY_AND_DISK());
    } finally {
      conf.set(OFF_WHILE_CACHING, before);
    }
  }
}
