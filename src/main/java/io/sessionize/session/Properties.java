package io.sessionize.session;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * The values of the properties of one event. Two of them are equal if their values are, whatever
 * properties without a value each of them has.
 *
 * <p>The natural order is by the values in the order of the properties, nulls last. All events of a
 * job have the same properties in the same order.
 */
public final class Properties implements Comparable<Properties> {
  private final List<Property> columns;
  private final Object[] values;

  private Properties(List<Property> columns, Object[] values) {
    this.columns = columns;
    this.values = values;
  }

  /**
   * Returns the values as properties; null if there is no value.
   *
   * @param columns the properties, the same list for all events
   * @param values of each property, in this order: see {@link PropertyType}; may be null. The array
   *     is not copied.
   */
  public static Properties of(List<Property> columns, Object[] values) {
    for (Object value : values) {
      if (value != null) {
        return new Properties(columns, values);
      }
    }
    return null;
  }

  /**
   * Returns the value of a property; null if the event has none.
   *
   * @param name of the property; an unknown property has no value
   */
  public Object get(String name) {
    for (int i = 0; i < values.length; i++) {
      if (columns.get(i).name().equals(name)) {
        return values[i];
      }
    }
    return null;
  }

  /** Returns the value of the property at this position; null if the event has none. */
  public Object get(int position) {
    return position < values.length ? values[position] : null;
  }

  @Override
  public int compareTo(Properties other) {
    int most = Math.max(values.length, other.values.length);
    for (int i = 0; i < most; i++) {
      int byValue = compare(get(i), other.get(i));
      if (byValue != 0) {
        return byValue;
      }
    }
    return 0;
  }

  /** Compares values of one property, nulls last. */
  static int compare(Object one, Object other) {
    if (one instanceof String text && other instanceof String otherText) {
      return Texts.compare(text, otherText);
    }
    return NULLS_LAST.compare(one, other);
  }

  @SuppressWarnings("unchecked")
  private static final Comparator<Object> NULLS_LAST =
      Comparator.nullsLast((one, other) -> ((Comparable<Object>) one).compareTo(other));

  @Override
  public boolean equals(Object other) {
    return other instanceof Properties properties && compareTo(properties) == 0;
  }

  @Override
  public int hashCode() {
    // A value of null has no part in it: the arrays may differ in length.
    int hash = 0;
    for (int i = 0; i < values.length; i++) {
      hash += values[i] == null ? 0 : (i + 1) * values[i].hashCode();
    }
    return hash;
  }

  @Override
  public String toString() {
    return Arrays.toString(values);
  }
}
