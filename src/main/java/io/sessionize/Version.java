package io.sessionize;

import java.util.Optional;

/** The job's version, from the jar's manifest. */
public final class Version {
  /** Such as {@code 0.1.0}; {@code development} where the classes do not come from a jar. */
  public static final String TEXT =
      Optional.ofNullable(Version.class.getPackage().getImplementationVersion())
          .orElse("development");

  private Version() {}
}
