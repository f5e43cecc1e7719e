package io.sessionize.cli;

import io.sessionize.audit.Explanation;
import io.sessionize.audit.Explanation.UserEvent;
import io.sessionize.audit.Explanation.UserSession;
import io.sessionize.history.Commit;
import java.sql.Timestamp;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** The events of an {@link Explanation} as rows, for formats that have nothing but rows. */
final class ExplainRows {
  private ExplainRows() {}

  /** One row for each event that is shown; {@code cut} is why its session ends with it. */
  static Dataset<Row> of(SparkSession spark, Explanation explanation) {
    List<Row> rows = new ArrayList<>();
    for (UserSession session : explanation.sessions()) {
      int last = session.events().size() - 1;
      for (int i = 0; i <= last; i++) {
        rows.add(row(session, session.events().get(i), i == last));
      }
    }
    return spark.createDataFrame(rows, schema());
  }

  private static Row row(UserSession session, UserEvent event, boolean isLast) {
    Commit readBy = event.readBy();
    return RowFactory.create(
        session.id(),
        session.state().name().toLowerCase(Locale.ROOT),
        new Timestamp(event.timeMs()),
        event.pauseMs(),
        event.id(),
        event.pageName(),
        event.eventName(),
        readBy == null ? null : readBy.run().orElse(null),
        event.isLate(),
        isLast ? session.cut().reason().text() : null);
  }

  private static StructType schema() {
    return new StructType()
        .add("session_id", DataTypes.StringType)
        .add("state", DataTypes.StringType)
        .add("event_time", DataTypes.TimestampType)
        .add("pause_ms", DataTypes.LongType)
        .add("event_id", DataTypes.StringType)
        .add("page_name", DataTypes.StringType)
        .add("event_name", DataTypes.StringType)
        .add("run", DataTypes.StringType)
        .add("late", DataTypes.BooleanType)
        .add("cut", DataTypes.StringType);
  }
}
