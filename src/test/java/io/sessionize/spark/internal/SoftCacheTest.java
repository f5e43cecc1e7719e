package io.sessionize.spark.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SoftCacheTest {
  private final SoftCache<String> cache = new SoftCache<>(2);
  private final List<String> made = new ArrayList<>();

  private void get(String key) {
    String value =
        cache.get(
            key,
            () -> {
              made.add(key);
              return "value of " + key;
            });
    assertEquals("value of " + key, value);
  }

  @Test
  void theValuesThatWereUsedLastAreKept() {
    List.of("a", "b", "a", "c", "a", "c").forEach(this::get);
    assertEquals(List.of("a", "b", "c"), made);
    get("b");
    assertEquals(List.of("a", "b", "c", "b"), made);
    List.of("c", "a").forEach(this::get);
    assertEquals(List.of("a", "b", "c", "b", "a"), made);
  }

  @Test
  void aValueThatCouldNotBeMadeIsMadeNextTime() {
    assertThrows(
        IllegalStateException.class,
        () ->
            cache.get(
                "a",
                () -> {
                  throw new IllegalStateException("no space");
                }));
    get("a");
    get("a");
    assertEquals(List.of("a"), made);
  }
}
