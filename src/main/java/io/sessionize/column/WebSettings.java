package io.sessionize.column;

import java.io.Serializable;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * What the set {@code web} has to know of a site.
 *
 * @param version of the set. Tables keep the version that they have recorded.
 * @param views names or types of the events that are views; empty: each event with a page is one
 * @param keyEvents names or types of the events that are conversions
 * @param ownHosts hosts of the site: a referrer from one of them, or from a subdomain of one, is
 *     internal
 * @param activeCapSeconds the longest pause between two events that counts as active time
 */
public record WebSettings(
    int version,
    SortedSet<String> views,
    SortedSet<String> keyEvents,
    SortedSet<String> ownHosts,
    int activeCapSeconds)
    implements Serializable {

  /** The newest version of the set. */
  public static final int VERSION = 1;

  public WebSettings {
    views = new TreeSet<>(views);
    keyEvents = new TreeSet<>(keyEvents);
    ownHosts = new TreeSet<>(ownHosts);
  }

  /** Whether all but the version is the same. */
  boolean hasSettingsOf(WebSettings other) {
    return equals(
        new WebSettings(
            version, other.views, other.keyEvents, other.ownHosts, other.activeCapSeconds));
  }
}
