package io.sessionize.spark.internal;

import java.io.Serializable;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import java.util.TreeSet;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expressions;
import org.apache.spark.unsafe.types.UTF8String;
import org.apache.spark.util.sketch.BloomFilter;

/** Users whose rows are searched: by name if they are few, else those in a Bloom filter. */
public final class SearchedUsers implements Serializable {
  private static final long serialVersionUID = 1L;

  /** Iceberg compares at most so many literals with the bounds of files. */
  public static final int MOST_NAMED = 200;

  private final BloomFilter filter;

  /** In the order of their bytes; null if the users are many. */
  private final TreeSet<UTF8String> sorted;

  private final Set<UTF8String> names;

  private SearchedUsers(BloomFilter filter, TreeSet<UTF8String> sorted) {
    this.filter = filter;
    this.sorted = sorted;
    this.names = sorted == null ? null : new HashSet<>(sorted);
  }

  /** The users with these names: at most {@value #MOST_NAMED}. */
  public static SearchedUsers few(Collection<String> names) {
    TreeSet<UTF8String> sorted = new TreeSet<>();
    names.forEach(name -> sorted.add(UTF8String.fromString(name)));
    return new SearchedUsers(null, sorted);
  }

  /** The users in a Bloom filter, and possibly others. */
  public static SearchedUsers many(BloomFilter filter) {
    return new SearchedUsers(filter, null);
  }

  boolean areFew() {
    return sorted != null;
  }

  /** A filter: true for the rows of these users; for all rows, if the users are many. */
  public Expression rows() {
    return areFew()
        ? Expressions.in("uuid", sorted.stream().map(UTF8String::toString).toArray())
        : Expressions.alwaysTrue();
  }

  /** Whether a user is one of them, or possibly so. */
  boolean contain(UTF8String user) {
    return areFew() ? names.contains(user) : filter.mightContainBinary(user.getBytes());
  }

  /** The number of rows of a row group if it may have one of these users; else 0. */
  long rowsToRead(ParquetFooter.RowGroup group) {
    if (!areFew() || group.least() == null || group.greatest() == null) {
      return group.rows();
    }
    UTF8String first = sorted.ceiling(group.least());
    return first != null && first.compareTo(group.greatest()) <= 0 ? group.rows() : 0;
  }
}
