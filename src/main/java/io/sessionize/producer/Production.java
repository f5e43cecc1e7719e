package io.sessionize.producer;

import io.sessionize.progress.Progress;
import java.util.Locale;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/** Sends the messages of a source at a given pace, until the source ends or a stop is requested. */
public final class Production {
  private static final double NANOS = 1e9;

  private Production() {}

  /**
   * The result of a production.
   *
   * @param events number of events that Kafka confirmed
   * @param nanos duration, nanoseconds
   */
  public record Result(long events, long nanos, String topic) {

    /** Returns the result as one line, for people and scripts. */
    public String line() {
      double seconds = nanos / NANOS;
      double perSecond = nanos == 0 ? 0 : events / seconds;
      return String.format(
          Locale.ROOT,
          "sent %d events in %.1f s (%.1f events/s) to topic %s",
          events,
          seconds,
          perSecond,
          topic);
    }
  }

  /**
   * Sends the messages, and returns when all are confirmed.
   *
   * @param stop read before each event; true ends the production
   * @param nanoTime clock, as {@link System#nanoTime}
   * @throws io.sessionize.Failure if Kafka does not accept an event, or the source cannot be read
   */
  public static Result run(
      MessageSource source,
      Pacer pacer,
      KafkaSink sink,
      Progress progress,
      BooleanSupplier stop,
      LongSupplier nanoTime)
      throws InterruptedException {
    long start = nanoTime.getAsLong();
    for (long index = 0; index != source.planned(); index++) {
      pacer.await(index);
      Message message = stop.getAsBoolean() ? null : source.next();
      if (message == null) {
        break;
      }
      sink.send(message);
      progress.show(sink.confirmed());
    }
    sink.flush();
    progress.show(sink.confirmed());
    return new Result(sink.confirmed(), nanoTime.getAsLong() - start, sink.topic());
  }
}
