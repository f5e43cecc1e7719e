package io.sessionize.cli;

import io.sessionize.Failure;
import io.sessionize.table.SessionTables;
import java.util.List;
import org.apache.spark.sql.SparkSession;

/** One word of {@code audit}. */
interface AuditQuestion {

  /** Checks the command line before anything is started. */
  void check(Arguments arguments);

  /** Answers. */
  void answer(SparkSession spark, SessionTables tables, Arguments arguments, RowPrinter printer);

  /** Refuses options of another word's. */
  static void refuse(Arguments arguments, Opt... options) {
    for (Opt opt : options) {
      if (arguments.has(opt)) {
        throw Failure.usage(
            "--%s does not go with audit %s.", opt.longName(), arguments.words().get(0));
      }
    }
  }

  /** Refuses more words than these. */
  static void expect(Arguments arguments, int words, String usage) {
    List<String> given = arguments.words();
    if (given.size() != words) {
      throw Failure.usage("It is: sessionize audit %s; not '%s'.", usage, String.join(" ", given));
    }
  }
}
