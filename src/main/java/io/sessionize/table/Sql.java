package io.sessionize.table;

import io.sessionize.summary.TableNames;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/**
 * Loads a statement from the {@code sql} folder, which is packed into the jar unchanged. Only the
 * job's own identifiers and literals made from numbers are filled in; values are passed as columns.
 */
public final class Sql {
  private String text;

  private Sql(String text) {
    this.text = text;
  }

  /** Reads a statement by its path within {@code sql}, without the file extension. */
  public static Sql named(String name) {
    try (InputStream file = Sql.class.getResourceAsStream("/sql/" + name + ".sql")) {
      return new Sql(new String(file.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Takes the text of a statement that a user gives. */
  public static Sql of(String text) {
    return new Sql(text);
  }

  /** Replaces each {@code ${key}} by the value. */
  public Sql with(String key, String value) {
    text = text.replace("${" + key + "}", value);
    return this;
  }

  /** Fills in the names of the three tables and the views. */
  public Sql with(TableNames names) {
    return with("sessions", names.sessions())
        .with("open", names.open())
        .with("rejected", names.rejected())
        .with("live", names.live())
        .with("visits", names.visits())
        .with("identities", names.identities())
        .with("persons", names.persons());
  }

  /** Returns the statement. */
  public String text() {
    return text;
  }
}
