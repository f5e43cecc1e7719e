package io.sessionize.column;

import io.sessionize.session.Property;
import java.util.List;

/** Takes session columns into tables. */
@FunctionalInterface
public interface ColumnIntake {
  /** Takes in nothing. */
  ColumnIntake NOTHING = (recorded, properties, hasRead) -> recorded;

  /**
   * Returns the columns of the tables afterwards.
   *
   * @param recorded by the tables
   * @param properties that events of the tables have
   * @param hasRead whether the tables have read any record
   * @throws io.sessionize.Failure of usage, if they cannot be taken in
   */
  RecordedColumns apply(RecordedColumns recorded, List<Property> properties, boolean hasRead);
}
