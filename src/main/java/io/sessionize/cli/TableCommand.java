package io.sessionize.cli;

import io.sessionize.spark.SparkSessions;
import io.sessionize.spark.WarehouseAccess;
import java.io.PrintStream;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.apache.spark.sql.SparkSession;

/**
 * A command that works on the tables. It checks the whole command line before it uses Kafka, the
 * warehouse or Spark: a typing error is reported at once, and as an error of usage.
 */
abstract class TableCommand implements Command {

  /** A command whose command line is checked. */
  @FunctionalInterface
  interface PreparedCommand {
    /**
     * Asks other services what is needed. It is called before Spark is started, which takes
     * seconds.
     */
    default void askServices() throws InterruptedException {}

    /** Returns the latch that ends the work in good order; empty if a signal ends the process. */
    default Optional<CountDownLatch> stop() {
      return Optional.empty();
    }

    /** Does the work and prints its results. */
    void execute(TableContext context) throws Exception;
  }

  /**
   * Checks the command line by itself.
   *
   * @throws io.sessionize.Failure of usage, naming what is wrong
   */
  abstract PreparedCommand check(Arguments arguments);

  /** Returns the line that SIGINT and SIGTERM print: what the interruption means for the tables. */
  abstract String onSignal();

  /** Returns what the command does with the warehouse. By default it reads. */
  WarehouseAccess access(Arguments arguments) {
    return WarehouseAccess.READ;
  }

  /** Checks the words beside the options. By default there are none. */
  void checkWords(Arguments arguments) {
    arguments.expectWords(List.of());
  }

  @Override
  public void execute(Arguments arguments, PrintStream out) throws Exception {
    checkWords(arguments);
    PreparedCommand work = check(arguments);
    String warehouse = arguments.text(Opt.WAREHOUSE);
    Map<String, String> settings = SparkOptions.settings(arguments);
    SparkSessions.check(warehouse, settings, access(arguments));
    work.stop()
        .ifPresentOrElse(
            stop -> Interruption.onSignalStop(stop, onSignal()),
            () -> Interruption.onSignalPrint(onSignal()));
    work.askServices();
    if (work.stop().filter(stop -> stop.getCount() == 0).isPresent()) {
      // While it waited for a service.
      return;
    }
    try (SparkSession spark = SparkSessions.start(warehouse, settings, access(arguments))) {
      work.execute(new TableContext(spark, arguments, out));
    }
  }
}
