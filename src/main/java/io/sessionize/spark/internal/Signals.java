package io.sessionize.spark.internal;

import java.util.function.BooleanSupplier;
import org.apache.spark.util.SignalUtils;

/** Registers handlers of POSIX signals. Java has no public API for them. */
public final class Signals {
  private Signals() {}

  /**
   * Calls the handler when the process receives a signal.
   *
   * @param signal name, for example {@code TERM}
   * @param handler returns true if the signal must have no further effect
   */
  public static void on(String signal, BooleanSupplier handler) {
    SignalUtils.register(signal, handler::getAsBoolean);
  }
}
