package io.sessionize.event.registry;

import io.sessionize.Failure;
import io.sessionize.event.UnreadableException;
import java.io.Serializable;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * The schemas of the registries of a job. Those that the tables have recorded are known; the others
 * are asked for, each once in a process. A schema of an id never changes. An id without a schema is
 * asked for once in a process and batch: its schema may be registered later.
 */
public final class Schemas implements Serializable {
  private static final long serialVersionUID = 1L;

  /** No registry. */
  public static final Schemas NONE = new Schemas(RegistryAccess.NONE, List.of());

  /** Who may write records can make up ids, and each costs a request. */
  static final int MOST_UNKNOWN = 1_000;

  private static final Map<Key, RegisteredSchema> ASKED = bounded(10_000);

  /** The ids without a schema, by batch. */
  private static final Map<String, Set<Key>> UNKNOWN = bounded(16);

  private final String batch = UUID.randomUUID().toString();
  private final RegistrySettings settings;
  private final boolean isReplay;
  private final HashMap<Key, RegisteredSchema> known = new HashMap<>();

  private record Key(String registry, int id) implements Serializable {}

  private static <K, V> Map<K, V> bounded(int most) {
    return new LinkedHashMap<>(16, 0.75f, true) {
      private static final long serialVersionUID = 1L;

      @Override
      protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
        return size() > most;
      }
    };
  }

  /**
   * For one batch.
   *
   * @param known the schemas that the tables have recorded; for a replay those of its time
   */
  public Schemas(RegistryAccess access, Collection<RegisteredSchema> known) {
    this.settings = access.settings();
    this.isReplay = access.replayed() != null;
    known.forEach(schema -> this.known.put(new Key(schema.registry(), schema.id()), schema));
  }

  /** Returns whether the tables have recorded a schema. */
  boolean knows(RegisteredSchema schema) {
    return known.containsKey(new Key(schema.registry(), schema.id()));
  }

  /**
   * Returns a schema.
   *
   * @return empty, if the registry has never had one of this id, or had none at the time of the
   *     batch that is replayed
   * @throws UnreadableException if it is not Avro
   * @throws Failure as {@link RegistryClient#schema}; broken, if the batch has more than {@value
   *     #MOST_UNKNOWN} ids that the registry does not have
   */
  Optional<RegisteredSchema> find(String registry, int id) throws UnreadableException {
    Key key = new Key(registry, id);
    RegisteredSchema found = known.get(key);
    if (found == null && isReplay) {
      return Optional.empty();
    }
    return found == null || found.text() == null ? ask(key) : Optional.of(found);
  }

  private Optional<RegisteredSchema> ask(Key key) throws UnreadableException {
    // One task asks for all of the process.
    synchronized (ASKED) {
      RegisteredSchema asked = ASKED.get(key);
      if (asked != null) {
        return Optional.of(asked);
      }
      Set<Key> unknown = UNKNOWN.computeIfAbsent(batch, name -> new HashSet<>());
      if (unknown.contains(key)) {
        return Optional.empty();
      }
      Optional<RegisteredSchema> found =
          new RegistryClient(key.registry(), settings).schema(key.id());
      if (found.isPresent()) {
        ASKED.put(key, found.get());
      } else if (unknown.size() == MOST_UNKNOWN) {
        throw Failure.broken(
            "The records of this batch name more than %,d schemas that the registry %s does not"
                + " have: check the registry in the definition, and who writes to the topics. A run"
                + " with a smaller --max-offsets-per-trigger reads them in smaller batches.",
            MOST_UNKNOWN, key.registry());
      } else {
        unknown.add(key);
      }
      return found;
    }
  }
}
