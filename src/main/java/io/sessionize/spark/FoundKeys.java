package io.sessionize.spark;

import io.sessionize.spark.internal.RowKey;
import java.io.Serializable;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * The keys of rows, each once. Bounded: takes one key more than the most that are wanted, which
 * shows that they are too many.
 */
final class FoundKeys implements Serializable {
  private static final long serialVersionUID = 1L;

  private final int most;
  private final Set<RowKey> keys = new LinkedHashSet<>();

  FoundKeys(int most) {
    this.most = most;
  }

  FoundKeys add(Iterator<RowKey> more) {
    while (!areTooMany() && more.hasNext()) {
      keys.add(more.next());
    }
    return this;
  }

  FoundKeys add(FoundKeys more) {
    return add(more.keys.iterator());
  }

  boolean areTooMany() {
    return keys.size() > most;
  }

  Set<RowKey> keys() {
    return keys;
  }
}
