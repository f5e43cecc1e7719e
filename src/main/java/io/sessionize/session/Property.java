package io.sessionize.session;

import java.io.Serializable;

/**
 * A property that events carry: a typed column of {@code events}.
 *
 * @param name of the column
 * @param type of its values
 */
public record Property(String name, PropertyType type) implements Serializable {}
