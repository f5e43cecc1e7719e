package io.sessionize.source;

import io.sessionize.offsets.Offsets;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * One topic as a job reads it, with the checkpoint that remembers where it was: Kafka through
 * Spark, or a list in memory in tests.
 *
 * @param <R> a batch's records
 */
public interface Source<R> {

  /** The topic as it stands now. */
  KafkaTopic describe();

  /** Most offsets of one batch. */
  long maxOffsets();

  /** Whether to fail where Kafka has deleted what was not read, instead of going on without it. */
  boolean failOnDataLoss();

  /** Where the checkpoint is, for people. */
  String checkpoint();

  /**
   * Where the next batch of the stream begins; {@link Offsets#NONE} for a new checkpoint.
   *
   * @return nothing, where the checkpoint cannot be made out
   * @throws io.sessionize.Failure unreachable
   */
  Optional<Offsets> position();

  /**
   * Moves the checkpoint out of the way, so that the next stream begins where it is told to.
   *
   * @return where it lies now
   */
  String setCheckpointAside();

  /** The records of the ranges {@code [from, to)}; both name every partition of the topic. */
  R range(Offsets from, Offsets to);

  /**
   * Reads, batch after batch, all that the topic holds when this is called.
   *
   * @param start where it starts without a checkpoint; every partition named
   * @param latest where the topic ended when last asked, which tells how much there is to read
   * @param stop asks to end between two batches
   * @param batch what becomes of each; where it returns, the checkpoint moves on
   */
  void stream(Offsets start, Offsets latest, BooleanSupplier stop, Consumer<Streamed<R>> batch);

  /** One batch of the stream. */
  interface Streamed<R> {

    /** The next offset of each partition after it. */
    Offsets end();

    /** Its records without those before these offsets: a checkpoint may lag behind the tables. */
    R since(Offsets from);
  }
}
