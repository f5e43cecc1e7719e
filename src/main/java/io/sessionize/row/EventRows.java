package io.sessionize.row;

import static org.apache.spark.sql.types.DataTypes.BooleanType;
import static org.apache.spark.sql.types.DataTypes.DoubleType;
import static org.apache.spark.sql.types.DataTypes.IntegerType;
import static org.apache.spark.sql.types.DataTypes.LongType;
import static org.apache.spark.sql.types.DataTypes.StringType;
import static org.apache.spark.sql.types.DataTypes.TimestampType;

import io.sessionize.session.Property;
import io.sessionize.session.PropertyType;
import java.util.List;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** Columns of an event. The columns of its properties follow: see {@link RowSchemas}. */
public final class EventRows {
  public static final int EVENT_ID = 0;
  public static final int EVENT_TIME_MS = 1;
  public static final int PAGE_NAME = 2;
  public static final int BOOKING_DETAILS = 3;
  public static final int EVENT_DETAILS = 4;
  public static final int ORDER = 5;
  public static final int DEFINITION = 6;

  /** Position of the first property. */
  public static final int PROPERTIES = 7;

  public static final StructType DETAILS =
      new StructType()
          .add("event_name", StringType)
          .add("event_type", StringType)
          .add("event_value", StringType);

  /** An element of the column {@code events}, without properties. */
  public static final StructType EVENT =
      new StructType()
          .add("event_id", StringType)
          .add("event_time_ms", LongType)
          .add("page_name", StringType)
          .add("booking_details", StringType)
          .add("event_details", DETAILS)
          .add("order", LongType)
          .add("definition", IntegerType);

  private EventRows() {}

  static StructType with(List<Property> properties) {
    StructType columns = EVENT;
    for (Property property : properties) {
      columns = columns.add(property.name(), dataType(property.type()));
    }
    return columns;
  }

  private static DataType dataType(PropertyType type) {
    return switch (type.kind()) {
      case STRING -> StringType;
      case LONG -> LongType;
      case DOUBLE -> DoubleType;
      case BOOLEAN -> BooleanType;
      case DECIMAL -> DataTypes.createDecimalType(type.precision(), type.scale());
      case TIMESTAMP -> TimestampType;
    };
  }
}
