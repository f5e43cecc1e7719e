package io.sessionize.testing;

import io.sessionize.Failure;
import io.sessionize.audit.proof.PastRun;
import io.sessionize.audit.proof.Proof;
import io.sessionize.cli.AuditProve;
import io.sessionize.cli.Failures;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;

/** Output of the command line, for tests of other packages. */
public final class Shown {
  private Shown() {}

  public static Failure failure(Throwable thrown) {
    return Failures.explain(thrown);
  }

  /**
   * The output of {@code audit prove}.
   *
   * @param failure that ended it, or null
   */
  public record Proved(String out, Failure failure) {}

  public static Proved proof(Proof proof, List<PastRun> runs) {
    return proof(out -> AuditProve.prove(proof, runs, out, true));
  }

  /** Returns the output of {@code audit prove --no-ids}. */
  public static Proved proofWithoutIds(Proof proof, List<PastRun> runs) {
    return proof(out -> AuditProve.prove(proof, runs, out, false));
  }

  public static Proved proofOfLast(Proof proof, long most) {
    return proof(out -> AuditProve.proveLast(proof, most, out, true));
  }

  public static Proved proofSince(Proof proof, Instant from) {
    return proof(out -> AuditProve.proveSince(proof, from, out, true));
  }

  private static Proved proof(Consumer<PrintStream> command) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Failure failure = null;
    try {
      command.accept(new PrintStream(out, true, StandardCharsets.UTF_8));
    } catch (Failure e) {
      failure = e;
    }
    return new Proved(out.toString(StandardCharsets.UTF_8), failure);
  }
}
