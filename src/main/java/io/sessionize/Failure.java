package io.sessionize;

/**
 * An end that the operator has to know about: one clear line (what is wrong, with which value, what
 * to do) and a kind that tells an orchestrator whether to retry.
 */
public final class Failure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Who acts, as an exit code. */
  public enum Kind {
    /** Anything not foreseen; a retry may help. */
    OTHER(1),
    /** Usage or configuration; a retry does not help. */
    USAGE(2),
    /** Data loss or a broken invariant; a person has to look. */
    BROKEN(3),
    /** Another writer was faster; retry. */
    CONFLICT(4),
    /** A service could not be reached; retry later. */
    UNREACHABLE(5);

    private final int exitCode;

    Kind(int exitCode) {
      this.exitCode = exitCode;
    }

    /** The process's exit code. */
    public int exitCode() {
      return exitCode;
    }
  }

  private final Kind kind;

  public Failure(Kind kind, String message, Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  public static Failure usage(String format, Object... args) {
    return new Failure(Kind.USAGE, String.format(format, args), null);
  }

  public static Failure broken(String format, Object... args) {
    return new Failure(Kind.BROKEN, String.format(format, args), null);
  }

  public static Failure conflict(Throwable cause, String format, Object... args) {
    return new Failure(Kind.CONFLICT, String.format(format, args), cause);
  }

  public static Failure unreachable(Throwable cause, String format, Object... args) {
    return new Failure(Kind.UNREACHABLE, String.format(format, args), cause);
  }

  public Kind kind() {
    return kind;
  }
}
