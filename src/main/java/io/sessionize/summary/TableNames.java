package io.sessionize.summary;

/**
 * The names of the tables of one job. The callers have checked every part: letters, digits and
 * underscores; the catalog may have dashes too.
 *
 * @param catalog Spark's name of the Iceberg catalog
 * @param database the Iceberg namespace
 * @param table the sessions table; the names of the other tables begin with it
 */
public record TableNames(String catalog, String database, String table) {

  private static final String OPEN = "_open";
  private static final String REJECTED = "_rejected";
  private static final String LIVE = "_live";

  /** Whether a name ends like that of a staging table, a rejected table or a live view. */
  public static boolean isDerived(String table) {
    return table.endsWith(OPEN) || table.endsWith(REJECTED) || table.endsWith(LIVE);
  }

  /** The sessions table. */
  public String sessions() {
    return qualified(table);
  }

  /** The staging table. */
  public String open() {
    return qualified(table + OPEN);
  }

  /** The rejected table. */
  public String rejected() {
    return qualified(table + REJECTED);
  }

  /** The live view of closed and open sessions. */
  public String live() {
    return qualified(table + LIVE);
  }

  /** The view of visitor numbers. Only a user creates it, as the two others. */
  public String visits() {
    return qualified(table + "_visits");
  }

  /** The view of the user ids that were seen on each device. */
  public String identities() {
    return qualified(table + "_identities");
  }

  /** The view of the person of each session. */
  public String persons() {
    return qualified(table + "_persons");
  }

  public String namespace() {
    return quote(catalog) + "." + quote(database);
  }

  private String qualified(String name) {
    return namespace() + "." + quote(name);
  }

  /** A qualified name without quotes, for messages. */
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
