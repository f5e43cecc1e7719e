package io.sessionize.column;

import java.io.Serializable;

/**
 * A session column: a column of a session that is a function of its own events.
 *
 * @param name of the column
 * @param type of its values, as Spark writes it in DDL, such as {@code array<string>}
 * @param sql the expression in Spark SQL over the columns of the session
 */
public record SessionColumn(String name, String type, String sql) implements Serializable {}
