package io.sessionize.event;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import io.sessionize.event.Decoded.Reason;
import io.sessionize.event.Decoded.Rejected;
import io.sessionize.event.RecordReader.Element;
import io.sessionize.session.Property;
import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Decodes the records of one topic. Not thread-safe. */
final class TopicDecoder implements RecordDecoder {
  /** Characters of values of the record that are stored with the rejected elements of a batch. */
  private static final long MOST_REPEATED = 16 << 20;

  private final RecordFormat format;
  private final RecordFormat storedFormat = RecordFormat.json();
  private final boolean isBatch;
  private final RecordReader reader;
  private final EventReader events;

  /**
   * @param columns the properties of the tables
   */
  TopicDecoder(
      RecordFormat format, TopicDefinition topic, List<Property> columns, EventReader.Rules rules) {
    this.format = format;
    isBatch = topic.records() != null;
    PointerNode record = new PointerNode();
    PointerNode event = new PointerNode();
    if (isBatch) {
      record.add(topic.records()).markBatch();
    }
    events = new EventReader(topic, columns, rules, record, event);
    reader = new RecordReader(isBatch ? record : null, event);
  }

  @Override
  public void decode(KafkaRecord record, Consumer<Decoded> results) {
    if (record.value() == null) {
      results.accept(new Rejected(Reason.MALFORMED, "no value (a tombstone)"));
      return;
    }
    if (isBatch) {
      batch(record, results);
      return;
    }
    Decoded decoded;
    try (JsonParser json = format.open(record.value())) {
      decoded = event(json, record);
    } catch (IOException e) {
      decoded = rejected(e);
    }
    results.accept(decoded);
  }

  private Decoded event(JsonParser json, KafkaRecord record) throws IOException {
    try {
      reader.readEvent(json);
      return events.read(record, null);
    } catch (RuntimeException e) {
      throw UnreadableException.unexpected(e);
    }
  }

  private void batch(KafkaRecord record, Consumer<Decoded> results) {
    List<Decoded> decoded = new ArrayList<>();
    Map<Integer, String> texts;
    String values;
    try {
      texts = decode(record, decoded);
      values = reader.recordValues();
      requireShort(values, texts.values());
    } catch (IOException e) {
      results.accept(rejected(e));
      return;
    }
    for (int i = 0; i < decoded.size(); i++) {
      String text = texts.get(i);
      if (text == null) {
        results.accept(decoded.get(i));
      } else {
        Rejected no = (Rejected) decoded.get(i);
        byte[] stored = JsonText.bytes(RecordReader.stored(text, values));
        results.accept(new Rejected(no.reason(), no.detail(), i, stored));
      }
    }
  }

  /**
   * Decodes the elements of a batch.
   *
   * @return the texts of rejected elements, by index
   */
  private Map<Integer, String> decode(KafkaRecord record, List<Decoded> decoded)
      throws IOException {
    List<Element> elements;
    try (JsonParser json = format.open(record.value())) {
      elements = reader.readBatch(json);
    }
    BitSet broken = new BitSet();
    for (int i = 0; i < elements.size(); i++) {
      decoded.add(element(record, i, elements.get(i)));
      broken.set(i, decoded.get(i) instanceof Rejected);
    }
    if (broken.isEmpty()) {
      return Map.of();
    }
    // Rare: so the texts of elements are not kept in the first pass.
    try (JsonParser json = format.open(record.value())) {
      return reader.readTexts(json, broken);
    }
  }

  /** A small record could become a large number of stored bytes. */
  private static void requireShort(String values, Collection<String> texts)
      throws UnreadableException {
    long elements = texts.stream().filter(text -> text.startsWith("{")).count();
    if (elements * values.length() > MOST_REPEATED) {
      throw UnreadableException.malformed(
          elements
              + " elements are wrong, and the values of the record, "
              + values.length()
              + " characters, are too long to be stored with each");
    }
  }

  private Decoded element(KafkaRecord record, int index, Element element) {
    if (element.error() != null) {
      return new Rejected(Reason.MALFORMED, element.error());
    }
    reader.restore(element);
    try {
      return events.read(record, index);
    } catch (UnreadableException e) {
      return rejected(e);
    } catch (RuntimeException e) {
      return rejected(UnreadableException.unexpected(e));
    }
  }

  @Override
  public void decodeElement(KafkaRecord element, int index, Consumer<Decoded> results) {
    Decoded decoded;
    try {
      boolean isRead;
      try (JsonParser json = storedFormat.open(element.value())) {
        isRead = reader.readStored(json);
      }
      if (!isRead) {
        try (JsonParser json = storedFormat.open(element.value())) {
          reader.readEvent(json);
        }
      }
      decoded = events.read(element, index);
    } catch (IOException e) {
      decoded = rejected(e);
    } catch (RuntimeException e) {
      decoded = rejected(UnreadableException.unexpected(e));
    }
    results.accept(
        decoded instanceof Rejected no
            ? new Rejected(no.reason(), no.detail(), index, element.value())
            : decoded);
  }

  /** The reader reads from memory only, so that the record is the cause. */
  private static Rejected rejected(IOException e) {
    if (e instanceof UnreadableException unreadable) {
      return new Rejected(unreadable.reason(), e.getMessage());
    }
    return new Rejected(
        Reason.MALFORMED,
        e instanceof JsonProcessingException json ? json.getOriginalMessage() : e.getMessage());
  }
}
