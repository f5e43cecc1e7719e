package io.sessionize.cli;

import io.sessionize.Failure;
import io.sessionize.event.Definition;
import io.sessionize.producer.FileReplay;
import io.sessionize.producer.JourneySource;
import io.sessionize.producer.KafkaSink;
import io.sessionize.producer.MappedKey;
import io.sessionize.producer.MessageSource;
import io.sessionize.producer.Pacer;
import io.sessionize.producer.Production;
import io.sessionize.producer.Rate;
import io.sessionize.producer.Sample;
import io.sessionize.producer.Target;
import io.sessionize.progress.Progress;
import io.sessionize.source.KafkaConnection;
import java.io.PrintStream;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.LoggerFactory;

/** {@code produce}: sends realistic user journeys, or the lines of a file, to Kafka. */
final class ProduceCommand implements Command {
  private static final String TOPIC = "clickstream-events";
  private static final long MOST_USERS = 1_000_000;
  private static final long MOST_PARTITIONS = 10_000;

  @Override
  public String name() {
    return "produce";
  }

  @Override
  public String summary() {
    return "Send realistic user journeys, or the lines of a file, to Kafka";
  }

  @Override
  public List<Opt> options() {
    return Opts.join(
        OptGroup.BROKERS,
        Opt.TOPIC,
        Opt.PARTITIONS,
        Opt.NUM_USERS,
        Opt.RATE,
        Opt.DURATION,
        Opt.SAMPLE,
        Opt.FROM_FILE,
        Opt.DEFINITION,
        Opt.SEED,
        OptGroup.LOGGING);
  }

  @Override
  public void execute(Arguments arguments, PrintStream out) throws Exception {
    arguments.expectWords(List.of());
    refuse(arguments, Opt.FROM_FILE, Opt.SAMPLE, Opt.NUM_USERS, Opt.DURATION, Opt.SEED);
    Definition definition = DefinitionOptions.ofProducer(arguments);
    Rate rate = new Rate(number(arguments, Opt.RATE, Rate.MOST));
    Target target = target(arguments, definition);
    if (arguments.has(Opt.SAMPLE)) {
      for (byte[] line : Sample.lines(random(arguments), Clock.systemUTC().instant())) {
        out.write(line);
        out.write('\n');
      }
      return;
    }
    boolean paced = !arguments.has(Opt.FROM_FILE) || arguments.has(Opt.RATE);
    try (MessageSource source = source(arguments, rate, definition);
        KafkaSink sink = KafkaSink.open(target)) {
      send(source, paced ? rate : null, sink, out);
    }
  }

  private static void send(MessageSource source, Rate rate, KafkaSink sink, PrintStream out)
      throws InterruptedException {
    CountDownLatch stop = new CountDownLatch(1);
    CountDownLatch done = new CountDownLatch(1);
    Interruption.onSignalPrint("buffered events are still sent.");
    Interruption.onShutdownAwait(stop, done);
    try {
      Pacer pacer =
          rate == null
              ? Pacer.none()
              : Pacer.even(rate, System::nanoTime, ns -> stop.await(ns, TimeUnit.NANOSECONDS));
      Production.Result result;
      try (Progress progress =
          Progress.on(System.err, "sent", "events", source.planned(), System::nanoTime)) {
        result =
            Production.run(
                source, pacer, sink, progress, () -> stop.getCount() == 0, System::nanoTime);
      }
      out.println(result.line());
    } finally {
      done.countDown();
    }
  }

  private static MessageSource source(Arguments arguments, Rate rate, Definition definition) {
    String file = arguments.text(Opt.FROM_FILE);
    if (file != null) {
      return definition == null
          ? FileReplay.open(Path.of(file))
          : FileReplay.open(Path.of(file), new MappedKey(definition));
    }
    int users = number(arguments, Opt.NUM_USERS, MOST_USERS);
    Duration duration = arguments.duration(Opt.DURATION);
    if (duration != null && duration.isZero()) {
      throw Failure.usage("--duration must be longer than 0.");
    }
    return new JourneySource(users, rate, duration, random(arguments), Clock.systemUTC());
  }

  private static SplittableRandom random(Arguments arguments) {
    Long given = arguments.number(Opt.SEED);
    long seed = given == null ? new SecureRandom().nextInt(Integer.MAX_VALUE) + 1L : given;
    LoggerFactory.getLogger(ProduceCommand.class).info("Generating journeys with --seed {}", seed);
    return new SplittableRandom(seed);
  }

  private static String topic(Arguments arguments, Definition definition) {
    return definition != null
        ? definition.topics().firstKey()
        : arguments.has(Opt.TOPIC) ? arguments.topic(Opt.TOPIC) : TOPIC;
  }

  private static Target target(Arguments arguments, Definition definition) {
    String topic = topic(arguments, definition);
    KafkaConnection connection = KafkaOptions.connection(arguments);
    return new Target(connection, topic, number(arguments, Opt.PARTITIONS, MOST_PARTITIONS));
  }

  private static int number(Arguments arguments, Opt opt, long most) {
    long number = arguments.number(opt);
    if (number > most) {
      throw Failure.usage("--%s must be at most %d, not %d.", opt.longName(), most, number);
    }
    return (int) number;
  }

  private static void refuse(Arguments arguments, Opt opt, Opt... others) {
    for (Opt other : others) {
      if (arguments.has(opt) && arguments.has(other)) {
        throw Failure.usage(
            "--%s cannot be used with --%s: omit one of them.", other.longName(), opt.longName());
      }
    }
  }
}
