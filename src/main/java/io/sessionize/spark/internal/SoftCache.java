package io.sessionize.spark.internal;

import java.lang.ref.SoftReference;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Values that can be made again, in the memory of the process while there is space: the garbage
 * collector removes them before memory runs out. Tasks that want the same value wait for one of
 * them to make it.
 */
final class SoftCache<V> {
  private final int most;
  private final Map<String, Entry<V>> entries = new LinkedHashMap<>(16, 0.75f, true);

  private static final class Entry<V> {
    private SoftReference<V> value = new SoftReference<>(null);

    synchronized V get(Supplier<V> make) {
      V known = value.get();
      if (known == null) {
        known = make.get();
        value = new SoftReference<>(known);
      }
      return known;
    }
  }

  /**
   * @param most how many values to keep: those that were used last
   */
  SoftCache(int most) {
    this.most = most;
  }

  V get(String key, Supplier<V> make) {
    return entry(key).get(make);
  }

  private synchronized Entry<V> entry(String key) {
    Entry<V> entry = entries.computeIfAbsent(key, name -> new Entry<>());
    if (entries.size() > most) {
      entries.remove(entries.keySet().iterator().next());
    }
    return entry;
  }
}
