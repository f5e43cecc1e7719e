package io.sessionize;

import java.util.ArrayList;
import java.util.List;

/**
 * Ends a command with one line for the operator: what is wrong, with which value, and what to do.
 * Its kind tells an orchestrator whether to retry.
 */
public final class Failure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** What kind of failure it is, with its exit code. */
  public enum Kind {
    /** Any other failure; a retry may help. */
    OTHER(1),
    /** Usage or configuration; a retry does not help. */
    USAGE(2),
    /** Data loss or a broken invariant; an operator must act. */
    BROKEN(3),
    /** Another writer committed first; retry. */
    CONFLICT(4),
    /** A service could not be reached; retry later. */
    UNREACHABLE(5);

    private final int exitCode;

    Kind(int exitCode) {
      this.exitCode = exitCode;
    }

    /** Returns the exit code of the process. */
    public int exitCode() {
      return exitCode;
    }
  }

  private final Kind kind;
  private final String forTheLog;
  private final boolean mayPass;

  public Failure(Kind kind, String message, Throwable cause) {
    this(kind, message, message, cause);
  }

  /**
   * @param message for the terminal
   * @param forTheLog the same without the personal data of the message
   */
  public Failure(Kind kind, String message, String forTheLog, Throwable cause) {
    this(kind, message, forTheLog, cause, false);
  }

  private Failure(Kind kind, String message, String forTheLog, Throwable cause, boolean mayPass) {
    super(message, cause);
    this.kind = kind;
    this.forTheLog = forTheLog;
    this.mayPass = mayPass;
  }

  public static Failure usage(String format, Object... args) {
    return new Failure(Kind.USAGE, String.format(format, args), null);
  }

  /**
   * A failure of usage, or the state of a moment, which looks the same. A command cannot know, and
   * a retry does not help it. Only a process that has seen another state before waits: see {@link
   * #mayPass}.
   */
  public static Failure usageOrMoment(String format, Object... args) {
    String message = String.format(format, args);
    return new Failure(Kind.USAGE, message, message, null, true);
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

  /** An exception and its causes, each once: they may form a circle. */
  public static List<Throwable> chain(Throwable thrown) {
    List<Throwable> chain = new ArrayList<>();
    for (Throwable t = thrown; t != null && !chain.contains(t); t = t.getCause()) {
      chain.add(t);
    }
    return chain;
  }

  /** Returns the message for the log, which holds no user. */
  public String forTheLog() {
    return forTheLog;
  }

  public Kind kind() {
    return kind;
  }

  /** Whether it may be the state of a moment, whatever its kind. */
  public boolean mayPass() {
    return mayPass;
  }
}
