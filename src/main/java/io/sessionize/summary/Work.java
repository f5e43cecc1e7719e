package io.sessionize.summary;

import java.time.LocalDate;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The command of a batch and its limits. The users are counted, not recorded.
 *
 * @param command that ran
 * @param users how many users it was limited to; empty for all users
 * @param from the first UTC day it was limited to; empty for no limit
 * @param to the last UTC day it was limited to; empty for no limit
 */
public record Work(
    Command command, Optional<Integer> users, Optional<LocalDate> from, Optional<LocalDate> to) {

  public static final Work RUN = new Work(Command.RUN);
  public static final Work BACKFILL = new Work(Command.BACKFILL);
  public static final Work RECOMPUTE = new Work(Command.RECOMPUTE);
  public static final Work COLUMNS = new Work(Command.COLUMNS);
  public static final Work RETRY = new Work(Command.RETRY);
  public static final Work RECOVER = new Work(Command.RECOVER);

  /** The commands that commit batches, and the one that repairs a commit point. */
  public enum Command {
    RUN("run"),
    BACKFILL("backfill"),
    RECOMPUTE("recompute"),
    /** Of the session columns of some days. */
    COLUMNS("recompute --columns-only"),
    /** Of rejected records: {@code rejected retry}. */
    RETRY("retry"),
    RECOVER("recover");

    private final String text;

    Command(String text) {
      this.text = text;
    }

    /** The name on the command line. */
    public String text() {
      return text;
    }

    static Command of(String text) {
      return Stream.of(values())
          .filter(command -> command.text.equals(text))
          .findFirst()
          .orElseThrow(() -> new IllegalArgumentException(text));
    }
  }

  private Work(Command command) {
    this(command, Optional.empty(), Optional.empty(), Optional.empty());
  }

  /** The same work limited to some users; 0 for all users. */
  public Work ofUsers(int count) {
    return new Work(command, count == 0 ? Optional.empty() : Optional.of(count), from, to);
  }

  /** The same work limited to some days; null for no limit. */
  public Work ofDays(LocalDate first, LocalDate last) {
    return new Work(command, users, Optional.ofNullable(first), Optional.ofNullable(last));
  }

  /** This work together with that of an earlier batch of the same run: the days of both. */
  public Work after(Work earlier) {
    boolean areDays =
        command == Command.COLUMNS && earlier.command == Command.COLUMNS && to.isPresent();
    return areDays ? new Work(command, users, earlier.from, to) : this;
  }

  /** For messages, such as {@code backfill of 3 users}. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(command.text());
    users.ifPresent(count -> text.append(" of ").append(count).append(" users"));
    if (from.isPresent() && from.equals(to)) {
      return text.append(" of ").append(from.get()).toString();
    }
    from.ifPresent(day -> text.append(" from ").append(day));
    to.ifPresent(day -> text.append(" to ").append(day));
    return text.toString();
  }
}
