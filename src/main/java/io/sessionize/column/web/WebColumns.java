package io.sessionize.column.web;

import io.sessionize.column.SessionColumn;
import io.sessionize.column.WebSettings;
import io.sessionize.session.Property;
import io.sessionize.session.Session;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;

/**
 * The columns of the set {@code web}. Tables keep the version that they have recorded: what a
 * version computes never changes. There is one version so far, and {@code WebVersionTest} holds it.
 * A version 2 would begin as a copy of this package and of the file of sources; callers would
 * choose by {@link WebSettings#version()}. Nothing of that exists yet.
 */
public final class WebColumns {
  private static final int VERSION_1 = 1;
  private static final Sources SOURCES = Sources.read();

  private final WebPass pass;

  /**
   * @param settings of the site
   * @param properties that the events of the tables have, in their order
   * @param used names of those that the set may use. A column whose property is missing is null.
   * @throws IllegalArgumentException if this version is not known
   */
  public WebColumns(WebSettings settings, List<Property> properties, Collection<String> used) {
    requireKnown(settings);
    this.pass = new WebPass(settings, new Inputs(properties, used), SOURCES);
  }

  /**
   * Returns the columns, in their order, each with the SQL that specifies it.
   *
   * @throws IllegalArgumentException if this version is not known
   */
  public static List<SessionColumn> columns(WebSettings settings, List<Property> properties) {
    requireKnown(settings);
    WebSql sql = new WebSql(settings, Inputs.of(properties), SOURCES);
    return Arrays.stream(WebColumn.values())
        .map(column -> new SessionColumn(column.text(), column.type(), sql.of(column)))
        .toList();
  }

  /** Returns the names of {@link #columns}, in their order. */
  public static List<String> names(WebSettings settings) {
    requireKnown(settings);
    return Arrays.stream(WebColumn.values()).map(WebColumn::text).toList();
  }

  private static void requireKnown(WebSettings settings) {
    if (settings.version() != VERSION_1) {
      throw new IllegalArgumentException("The set web has no version " + settings.version());
    }
  }

  /**
   * Computes the values of a session, in the order of {@link #columns}.
   *
   * @return null, or a {@code String}, {@code Long}, {@code Double} or {@code Boolean}; for arrays
   *     a list of {@code String} or of {@link EventCount}
   */
  public Object[] values(Session session) {
    return pass.values(session);
  }
}
