package io.sessionize.spark.internal;

import io.sessionize.event.registry.RegisteredSchema;
import io.sessionize.event.registry.RegistryFormats;
import io.sessionize.event.registry.Schemas;
import java.io.Serializable;
import java.util.LinkedHashSet;
import java.util.Set;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.CollectionAccumulator;

/**
 * The schemas of registries in one batch: its tasks get those that the tables have recorded, and
 * report the others that they use. Tasks get the password of a registry with their code, since
 * Spark shows neither in its UI nor in its event log.
 */
public final class BatchSchemas implements Serializable {
  private static final long serialVersionUID = 1L;

  private final Schemas schemas;
  private final CollectionAccumulator<RegisteredSchema> used;

  public BatchSchemas(SparkSession spark, Schemas schemas) {
    this.schemas = schemas;
    this.used = spark.sparkContext().collectionAccumulator();
  }

  /** The formats of a task. */
  RegistryFormats formats() {
    return new RegistryFormats(schemas, used::add);
  }

  /** The schemas that finished tasks have used, without those that the tables have recorded. */
  public Set<RegisteredSchema> used() {
    return new LinkedHashSet<>(used.value());
  }
}
