package io.sessionize.column.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.column.web.Sources.Kind;
import io.sessionize.column.web.Sources.Site;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The file of sites and click ids. */
class SourcesTest {
  private final Sources sources = Sources.read();

  /**
   * So the order of the file, which decides in SQL, and the longest entry, which decides in Java,
   * give the same site.
   */
  @Test
  void eachEntryLeadsToItsOwnSite() {
    for (Site site : sources.sites()) {
      assertSame(site, sources.site(site.name()), site.name());
      for (String entry : site.entries()) {
        for (String host : hosts(entry)) {
          assertSame(site, sources.site(host), host);
        }
      }
    }
  }

  private static List<String> hosts(String entry) {
    if (!entry.contains(".")) {
      return List.of(entry);
    }
    String domain = entry.replace(".*", ".com");
    return entry.endsWith(".*")
        ? List.of(
            domain, "m." + domain, entry.replace("*", "de"), "m." + entry.replace("*", "co.uk"))
        : List.of(domain, "m." + domain);
  }

  @Test
  void noEntryOccursTwiceAndNoneHidesAnother() {
    Set<String> entries = new HashSet<>();
    Set<String> before = new HashSet<>();
    for (Site site : sources.sites()) {
      for (String entry : site.entries()) {
        assertTrue(entries.add(entry), entry);
        for (int dot = entry.indexOf('.'); dot >= 0; dot = entry.indexOf('.', dot + 1)) {
          String parent = entry.substring(dot + 1);
          assertTrue(
              !parent.contains(".") || !before.contains(parent), entry + " stands below " + parent);
        }
      }
      before.addAll(site.entries());
    }
  }

  @Test
  void theSitesAreSortedByKind() {
    List<Kind> kinds = sources.sites().stream().map(Site::kind).toList();
    assertEquals(kinds.stream().sorted().toList(), kinds);
    assertEquals(List.of(Kind.values()), kinds.stream().distinct().toList());
  }

  @Test
  void whatOnlyLooksLikeASiteIsNone() {
    for (String host :
        List.of("evilgoogle.com", "google.com.evil.example", "google.", "google.info.de", "")) {
      assertNull(sources.site(host), host);
    }
    assertNull(sources.site("blog.google"));
  }

  @Test
  void theSourcesOfClickIdsAreSites() {
    sources
        .clicks()
        .forEach(click -> assertTrue(sources.site(click.source()) != null, click.toString()));
  }
}
