package io.sessionize.column.web;

import io.sessionize.column.SessionColumn;
import io.sessionize.column.WebSettings;
import io.sessionize.session.Property;
import io.sessionize.session.Session;
import java.util.List;

/** The columns of the set {@code web}. */
public final class WebColumns {

  /**
   * @param settings of the site
   * @param properties that the events of the tables have. A column whose property is missing is
   *     null.
   */
  public WebColumns(WebSettings settings, List<Property> properties) {}

  /** The columns, in their order, each with the SQL that specifies it. */
  public static List<SessionColumn> columns(WebSettings settings, List<Property> properties) {
    return List.of();
  }

  /**
   * Computes the values of a session, in the order of {@link #columns}.
   *
   * @return null, or a value of the class that {@code Row} has for the type of the column; a list
   *     for an array, a {@code Row} is not used
   */
  public Object[] values(Session session) {
    return new Object[0];
  }
}
