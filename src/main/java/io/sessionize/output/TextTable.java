package io.sessionize.output;

import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import org.jline.utils.WCWidth;

/** Lays out rows as a text table: side by side, or each row as a list of its cells. */
public final class TextTable {
  /** As in Spark's tables. */
  private static final int NARROWEST = 3;

  private final List<String> header;
  private final List<List<String>> rows;
  private final int[] widths;

  /**
   * Takes cells, and escapes them: each becomes one line.
   *
   * @param rows as many cells each as the header
   */
  public TextTable(List<String> header, List<List<String>> rows) {
    this.header = header.stream().map(Printable::line).toList();
    this.rows = rows.stream().map(row -> row.stream().map(Printable::line).toList()).toList();
    this.widths = new int[header.size()];
    Arrays.fill(widths, NARROWEST);
    widen(this.header);
    this.rows.forEach(this::widen);
  }

  private void widen(List<String> cells) {
    for (int i = 0; i < widths.length; i++) {
      widths[i] = Math.max(widths[i], width(cells.get(i)));
    }
  }

  /** Returns the number of columns of a terminal that a text takes: some letters take two. */
  public static int width(String text) {
    return text.codePoints().map(c -> Math.max(0, WCWidth.wcwidth(c))).sum();
  }

  /**
   * Returns the lines, each with its line break: side by side if that fits.
   *
   * @param most columns of the terminal; empty for no limit
   */
  public String fitting(OptionalInt most) {
    int wide = Arrays.stream(widths).sum() + widths.length + 1;
    return most.isPresent() && wide > most.getAsInt() ? vertical() : wide();
  }

  private String wide() {
    StringBuilder text = new StringBuilder();
    StringBuilder rule = new StringBuilder("+");
    for (int width : widths) {
      rule.append("-".repeat(width)).append('+');
    }
    rule.append('\n');
    text.append(rule);
    wide(header, text);
    text.append(rule);
    rows.forEach(row -> wide(row, text));
    return text.append(rule).toString();
  }

  private void wide(List<String> cells, StringBuilder text) {
    text.append('|');
    for (int i = 0; i < widths.length; i++) {
      text.append(padded(cells.get(i), widths[i])).append('|');
    }
    text.append('\n');
  }

  private String vertical() {
    int names = header.stream().mapToInt(TextTable::width).max().orElse(0);
    StringBuilder text = new StringBuilder();
    for (int row = 0; row < rows.size(); row++) {
      text.append("-[ row ").append(row + 1).append(" ]").append("-".repeat(names)).append('\n');
      for (int i = 0; i < widths.length; i++) {
        text.append(padded(header.get(i), names)).append(" | ");
        text.append(rows.get(row).get(i)).append('\n');
      }
    }
    return rows.isEmpty() ? wide() : text.toString();
  }

  /** Returns the text with spaces after it, up to a width in columns of a terminal. */
  public static String padded(String text, int width) {
    return text + " ".repeat(Math.max(0, width - width(text)));
  }
}
