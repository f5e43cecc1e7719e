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
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Decodes the records of one topic. Not thread-safe. */
final class TopicDecoder implements RecordDecoder {
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
    try {
      if (isBatch) {
        batch(record).forEach(results);
        return;
      }
      try (JsonParser json = format.open(record.value())) {
        reader.readEvent(json);
      }
      results.accept(events.read(record, null));
    } catch (IOException e) {
      results.accept(rejected(e));
    }
  }

  private List<Decoded> batch(KafkaRecord record) throws IOException {
    List<Element> elements;
    try (JsonParser json = format.open(record.value())) {
      elements = reader.readBatch(json);
    }
    List<Decoded> decoded = new ArrayList<>();
    BitSet broken = new BitSet();
    for (int i = 0; i < elements.size(); i++) {
      decoded.add(element(record, i, elements.get(i)));
      broken.set(i, decoded.get(i) instanceof Rejected);
    }
    if (!broken.isEmpty()) {
      // Rare: so the texts of elements are not kept in the first pass.
      try (JsonParser json = format.open(record.value())) {
        Map<Integer, String> texts = reader.readTexts(json, broken);
        texts.forEach(
            (i, text) -> {
              Rejected rejected = (Rejected) decoded.get(i);
              byte[] value = JsonText.bytes(reader.stored(text));
              decoded.set(i, new Rejected(rejected.reason(), rejected.detail(), i, value));
            });
      }
    }
    return decoded;
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
