package io.sessionize.session;

import java.io.Serializable;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The type of a property.
 *
 * <pre>
 *   kind       value in Java   note
 *   STRING     String
 *   LONG       Long
 *   DOUBLE     Double          finite
 *   BOOLEAN    Boolean
 *   DECIMAL    BigDecimal      of this precision and scale
 *   TIMESTAMP  Instant         whole microseconds
 * </pre>
 *
 * @param kind of the type
 * @param precision of a decimal: number of digits, 1 to 38; else 0
 * @param scale of a decimal: digits after the point, 0 to the precision; else 0
 */
public record PropertyType(Kind kind, int precision, int scale) implements Serializable {
  public static final PropertyType STRING = new PropertyType(Kind.STRING, 0, 0);
  public static final PropertyType LONG = new PropertyType(Kind.LONG, 0, 0);
  public static final PropertyType DOUBLE = new PropertyType(Kind.DOUBLE, 0, 0);
  public static final PropertyType BOOLEAN = new PropertyType(Kind.BOOLEAN, 0, 0);
  public static final PropertyType TIMESTAMP = new PropertyType(Kind.TIMESTAMP, 0, 0);

  private static final int MAX_PRECISION = 38;
  private static final Pattern DECIMAL =
      Pattern.compile("decimal\\(\\s*(\\d{1,2})\\s*,\\s*(\\d{1,2})\\s*\\)");

  /** The kinds of types. */
  public enum Kind {
    STRING,
    LONG,
    DOUBLE,
    BOOLEAN,
    DECIMAL,
    TIMESTAMP
  }

  /** A decimal of this precision and scale. */
  public static PropertyType decimal(int precision, int scale) {
    if (precision < 1 || precision > MAX_PRECISION || scale > precision) {
      throw new IllegalArgumentException("decimal(" + precision + "," + scale + ")");
    }
    return new PropertyType(Kind.DECIMAL, precision, scale);
  }

  /**
   * Parses the {@link #text} of a type.
   *
   * @throws IllegalArgumentException if it is no type
   */
  public static PropertyType parse(String text) {
    Matcher decimal = DECIMAL.matcher(text);
    if (decimal.matches()) {
      return decimal(Integer.parseInt(decimal.group(1)), Integer.parseInt(decimal.group(2)));
    }
    Kind kind = Kind.valueOf(text.toUpperCase(Locale.ROOT));
    if (kind == Kind.DECIMAL) {
      throw new IllegalArgumentException(text);
    }
    return new PropertyType(kind, 0, 0);
  }

  /** Whether a column of this type can become one of the other, with all its values. */
  public boolean widensTo(PropertyType other) {
    return equals(other)
        || kind == Kind.DECIMAL
            && other.kind == Kind.DECIMAL
            && scale == other.scale
            && precision <= other.precision;
  }

  /** The type as a definition writes it: {@code string}, {@code decimal(10,2)}. */
  public String text() {
    return kind == Kind.DECIMAL
        ? "decimal(" + precision + "," + scale + ")"
        : kind.name().toLowerCase(Locale.ROOT);
  }
}
