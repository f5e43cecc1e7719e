package io.sessionize.event;

import io.sessionize.column.GivenColumns;
import io.sessionize.session.GivenRules;

/**
 * What a definition file says.
 *
 * @param definition by which records become events
 * @param columns of sessions
 * @param rules of sessions
 */
public record DefinitionContent(Definition definition, GivenColumns columns, GivenRules rules) {}
