package io.sessionize.session;

import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Collection;
import java.util.HexFormat;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;

/**
 * The users that are set aside: all their records are rejected, and the tables hold no session of
 * them. It holds salted hashes, since the tables record it and user ids are personal data.
 *
 * @param salt empty if no user is set aside
 * @param hashes of the users
 */
public record SetAside(String salt, SortedSet<String> hashes) implements Serializable {
  /** No user is set aside. */
  public static final SetAside NONE = new SetAside("", new TreeSet<>());

  private static final int HASH_BYTES = 16;

  /**
   * Returns exactly these users as set aside. Users who already are keep their hash.
   *
   * @param users ids, as events have them
   */
  public SetAside of(Collection<String> users) {
    if (users.isEmpty()) {
      return NONE;
    }
    String kept = salt.isEmpty() ? UUID.randomUUID().toString() : salt;
    return new SetAside(
        kept,
        users.stream()
            .map(user -> hash(kept, user))
            .collect(Collectors.toCollection(TreeSet::new)));
  }

  /** The users that are set aside here, but not there. */
  public SetAside without(SetAside others) {
    if (!salt.equals(others.salt)) {
      return this;
    }
    SortedSet<String> rest = new TreeSet<>(hashes);
    rest.removeAll(others.hashes);
    return rest.isEmpty() ? NONE : new SetAside(salt, rest);
  }

  public boolean isEmpty() {
    return hashes.isEmpty();
  }

  /**
   * Whether a user is set aside.
   *
   * @param user null is never set aside
   */
  public boolean contains(String user) {
    return user != null && !hashes.isEmpty() && hashes.contains(hash(salt, user));
  }

  /** {@code salt:hash,hash}: the form that {@link #parse} reads. */
  public String text() {
    return salt + ":" + String.join(",", hashes);
  }

  /**
   * Reads the text of {@link #text}.
   *
   * @throws IllegalArgumentException if it is no such text
   */
  public static SetAside parse(String text) {
    int end = text.indexOf(':');
    if (end < 1 || end == text.length() - 1) {
      throw new IllegalArgumentException(text);
    }
    return new SetAside(
        text.substring(0, end), new TreeSet<>(Arrays.asList(text.substring(end + 1).split(","))));
  }

  private static String hash(String salt, String user) {
    try {
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      byte[] hash = sha.digest((salt + ":" + user).getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash, 0, HASH_BYTES);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
