package io.sessionize.store;

/**
 * What the tables of one job are called. Every part is a checked name (letters, digits and
 * underscores) or comes from Spark's own configuration.
 *
 * @param catalog Spark's name of the Iceberg catalog
 * @param database the Iceberg namespace
 * @param table the table of closed sessions; the others are named after it
 */
public record TableNames(String catalog, String database, String table) {

  /** Closed sessions. */
  public String sessions() {
    return qualified(table);
  }

  /** Open sessions: the staging table. */
  public String open() {
    return qualified(table + "_open");
  }

  /** Records that were not sessionized. */
  public String rejected() {
    return qualified(table + "_rejected");
  }

  /** The view over closed and open sessions. */
  public String live() {
    return qualified(table + "_live");
  }

  String namespace() {
    return quote(catalog) + "." + quote(database);
  }

  private String qualified(String name) {
    return namespace() + "." + quote(name);
  }

  /** A qualified name as people read it. */
  public static String plain(String qualified) {
    return qualified.replace("`", "");
  }

  static String quote(String identifier) {
    return "`" + identifier.replace("`", "``") + "`";
  }
}
