package io.sessionize.summary;

/**
 * What the tables of one job are called. Every part is a checked name: letters, digits and
 * underscores, in the catalog's dashes too.
 *
 * @param catalog Spark's name of the Iceberg catalog
 * @param database the Iceberg namespace
 * @param table the table of closed sessions; the others are named after it
 */
public record TableNames(String catalog, String database, String table) {

  private static final String OPEN = "_open";
  private static final String REJECTED = "_rejected";
  private static final String LIVE = "_live";

  /** Whether a name could be that of a table which is named after another. */
  public static boolean isDerived(String table) {
    return table.endsWith(OPEN) || table.endsWith(REJECTED) || table.endsWith(LIVE);
  }

  /** Closed sessions. */
  public String sessions() {
    return qualified(table);
  }

  /** Open sessions: the staging table. */
  public String open() {
    return qualified(table + OPEN);
  }

  /** Records that were not sessionized. */
  public String rejected() {
    return qualified(table + REJECTED);
  }

  /** The view over closed and open sessions. */
  public String live() {
    return qualified(table + LIVE);
  }

  public String namespace() {
    return quote(catalog) + "." + quote(database);
  }

  private String qualified(String name) {
    return namespace() + "." + quote(name);
  }

  /** A qualified name as people read it. */
  public static String plain(String qualified) {
    return qualified.replace("`", "");
  }

  /** The last part of a qualified name. */
  public static String simple(String qualified) {
    String plain = plain(qualified);
    return plain.substring(plain.lastIndexOf('.') + 1);
  }

  public static String quote(String identifier) {
    return "`" + identifier.replace("`", "``") + "`";
  }
}
