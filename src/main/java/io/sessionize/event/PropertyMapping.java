package io.sessionize.event;

import io.sessionize.event.TopicDefinition.Place;
import io.sessionize.event.TopicDefinition.TimeFormat;
import io.sessionize.session.PropertyType;
import java.io.Serializable;
import java.util.List;

/**
 * Where a property is, and its type.
 *
 * @param at its place
 * @param type of its values
 * @param formats of a timestamp, tried in this order; else null
 */
public record PropertyMapping(Place at, PropertyType type, List<TimeFormat> formats)
    implements Serializable {}
