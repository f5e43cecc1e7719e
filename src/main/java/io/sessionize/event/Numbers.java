package io.sessionize.event;

import java.math.BigDecimal;
import java.util.regex.Pattern;

/** Parses numbers in any notation of JSON, with JSON's blanks around. */
final class Numbers {
  private static final String BLANKS = " \t\r\n";
  private static final int LONGEST = 1000;
  private static final Pattern NUMBER =
      Pattern.compile("-?[0-9]++(?:\\.[0-9]++)?+(?:[eE][+-]?[0-9]++)?+");

  private Numbers() {}

  /**
   * A whole number: {@code 1790875736200}, {@code 1790875736200.0}, {@code 1.79E12}. Null if the
   * text is none, or beyond a long.
   */
  static Long whole(String given) {
    String text = withoutBlanks(given);
    boolean digits = true;
    for (int i = text.startsWith("-") ? 1 : 0; i < text.length() && digits; i++) {
      digits = text.charAt(i) >= '0' && text.charAt(i) <= '9';
    }
    try {
      if (digits) {
        return Long.parseLong(text);
      }
      BigDecimal number = decimal(text);
      return number == null ? null : (Long) number.longValueExact();
    } catch (NumberFormatException | ArithmeticException e) {
      return null;
    }
  }

  /**
   * A number of at most 1,000 characters; null if the text is none. Its exponent may be huge: check
   * it before any arithmetic.
   */
  static BigDecimal decimal(String given) {
    String text = withoutBlanks(given);
    // The time to parse a decimal number grows with the square of its length.
    if (text.length() > LONGEST || !NUMBER.matcher(text).matches()) {
      return null;
    }
    try {
      return new BigDecimal(text);
    } catch (NumberFormatException e) {
      return null;
    }
  }

  /** The same number in this many digits; null if it has more. */
  static BigDecimal fitted(BigDecimal number, int precision, int scale) {
    if (number.signum() == 0) {
      return BigDecimal.ZERO.setScale(scale);
    }
    // Before any arithmetic, which may fail for a huge exponent.
    if ((long) number.precision() - number.scale() > precision - scale) {
      return null;
    }
    BigDecimal shortest = number.stripTrailingZeros();
    return shortest.scale() <= scale ? shortest.setScale(scale) : null;
  }

  /** A finite number; null if the text is none. There is one zero. */
  static Double finite(String given) {
    String text = withoutBlanks(given);
    if (text.length() > LONGEST || !NUMBER.matcher(text).matches()) {
      return null;
    }
    double number = Double.parseDouble(text) + 0.0;
    return Double.isInfinite(number) ? null : (Double) number;
  }

  /** Removes JSON's blanks around a text. Other white space could differ between languages. */
  static String withoutBlanks(String text) {
    int begin = 0;
    int end = text.length();
    while (begin < end && BLANKS.indexOf(text.charAt(begin)) >= 0) {
      begin++;
    }
    while (end > begin && BLANKS.indexOf(text.charAt(end - 1)) >= 0) {
      end--;
    }
    return text.substring(begin, end);
  }
}
