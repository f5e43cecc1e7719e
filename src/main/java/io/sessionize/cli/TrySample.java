package io.sessionize.cli;

import io.sessionize.Failure;
import io.sessionize.event.Definition;
import io.sessionize.event.KafkaRecord;
import io.sessionize.producer.RecordFile;
import io.sessionize.source.KafkaConnection;
import io.sessionize.source.LastRecords;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * A record that a definition is tried on.
 *
 * @param place where it comes from, for people
 */
record TrySample(KafkaRecord record, String place) {
  /** The most lines of a file that are used: all events are held in memory. */
  static final int LINES = 100_000;

  private static final long RECORDS = 1000;
  private static final String STDIN = "-";

  /** A line of a file has no time of a Kafka record. */
  private static final long UNKNOWN_TIME = -1;

  /**
   * Reads the file, with at most one line more than are used, or the newest records of the topics.
   *
   * @throws Failure of usage, if it is not known which topic the file is of; unreachable
   */
  static List<TrySample> read(Arguments arguments, Definition definition) {
    return arguments.has(Opt.FROM_FILE)
        ? ofFile(arguments.text(Opt.FROM_FILE), topicOfFile(arguments, definition))
        : ofKafka(arguments, definition);
  }

  private static String topicOfFile(Arguments arguments, Definition definition) {
    if (arguments.has(Opt.KAFKA_TOPIC)) {
      return arguments.topic(Opt.KAFKA_TOPIC);
    }
    if (definition.topics().size() > 1) {
      throw Failure.usage(
          "The definition has several topics: say with --kafka-topic of which one the file is: %s.",
          String.join(", ", definition.topics().keySet()));
    }
    return definition.topics().firstKey();
  }

  private static List<TrySample> ofFile(String name, String topic) {
    List<TrySample> samples = new ArrayList<>();
    Path file = Path.of(name.equals(STDIN) ? "/dev/stdin" : name);
    try (RecordFile lines = RecordFile.open(file)) {
      byte[] line;
      while (samples.size() <= LINES && (line = lines.next()) != null) {
        samples.add(
            new TrySample(
                new KafkaRecord(topic, 0, lines.number() - 1, UNKNOWN_TIME, line),
                "line " + lines.number()));
      }
    }
    return samples;
  }

  private static List<TrySample> ofKafka(Arguments arguments, Definition definition) {
    KafkaConnection connection = KafkaOptions.connection(arguments);
    Collection<String> topics =
        arguments.has(Opt.KAFKA_TOPIC)
            ? List.of(arguments.topic(Opt.KAFKA_TOPIC))
            : definition.topics().keySet();
    Long last = arguments.number(Opt.LAST);
    List<TrySample> samples = new ArrayList<>();
    for (String topic : topics) {
      LastRecords.read(connection, topic, last == null ? RECORDS : last)
          .forEach(
              record ->
                  samples.add(
                      new TrySample(
                          new KafkaRecord(
                              topic,
                              record.partition(),
                              record.offset(),
                              record.timestamp(),
                              record.value()),
                          "partition " + record.partition() + ", offset " + record.offset())));
    }
    return samples;
  }
}
