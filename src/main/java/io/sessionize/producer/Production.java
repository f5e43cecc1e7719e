package io.sessionize.producer;

import io.sessionize.progress.Progress;
import java.util.Locale;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/** Sends what a source holds, at its pace, until the source ends or it is told to stop. */
public final class Production {
  private static final double NANOS = 1e9;

  private Production() {}

  /**
   * What was done.
   *
   * @param events confirmed by Kafka
   * @param nanos how long it took
   */
  public record Result(long events, long nanos, String topic) {

    /** One line for people and scripts. */
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
   * Sends, and returns when all that was sent is confirmed.
   *
   * @param stop asked before each event
   * @param nanoTime the clock, as {@link System#nanoTime}
   * @throws io.sessionize.Failure where Kafka did not take an event, or the source cannot be read
   */
  public static Result run(
      Source source,
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
