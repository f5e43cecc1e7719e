package io.sessionize.spark;

import io.sessionize.Failure;
import java.util.List;
import java.util.Locale;
import org.apache.spark.SparkConf;

/** Refuses settings of a catalog that would send its credential unencrypted. */
final class CatalogCredentials {
  /** Says that the network is private, or that another program encrypts it. */
  static final String ALLOWED = "spark.sessionize.credential-over-http";

  private static final List<String> ADDRESSES = List.of(".uri", ".oauth2-server-uri");
  private static final List<String> CREDENTIALS =
      List.of(".credential", ".token", ".rest.auth.basic.password", ".header.Authorization");

  private CatalogCredentials() {}

  /**
   * Checks the settings of one catalog.
   *
   * @param prefix of its settings, without the last dot
   * @throws Failure of usage, if it has a credential, and an address that begins with http:
   */
  static void requireEncrypted(SparkConf conf, String prefix) {
    if (conf.getBoolean(ALLOWED, false)) {
      return;
    }
    for (String credential : CREDENTIALS) {
      for (String address : ADDRESSES) {
        String uri = conf.get(prefix + address, "").strip().toLowerCase(Locale.ROOT);
        if (conf.contains(prefix + credential) && uri.startsWith("http:")) {
          throw Failure.usage(
              "%s%s is an http address, and would receive %s%s unencrypted: use https, or set %s=true.",
              prefix, address, prefix, credential, ALLOWED);
        }
      }
    }
  }
}
