package io.sessionize.event;

import io.sessionize.session.Property;
import io.sessionize.session.PropertyType;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The definitions that the tables have taken in. An event carries the number of the definition that
 * decoded it.
 *
 * @param taken by number, from 1 on; the numbers never change
 * @param number of the definition in use: the greatest one, except in the replay of a past batch; 0
 *     if there is none
 */
public record Definitions(SortedMap<Integer, Definition> taken, int number)
    implements Serializable {

  /** The definitions of tables that have taken in none. */
  public static final Definitions NONE = new Definitions(new TreeMap<>());

  public Definitions {
    taken = Collections.unmodifiableSortedMap(new TreeMap<>(taken));
  }

  /** The newest definition is in use. */
  public Definitions(SortedMap<Integer, Definition> taken) {
    this(taken, taken.isEmpty() ? 0 : taken.lastKey());
  }

  /** The definitions of tables that were made without one. */
  public static Definitions builtIn(Set<String> topics) {
    return NONE.with(Definition.builtIn(topics));
  }

  public boolean isEmpty() {
    return taken.isEmpty();
  }

  /** The definition in use. */
  public Definition inUse() {
    return taken.get(number);
  }

  /**
   * The same definitions for these topics. The only topic of a definition may have another name
   * than in the recorded text: see {@link Definition#boundTo}.
   */
  public Definitions boundTo(Set<String> topics) {
    SortedMap<Integer, Definition> bound = new TreeMap<>();
    taken.forEach((of, one) -> bound.put(of, one.boundTo(topics)));
    return new Definitions(bound, number);
  }

  /** These definitions and a newer one, which is then in use. */
  public Definitions with(Definition newer) {
    SortedMap<Integer, Definition> more = new TreeMap<>(taken);
    more.put(taken.isEmpty() ? 1 : taken.lastKey() + 1, newer);
    return new Definitions(more);
  }

  /**
   * Names the definition in use: {@code NUMBER:HASH}.
   *
   * @param topics that the tables read
   */
  public String name(Set<String> topics) {
    return number + ":" + inUse().boundTo(topics).hash();
  }

  /**
   * The same definitions with another one in use.
   *
   * @param name of a definition, as a run has recorded it
   * @param topics that the run read
   * @return empty, if there is none of this name
   */
  public Optional<Definitions> using(String name, Set<String> topics) {
    return taken.keySet().stream()
        .map(one -> new Definitions(taken, one))
        .filter(one -> one.name(topics).equals(name))
        .findFirst();
  }

  /**
   * The properties that events of the tables have, in the order of their columns: by the number of
   * the definition that brought them, then by name. A removed one stays. The type is the widest.
   */
  public List<Property> properties() {
    Map<String, PropertyType> types = new LinkedHashMap<>();
    for (Definition one : taken.values()) {
      one.properties()
          .forEach(
              property ->
                  types.merge(
                      property.name(),
                      property.type(),
                      (before, now) -> before.widensTo(now) ? now : before));
    }
    List<Property> properties = new ArrayList<>();
    types.forEach((name, type) -> properties.add(new Property(name, type)));
    return properties;
  }
}
