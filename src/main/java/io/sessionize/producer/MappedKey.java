package io.sessionize.producer;

import io.sessionize.event.Decoded;
import io.sessionize.event.Definition;
import io.sessionize.event.KafkaRecord;
import io.sessionize.event.Limits;
import io.sessionize.event.MappingDecoder;
import io.sessionize.event.RecordDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.UnaryOperator;

/** Finds the key of a line of a file: the uuid of its first event, as a definition maps it. */
public final class MappedKey implements UnaryOperator<byte[]> {
  /** No time of a record is known: an event may have any time. */
  private static final long UNKNOWN = -1;

  private final String topic;
  private final RecordDecoder decoder;

  /**
   * @param definition of one topic, which is JSON
   */
  public MappedKey(Definition definition) {
    this.topic = definition.topics().firstKey();
    this.decoder = new MappingDecoder(definition, 1, List.of(), new Limits(0, null));
  }

  /** Returns the key; null for a line without an event. */
  @Override
  public byte[] apply(byte[] line) {
    byte[][] key = new byte[1][];
    decoder.decode(
        new KafkaRecord(topic, 0, 0, UNKNOWN, line),
        decoded -> {
          if (key[0] == null && decoded instanceof Decoded.Valid valid) {
            key[0] = valid.uuid().getBytes(StandardCharsets.UTF_8);
          }
        });
    return key[0];
  }
}
