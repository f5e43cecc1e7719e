package io.sessionize.table;

import io.sessionize.summary.TableNames;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/**
 * A statement from the {@code sql} folder, packed into the jar as it lies there. Only identifiers
 * of ours and literals made from numbers are filled in; values travel as columns.
 */
public final class Sql {
  private String text;

  private Sql(String text) {
    this.text = text;
  }

  /** Reads a statement by its path within {@code sql}, without the ending. */
  public static Sql named(String name) {
    try (InputStream file = Sql.class.getResourceAsStream("/sql/" + name + ".sql")) {
      return new Sql(new String(file.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Fills in every {@code ${key}}. */
  public Sql with(String key, String value) {
    text = text.replace("${" + key + "}", value);
    return this;
  }

  /** Fills in the four names. */
  public Sql with(TableNames names) {
    return with("sessions", names.sessions())
        .with("open", names.open())
        .with("rejected", names.rejected())
        .with("live", names.live());
  }

  /** The statement. */
  public String text() {
    return text;
  }
}
