package io.sessionize.session;

/**
 * An invariant of the tables that a stored row breaks.
 *
 * @param detail null if a value that it names is missing
 */
public record BrokenInvariant(String name, String detail) {

  /** The detail is made of these parts. */
  static BrokenInvariant of(String name, Object... parts) {
    StringBuilder detail = new StringBuilder();
    for (Object part : parts) {
      if (part == null) {
        return new BrokenInvariant(name, null);
      }
      detail.append(part);
    }
    return new BrokenInvariant(name, detail.toString());
  }
}
