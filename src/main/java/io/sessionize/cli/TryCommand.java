package io.sessionize.cli;

import io.sessionize.Failure;
import io.sessionize.event.Definition;
import io.sessionize.event.DefinitionFile;
import io.sessionize.event.Limits;
import io.sessionize.event.RecordFormat;
import io.sessionize.event.TopicDefinition;
import io.sessionize.event.registry.RegistryAccess;
import io.sessionize.event.registry.RegistryFormats;
import io.sessionize.event.registry.RegistrySettings;
import io.sessionize.event.registry.Schemas;
import io.sessionize.session.EventTests;
import io.sessionize.session.Rules;
import io.sessionize.trial.Trial;
import io.sessionize.trial.Tried;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/** {@code try}: shows what a definition makes of records. It writes nothing and has no tables. */
final class TryCommand implements Command {
  private static final int SUGGESTED_BY = 100;

  @Override
  public String name() {
    return "try";
  }

  @Override
  public String summary() {
    return "Show what a definition makes of records, without tables and without writing anything";
  }

  @Override
  public List<Opt> options() {
    return Opts.join(
        Opt.DEFINITION,
        Opt.FROM_FILE,
        OptGroup.KAFKA,
        Opt.LAST,
        OptGroup.RULES,
        OptGroup.EVENT_TIMES,
        Opt.FORMAT,
        OptGroup.LOGGING);
  }

  @Override
  public void execute(Arguments arguments, PrintStream out) throws Exception {
    arguments.expectWords(List.of());
    boolean json = isJson(arguments);
    if (arguments.has(Opt.FROM_FILE) && arguments.has(Opt.LAST)) {
      throw Failure.usage("--last is for a topic: omit it, or --from-file.");
    }
    Rules rules = RuleOptions.read(arguments).apply(Rules.DEFAULT);
    rules.validate();
    Limits limits = limits(arguments);
    Definition definition = definition(arguments);
    TryExpressions expressions =
        TryExpressions.of(definition, rules, DefinitionOptions.columns(arguments));
    Function<TopicDefinition, RecordFormat> formats = formats(arguments, definition);
    List<TrySample> samples = TrySample.read(arguments, definition);
    boolean isCut = arguments.has(Opt.FROM_FILE) && samples.size() > TrySample.LINES;
    if (isCut) {
      samples = samples.subList(0, TrySample.LINES);
    }
    Trial trial = new Trial(definition, limits, formats, rules, expressions.tests());
    samples.forEach(sample -> trial.add(sample.record(), sample.place()));
    Tried tried = trial.result(expressions);
    if (json) {
      out.println(TryJson.of(tried, expressions.columns()));
      return;
    }
    if (samples.isEmpty()) {
      out.println("There are no records.");
      return;
    }
    new TryPrinter(out).print(tried, expressions.columns());
    if (isCut) {
      out.printf("only the first %,d records were read%n", TrySample.LINES);
    }
    if (tried.topics().stream().allMatch(topic -> topic.elements() == topic.rejections())) {
      suggestPreset(samples, limits, out);
    }
  }

  private static boolean isJson(Arguments arguments) {
    String format = arguments.choice(Opt.FORMAT);
    if (!Set.of("table", "json").contains(format)) {
      throw Failure.usage("--format must be table or json, not '%s'.", format);
    }
    return format.equals("json");
  }

  private static Limits limits(Arguments arguments) {
    Duration horizon = arguments.duration(Opt.LATE_HORIZON);
    return new Limits(
        arguments.duration(Opt.CLOCK_SKEW).toMillis(), horizon == null ? null : horizon.toMillis());
  }

  /** Returns the definition, for the topic given if it has only one. */
  private static Definition definition(Arguments arguments) {
    Definition definition = DefinitionOptions.file(arguments);
    String topic = arguments.topic(Opt.KAFKA_TOPIC);
    if (definition == null) {
      return Definition.builtIn(topic);
    }
    if (!arguments.has(Opt.KAFKA_TOPIC)) {
      return definition;
    }
    if (definition.topics().size() == 1) {
      return definition.boundTo(Set.of(topic));
    }
    if (!definition.topics().containsKey(topic)) {
      throw Failure.usage(
          "The definition has no topic %s: give one of %s.",
          topic, String.join(", ", definition.topics().keySet()));
    }
    return definition;
  }

  /** The lines of a file are JSON, whatever format its topic has. */
  private static Function<TopicDefinition, RecordFormat> formats(
      Arguments arguments, Definition definition) {
    if (arguments.has(Opt.FROM_FILE)) {
      return topic -> RecordFormat.json();
    }
    RegistrySettings registries = KafkaOptions.registries(arguments);
    RegistryFormats.requireEncrypted(definition, registries);
    return new RegistryFormats(new Schemas(RegistryAccess.of(registries), List.of()), schema -> {});
  }

  /** Shows a definition by the preset that makes most events of the first records, if one does. */
  private static void suggestPreset(List<TrySample> samples, Limits limits, PrintStream out) {
    List<TrySample> first = samples.subList(0, Math.min(SUGGESTED_BY, samples.size()));
    Set<String> topics = new TreeSet<>();
    first.forEach(sample -> topics.add(sample.record().topic()));
    Optional<Suggestion> best =
        DefinitionFile.PRESETS.stream()
            .map(preset -> Suggestion.of(preset, topics, first, limits))
            .filter(suggestion -> suggestion.events > 0)
            .min(Comparator.naturalOrder());
    if (best.isPresent()) {
      out.printf(
          "The preset %s makes events of %,d of the first %,d records. As a definition:%n%n%s",
          best.get().preset, best.get().events, first.size(), best.get().text);
    }
  }

  /** A definition by a preset, and how many events and unused fields it leaves. The best first. */
  private record Suggestion(String preset, String text, long events, long unused)
      implements Comparable<Suggestion> {

    static Suggestion of(
        String preset, Set<String> topics, List<TrySample> samples, Limits limits) {
      StringBuilder text = new StringBuilder("version: 1\ntopics:\n");
      topics.forEach(topic -> text.append(String.format("  %s: {preset: %s}\n", topic, preset)));
      Trial trial =
          new Trial(
              DefinitionFile.parse(preset, text.toString()).definition(),
              limits,
              topic -> RecordFormat.json(),
              Rules.DEFAULT,
              EventTests.NONE);
      samples.forEach(sample -> trial.add(sample.record(), sample.place()));
      Tried tried = trial.result(Trial.Filter.NONE);
      long unused = tried.topics().stream().mapToLong(topic -> topic.unused().size()).sum();
      return new Suggestion(preset, text.toString(), tried.events() + tried.duplicates(), unused);
    }

    /** Segment's and RudderStack's events differ in a few fields only. */
    @Override
    public int compareTo(Suggestion other) {
      int byEvents = Long.compare(other.events, events);
      return byEvents != 0 ? byEvents : Long.compare(unused, other.unused);
    }
  }
}
