package io.sessionize.source;

import io.sessionize.offsets.Offsets;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * Reads the topics of a job, with a checkpoint that stores the position. Implemented with Kafka and
 * Spark, and in memory for tests.
 *
 * @param <R> the records of a batch
 */
public interface Source<R> extends AutoCloseable {

  /** Describes the current state of the topics. */
  KafkaTopics describe();

  /** Returns the maximum number of offsets in one batch. */
  long maxOffsets();

  /**
   * Whether to fail if Kafka has deleted offsets before they were read, instead of continuing
   * without them.
   */
  boolean failOnDataLoss();

  /** Returns the location of the checkpoint, for messages. */
  String checkpoint();

  /**
   * Returns the offsets at which the next batch of the stream begins; {@link Offsets#NONE} for a
   * new checkpoint.
   *
   * @return empty, if the checkpoint is damaged, or is of other topics
   * @throws io.sessionize.Failure unreachable, if the checkpoint's storage fails
   */
  Optional<Offsets> position();

  /** Whether there is a checkpoint, of whatever topic. */
  boolean hasCheckpoint();

  /**
   * Renames the checkpoint, so that the next stream begins at the given offsets.
   *
   * @return its new location
   */
  String setCheckpointAside();

  /**
   * Returns the records of the ranges {@code [from, to)}; both name every partition of the topics.
   */
  R range(Offsets from, Offsets to);

  /**
   * Reads the records that the topics hold at the time of the call, batch after batch. Returns when
   * all are read.
   *
   * @param start offsets at which it starts without a checkpoint; names every partition
   * @param stop returns true to end between two batches
   * @param batch processes each batch; when it returns, the checkpoint advances
   */
  void stream(Offsets start, BooleanSupplier stop, Consumer<Streamed<R>> batch);

  /** Closes what the source keeps open from one description of the topics to the next. */
  @Override
  default void close() {}

  /** One batch of the stream. */
  interface Streamed<R> {

    /** Returns the next offset of each partition after this batch. */
    Offsets end();

    /**
     * Returns the records from these offsets on. A checkpoint may lag behind the tables, so earlier
     * records may be in a batch again.
     */
    R since(Offsets from);
  }
}
