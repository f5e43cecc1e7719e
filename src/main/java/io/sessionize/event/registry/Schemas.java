package io.sessionize.event.registry;

import io.sessionize.event.UnreadableException;
import java.io.Serializable;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The schemas of the registries of a job. Those that the tables have recorded are known; the others
 * are asked for, each once in a process. A schema of an id never changes.
 */
public final class Schemas implements Serializable {
  private static final long serialVersionUID = 1L;

  /** No registry. */
  public static final Schemas NONE = new Schemas(RegistryAccess.NONE, List.of());

  private static final Map<Key, RegisteredSchema> ASKED = new ConcurrentHashMap<>();

  private final RegistrySettings settings;
  private final boolean isReplay;
  private final HashMap<Key, RegisteredSchema> known = new HashMap<>();

  private record Key(String registry, int id) implements Serializable {}

  /**
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
   * @throws io.sessionize.Failure as {@link RegistryClient#schema}
   */
  Optional<RegisteredSchema> find(String registry, int id) throws UnreadableException {
    Key key = new Key(registry, id);
    RegisteredSchema found = known.get(key);
    if (found == null && isReplay) {
      return Optional.empty();
    }
    if (found == null || found.text() == null) {
      found = ASKED.get(key);
    }
    return found == null ? ask(key) : Optional.of(found);
  }

  private Optional<RegisteredSchema> ask(Key key) throws UnreadableException {
    // One task asks for all of the process.
    synchronized (ASKED) {
      RegisteredSchema asked = ASKED.get(key);
      if (asked != null) {
        return Optional.of(asked);
      }
      Optional<RegisteredSchema> found =
          new RegistryClient(key.registry(), settings).schema(key.id());
      // Unknown ids are not kept: a schema may be registered later.
      found.ifPresent(schema -> ASKED.put(key, schema));
      return found;
    }
  }
}
