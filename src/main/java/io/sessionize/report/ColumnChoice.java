package io.sessionize.report;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.substring;
import static org.apache.spark.sql.functions.when;

import io.sessionize.summary.TableNames;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.NumericType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * The session columns that the report shows. They are chosen by type and name, so that the report
 * depends on no set of columns.
 *
 * @param texts columns of type STRING, at most {@link #MOST_TEXTS}, in the order of the table
 * @param leftOut number of the other STRING columns
 * @param measures those of {@link Measure} that there are
 */
record ColumnChoice(List<String> texts, int leftOut, List<Measure> measures) {
  static final int MOST_TEXTS = 30;

  /** Values are cut to this length before they are counted. */
  static final int VALUE_LENGTH = 100;

  /** The columns with numbers about a session. The report takes a column of this name and type. */
  enum Measure {
    BOUNCED("bounced", BooleanType.class, DataTypes.BooleanType),
    KEY_EVENTS("key_events", NumericType.class, DataTypes.LongType),
    REVENUE("revenue", NumericType.class, DataTypes.DoubleType);

    private final String column;
    private final Class<? extends DataType> stored;
    private final DataType shown;

    Measure(String column, Class<? extends DataType> stored, DataType shown) {
      this.column = column;
      this.stored = stored;
      this.shown = shown;
    }

    String column() {
      return column;
    }

    private boolean is(StructField field) {
      return field.name().equals(column) && stored.isInstance(field.dataType());
    }

    private Column in(Column value) {
      Column number = value.cast(shown);
      // One NaN would hide the revenue of all other sessions.
      return this == REVENUE ? when(finite(number), number) : number;
    }
  }

  static ColumnChoice of(List<StructField> columns) {
    List<String> texts =
        columns.stream()
            .filter(field -> field.dataType() instanceof StringType)
            .map(StructField::name)
            .toList();
    int shown = Math.min(MOST_TEXTS, texts.size());
    List<Measure> measures = new ArrayList<>();
    for (Measure measure : Measure.values()) {
      if (columns.stream().anyMatch(measure::is)) {
        measures.add(measure);
      }
    }
    return new ColumnChoice(texts.subList(0, shown), texts.size() - shown, measures);
  }

  /**
   * Selects all measures under their names and the texts under {@link #textNames}, so that no name
   * that a user has chosen is part of a query. A column that is missing is null.
   */
  List<Column> columns(StructType stored) {
    List<Column> columns = new ArrayList<>();
    for (Measure measure : Measure.values()) {
      Column value = measures.contains(measure) ? value(stored, measure.column()) : lit(null);
      columns.add(measure.in(value).as(measure.column()));
    }
    for (int i = 0; i < texts.size(); i++) {
      Column value = value(stored, texts.get(i)).cast(DataTypes.StringType);
      columns.add(substring(value, 1, VALUE_LENGTH).as(textNames().get(i)));
    }
    return columns;
  }

  List<String> textNames() {
    return IntStream.range(0, texts.size()).mapToObj(number -> "text_" + number).toList();
  }

  private static Column value(StructType stored, String name) {
    return LiveRows.has(stored, name) ? col(TableNames.quote(name)) : lit(null);
  }

  static Column finite(Column number) {
    return number.between(-Double.MAX_VALUE, Double.MAX_VALUE);
  }
}
