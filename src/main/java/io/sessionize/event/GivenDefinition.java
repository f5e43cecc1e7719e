package io.sessionize.event;

import io.sessionize.Failure;
import java.util.Optional;
import java.util.Set;

/**
 * The definition that a command line gives. If it gives none, the recorded definition holds, and
 * the built-in one for new tables.
 *
 * @param given null if none is given
 */
public record GivenDefinition(Definition given) {

  /** No definition is given. */
  public static final GivenDefinition NONE = new GivenDefinition(null);

  /** The given definition; empty if none is given. */
  public Optional<Definition> optional() {
    return Optional.ofNullable(given);
  }

  /**
   * The definitions of new tables.
   *
   * @param topics that they will read; the built-in definition has one
   * @throws Failure of usage, if a property has the name of another column
   */
  public Definitions first(Set<String> topics) {
    return given == null ? Definitions.builtIn(topics) : takenInto(Definitions.NONE, topics, false);
  }

  /**
   * The definitions of tables after they have taken in the given one.
   *
   * @param recorded by the tables
   * @param topics that the tables read
   * @param hasRead whether the tables have read any record
   * @return the recorded ones, if none is given, or if the newest of them is given
   * @throws Failure of usage, if the tables cannot take it in: see {@link DefinitionChange}
   */
  public Definitions takenInto(Definitions recorded, Set<String> topics, boolean hasRead) {
    if (given == null) {
      return recorded;
    }
    Definitions bound = recorded.boundTo(topics);
    return new DefinitionChange(bound, given, hasRead).isNewer() ? recorded.with(given) : recorded;
  }
}
