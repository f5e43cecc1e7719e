package io.sessionize.session;

/** The events of a stored row as they are, by index. Each value of a damaged event may be null. */
public interface StoredEvents {
  /** How many events the row holds, damaged ones included; 0 if the column is null. */
  int size();

  /** Epoch milliseconds. */
  Long timeMs(int index);

  Long order(int index);

  String id(int index);

  boolean hasId(int index);

  String page(int index);
}
