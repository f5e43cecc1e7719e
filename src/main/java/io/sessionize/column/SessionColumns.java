package io.sessionize.column;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.sessionize.Failure;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * The session columns in use at one time, expanded: the columns of an included set are filled in.
 * The tables record its text.
 *
 * @param version of the form of this text
 * @param own columns that the definition file gives, by name
 * @param web the set web; null if it is not included
 */
public record SessionColumns(int version, List<SessionColumn> own, WebSet web)
    implements Serializable {

  /** No columns. */
  public static final SessionColumns NONE = new SessionColumns(List.of(), null);

  private static final int VERSION_1 = 1;
  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .serializationInclusion(JsonInclude.Include.NON_NULL)
          .build();

  /**
   * The set web as it was taken in.
   *
   * @param settings of the site, and the version of the set
   * @param properties names of the events' properties that it can use. Those that the tables got
   *     later are not among them.
   * @param columns in the order of the set
   */
  public record WebSet(WebSettings settings, List<String> properties, List<SessionColumn> columns)
      implements Serializable {

    public WebSet {
      properties = List.copyOf(properties);
      columns = List.copyOf(columns);
    }
  }

  public SessionColumns {
    own = List.copyOf(own);
  }

  /** Columns in the newest form. */
  public SessionColumns(List<SessionColumn> own, WebSet web) {
    this(VERSION_1, own, web);
  }

  /** All columns, those of the set last. */
  @JsonIgnore
  public List<SessionColumn> all() {
    List<SessionColumn> all = new ArrayList<>(own);
    if (web != null) {
      all.addAll(web.columns());
    }
    return all;
  }

  /** The columns in one line of JSON. Equal texts mean equal columns. */
  public String text() {
    try {
      return JSON.writeValueAsString(this);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * Parses the {@link #text} of columns.
   *
   * @throws Failure of usage, if this version does not know its form; broken, if it is damaged
   */
  public static SessionColumns parse(String text) {
    SessionColumns columns;
    try {
      columns = JSON.readValue(text, SessionColumns.class);
    } catch (JsonProcessingException e) {
      throw Failure.usage(
          "The session columns recorded with the tables are not known to this version (%s): upgrade the job.",
          e.getOriginalMessage());
    }
    if (columns == null
        || columns.version > VERSION_1
        || !columns.all().stream().allMatch(SessionColumns::isComplete)) {
      throw columns != null && columns.version > VERSION_1
          ? Failure.usage(
              "The session columns recorded with the tables have version %d, and this version of the job knows 1:"
                  + " upgrade the job.",
              columns.version)
          : Failure.broken(
              "The session columns recorded with the tables are damaged: restore the properties of the tables.");
    }
    return columns;
  }

  private static boolean isComplete(SessionColumn column) {
    return column.name() != null && column.type() != null && column.sql() != null;
  }

  /** The SHA-256 of the text, in hexadecimal digits. */
  public String hash() {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      return HexFormat.of().formatHex(digest.digest(text().getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
