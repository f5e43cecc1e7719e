package io.sessionize.event;

import io.sessionize.session.Event;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * The rules by which records become events.
 *
 * @param number of the definition, from 1; a copy of an event with the greater number wins
 * @param text of the definition
 */
public record Definition(int number, String text) {

  /**
   * The JSON shape that {@link EventDecoder} reads. Its text changes, and so its hash, if other
   * records become events. Its number stays while each event is decoded as before.
   */
  public static final Definition BUILT_IN =
      new Definition(Event.FIRST_DEFINITION, "built-in 2: times as 1790875736200.0");

  /** The SHA-256 of the text, in hexadecimal digits. */
  public String hash() {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      return HexFormat.of().formatHex(digest.digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
