package io.sessionize.event.registry;

import java.time.Instant;

/**
 * How a batch gets schemas that the tables have not recorded.
 *
 * @param settings user of the registries
 * @param replayed when the batch that is replayed was published; null for a new batch. A replay
 *     takes what the tables had recorded by then, and asks no registry: what was not recorded was
 *     unknown, even if it was registered later.
 */
public record RegistryAccess(RegistrySettings settings, Instant replayed) {
  /** For batches without a schema registry. */
  public static final RegistryAccess NONE = new RegistryAccess(RegistrySettings.NONE, null);

  /** For a new batch. */
  public static RegistryAccess of(RegistrySettings settings) {
    return new RegistryAccess(settings, null);
  }
}
