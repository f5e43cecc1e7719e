package io.sessionize.spark.internal;

import io.sessionize.row.KnownRows;
import io.sessionize.row.RowSchemas;
import io.sessionize.row.SessionRows;
import io.sessionize.session.Published;
import io.sessionize.session.Session;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.catalyst.CatalystTypeConverters;
import org.apache.spark.sql.catalyst.InternalRow;

/** Reads sessions from external Spark rows that begin with the columns of a session. */
public final class ReadSession {
  private ReadSession() {}

  public static Published published(Row row) {
    return new SessionRowReader(RowSchemas.PLAIN).published(internal(row));
  }

  public static Session session(Row row) {
    return new SessionRowReader(RowSchemas.PLAIN).session(internal(row));
  }

  static InternalRow internal(Row row) {
    Object[] values = new Object[KnownRows.KNOWN.length()];
    for (int i = 0; i < SessionRows.SESSION.length(); i++) {
      values[i] = row.get(i);
    }
    return (InternalRow)
        CatalystTypeConverters.createToCatalystConverter(KnownRows.KNOWN)
            .apply(RowFactory.create(values));
  }
}
