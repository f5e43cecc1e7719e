package io.sessionize.cli;

import io.sessionize.Failure;
import io.sessionize.Version;
import io.sessionize.offsets.OffsetRange;
import io.sessionize.offsets.Offsets;
import io.sessionize.session.GivenRules;
import io.sessionize.session.Rules;
import io.sessionize.session.Watermark;
import io.sessionize.source.KafkaReadOptions;
import io.sessionize.source.KafkaTopics;
import io.sessionize.source.OffsetSpecifier;
import io.sessionize.spark.WarehouseAccess;
import io.sessionize.table.Recovery;
import io.sessionize.table.Recovery.Recovered;
import java.time.Instant;
import java.util.List;

/** {@code recover}: rebuilds the commit point of a staging table that has lost its history. */
final class RecoverCommand extends TableCommand {

  @Override
  public String name() {
    return "recover";
  }

  @Override
  public String summary() {
    return "Rebuild the commit point of a staging table whose history and properties are lost";
  }

  @Override
  public List<Opt> options() {
    return Opts.join(
        Opt.FROM,
        Opt.DEFINITION,
        OptGroup.KAFKA,
        OptGroup.TABLES,
        OptGroup.RULES,
        OptGroup.SPARK,
        OptGroup.LOGGING);
  }

  @Override
  WarehouseAccess access(Arguments arguments) {
    return WarehouseAccess.CHANGE;
  }

  @Override
  String onSignal() {
    return "nothing is lost; run it again.";
  }

  @Override
  PreparedCommand check(Arguments arguments) {
    GivenRules rules = RuleOptions.read(arguments);
    KafkaReadOptions source = KafkaOptions.ranges(arguments);
    String from = arguments.text(Opt.FROM);
    if (from == null) {
      throw Failure.usage(
          "recover needs --from: the first offsets that the tables do not hold, such as 0:100,1:50. In doubt, use"
              + " --from earliest: records that were read before count once.");
    }
    OffsetSpecifier.checkBegin(from, source.topics(), true);
    return context -> {
      KafkaTopics topics = KafkaTopics.describe(source.connection(), source.topics());
      Offsets given = OffsetSpecifier.resolve(from, topics);
      topics.requireHolds(new OffsetRange(given, topics.latest().only(given).atLeast(given)));
      Offsets next = topics.earliest().atLeast(given);
      Recovery recovery = context.tables().recovery();
      Rules assumed = rules.apply(recovery.recordedRules().map(Rules::parse).orElse(Rules.DEFAULT));
      print(recovery.execute(Version.TEXT, topics.ids(), next, assumed), context);
    };
  }

  private static void print(Recovered recovered, TableContext context) {
    long watermarkMs = recovered.watermark().publishedMs();
    context
        .out()
        .printf(
            "assumed: the tables hold all records before offsets %s%n"
                + "assumed: their rows follow the rules %s%n"
                + "assumed: watermark %s, after the last row of %s%n"
                + "done: the next run begins at these offsets, with %d open sessions, and looks up the rows of all of them%n",
            recovered.next(),
            recovered.rules(),
            watermarkMs == Watermark.NONE ? "none" : Instant.ofEpochMilli(watermarkMs),
            context.names().table(),
            recovered.open());
  }
}
