package io.sessionize.event.registry;

import io.sessionize.Failure;
import java.io.Serializable;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * The user and the password of schema registries, under the names of Confluent's clients. They are
 * sent only to the addresses that the same file names: a definition may come from the tables, and
 * who can write to the tables must not get them.
 */
public final class RegistrySettings implements Serializable {
  private static final long serialVersionUID = 1L;

  /** No user. */
  public static final RegistrySettings NONE = new RegistrySettings(List.of(), null);

  private static final String URL = "schema.registry.url";
  private static final String USER_INFO = "basic.auth.user.info";
  private static final String SOURCE = "basic.auth.credentials.source";
  private static final String PREFIX = "schema.registry.";
  private static final Set<String> KNOWN =
      Set.of(URL, USER_INFO, SOURCE, PREFIX + USER_INFO, PREFIX + SOURCE);

  private final List<String> addresses;
  private final String authorization;

  private RegistrySettings(List<String> addresses, String authorization) {
    this.addresses = addresses;
    this.authorization = authorization;
  }

  /**
   * Returns whether a setting is one of a schema registry, and not one of a Kafka client.
   *
   * @param name of a setting in the file of {@code --kafka-properties}
   */
  public static boolean isOne(String name) {
    return name.startsWith(PREFIX)
        || name.startsWith("basic.auth.")
        || name.startsWith("bearer.auth.");
  }

  /**
   * Reads the settings of {@code --kafka-properties}: {@code schema.registry.url} and {@code
   * basic.auth.user.info} or {@code schema.registry.basic.auth.user.info}.
   *
   * @throws Failure of usage, if they are incomplete, or one is not supported
   */
  public static RegistrySettings of(Map<String, String> settings) {
    for (String name : new TreeSet<>(settings.keySet())) {
      if (isOne(name) && !KNOWN.contains(name)) {
        throw Failure.usage(
            "The setting %s of --kafka-properties is not supported: a schema registry has %s and"
                + " %s.",
            name, URL, USER_INFO);
      }
    }
    String source = either(settings, SOURCE);
    String userInfo = either(settings, USER_INFO);
    if (source != null && !source.strip().equalsIgnoreCase("USER_INFO")) {
      throw Failure.usage(
          "The %s of --kafka-properties must be USER_INFO, not '%s'.", SOURCE, source);
    }
    if (userInfo == null) {
      return NONE;
    }
    if (userInfo.indexOf(':') <= 0) {
      throw Failure.usage("The %s of --kafka-properties must be user:password.", USER_INFO);
    }
    String urls = settings.get(URL);
    if (urls == null) {
      throw Failure.usage(
          "--kafka-properties has %s, but no %s, which says where it may be sent.", USER_INFO, URL);
    }
    return new RegistrySettings(
        addresses(urls),
        "Basic "
            + Base64.getEncoder()
                .encodeToString(userInfo.strip().getBytes(StandardCharsets.UTF_8)));
  }

  private static String either(Map<String, String> settings, String name) {
    return settings.getOrDefault(PREFIX + name, settings.get(name));
  }

  /**
   * Returns the addresses of one registry, without slashes at their ends.
   *
   * @param registry one or more addresses with commas between
   * @throws Failure of usage, if one is not an address, or has a user, a query or a fragment
   */
  static List<String> addresses(String registry) {
    return Arrays.stream(registry.split(",")).map(RegistrySettings::address).toList();
  }

  private static String address(String given) {
    String text = given.strip().replaceFirst("/+$", "");
    URI address;
    try {
      address = URI.create(text);
    } catch (IllegalArgumentException e) {
      throw noAddress();
    }
    // A registry without a host is part of a path, and a user or a query, which may be a key, would
    // be shown with it.
    boolean isWeb = "http".equals(address.getScheme()) || "https".equals(address.getScheme());
    if (!isWeb
        || address.getHost() == null
        || address.getRawUserInfo() != null
        || address.getRawQuery() != null
        || address.getRawFragment() != null) {
      throw noAddress();
    }
    return text;
  }

  /** The text is not shown: it may have a password. */
  private static Failure noAddress() {
    return Failure.usage(
        "The address of a schema registry must be http://host:port or https://host:port, without a"
            + " user, ? or #: %s of --kafka-properties has the user and the password.",
        USER_INFO);
  }

  /**
   * Checks that the password is not sent unencrypted.
   *
   * @throws Failure of usage, if an address of the registry begins with http: and gets it
   */
  void requireEncrypted(String registry) {
    for (String address : addresses(registry)) {
      if (address.startsWith("http:") && authorization(address) != null) {
        throw Failure.usage(
            "The schema registry %s would receive %s unencrypted: use https, or set"
                + " spark.sessionize.credential-over-http=true.",
            address, USER_INFO);
      }
    }
  }

  /** Returns the value of the header {@code Authorization}; null without a user. */
  String authorization(String address) {
    return addresses.contains(address) ? authorization : null;
  }

  /** Returns the addresses only. */
  @Override
  public String toString() {
    return addresses.toString();
  }
}
