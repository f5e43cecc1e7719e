package io.sessionize.event;

import java.util.function.Consumer;

/** Decodes records to events and rejections. An implementation need not be thread-safe. */
public interface RecordDecoder {

  /**
   * Decodes a record.
   *
   * @param results gets what becomes of it, in the order of the record. It gets one result, or one
   *     for each element of a batch of events; none for an empty batch.
   */
  void decode(KafkaRecord record, Consumer<Decoded> results);

  /**
   * Decodes one element of a batch of events, which was rejected before.
   *
   * @param element its value is that of the element alone
   * @param index of the element in its record
   * @param results gets one result
   */
  void decodeElement(KafkaRecord element, int index, Consumer<Decoded> results);
}
