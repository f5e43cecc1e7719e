package io.sessionize.testing;

/**
 * The number of random histories that the property tests run. {@code
 * -Dsessionize.test.histories=2000} runs a tenth of all.
 */
public final class Histories {
  private static final int ALL = 20_000;
  private static final int SHARE = Integer.getInteger("sessionize.test.histories", ALL);

  private Histories() {}

  /**
   * The histories to run of {@code count}, at least one.
   *
   * @param count the number that a full run has
   */
  public static int of(int count) {
    return Math.max(1, Math.toIntExact((long) count * SHARE / ALL));
  }
}
