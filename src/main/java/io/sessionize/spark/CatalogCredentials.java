package io.sessionize.spark;

import io.sessionize.Failure;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.SparkConf;
import scala.Tuple2;

/** Refuses settings of catalogs that would send a credential unencrypted. */
final class CatalogCredentials {
  /** Says that the network is private, or that another program encrypts it. */
  static final String ALLOWED = "spark.sessionize.credential-over-http";

  private static final Pattern SETTING = Pattern.compile("(spark\\.sql\\.catalog\\.[^.]+\\.)(.+)");

  /** Names in lower case. All headers but Iceberg's own can hold a credential. */
  private static final Pattern CREDENTIAL =
      Pattern.compile(
          "credential|token|header\\.(?!x-iceberg-access-delegation$).*"
              + "|(rest\\.auth|authentication)\\..*(password|token|credential|secret)"
              + "|urn:ietf:params:oauth:token-type:.*");

  private static final Pattern WITH_USER = Pattern.compile("http://[^/?#]*@.*");

  private CatalogCredentials() {}

  /**
   * Checks the settings of all catalogs.
   *
   * @throws Failure of usage, if one has a credential, and an address that begins with http:
   */
  static void requireEncrypted(SparkConf conf) {
    if (conf.getBoolean(ALLOWED, false)) {
      return;
    }
    Map<String, String> addresses = new TreeMap<>();
    Map<String, String> credentials = new TreeMap<>();
    for (Tuple2<String, String> setting : conf.getAll()) {
      Matcher matcher = SETTING.matcher(setting._1);
      if (matcher.matches()) {
        String name = matcher.group(2).toLowerCase(Locale.ROOT);
        String value = setting._2.strip().toLowerCase(Locale.ROOT);
        if (name.endsWith("uri") && value.startsWith("http:")) {
          if (WITH_USER.matcher(value).matches()) {
            throw refused(setting._1, "its user and password");
          }
          addresses.putIfAbsent(matcher.group(1), setting._1);
        } else if (CREDENTIAL.matcher(name).matches()) {
          credentials.putIfAbsent(matcher.group(1), setting._1);
        }
      }
    }
    addresses.forEach(
        (catalog, address) -> {
          if (credentials.containsKey(catalog)) {
            throw refused(address, credentials.get(catalog));
          }
        });
  }

  private static Failure refused(String address, String credential) {
    return Failure.usage(
        "%s is an http address, and would receive %s unencrypted: use https, or set %s=true.",
        address, credential, ALLOWED);
  }
}
