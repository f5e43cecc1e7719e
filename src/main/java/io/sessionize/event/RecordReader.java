package io.sessionize.event;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads a record in one pass and fills the slots of its pointers. In a batch of events, the values
 * of each element are kept until the record has been read to its end.
 *
 * <p>Where the pointers of a record lead to a value that is no structure, or to nothing, there is
 * no value. An error in a value ends the reading of a record, but not that of a batch.
 */
final class RecordReader {
  private static final PointerNode NOWHERE = new PointerNode();
  private static final JsonToken[] NO_TOKENS = {};
  private static final String RECORD = "record";

  private final PointerNode record;
  private final PointerNode event;
  private final Slot[] recordSlots;
  private final Slot[] eventSlots;

  private JsonParser json;
  private StringBuilder copy;
  private boolean isElement;
  private String error;
  private List<Element> elements;
  private BitSet wanted;
  private final Map<Integer, String> texts = new HashMap<>();

  /**
   * An element of a batch.
   *
   * @param error what is wrong with it; null if nothing is
   * @param tokens of its slots; empty if none has a value
   * @param values of its slots, likewise
   */
  record Element(String error, JsonToken[] tokens, String[] values) {}

  /**
   * @param record pointers from the record that holds a batch; null if a record is one event
   * @param event pointers from the event
   */
  RecordReader(PointerNode record, PointerNode event) {
    this.record = record;
    this.event = event;
    recordSlots = record == null ? new Slot[0] : record.compile().toArray(Slot[]::new);
    eventSlots = event.compile().toArray(Slot[]::new);
  }

  /**
   * Reads a record that is one event.
   *
   * @throws UnreadableException if a value is wrong
   */
  void readEvent(JsonParser parser) throws IOException {
    begin(parser);
    if (json.nextToken() != JsonToken.START_OBJECT) {
      throw UnreadableException.malformed("not a JSON object");
    }
    value(event);
    checkEnd();
  }

  /**
   * Reads a record that holds a batch.
   *
   * @throws UnreadableException if the record, or a value outside the elements, is wrong
   */
  List<Element> readBatch(JsonParser parser) throws IOException {
    wanted = new BitSet();
    return batch(parser);
  }

  /** Reads the JSON texts of these elements of a batch, by index. */
  Map<Integer, String> readTexts(JsonParser parser, BitSet indexes) throws IOException {
    wanted = indexes;
    batch(parser);
    return texts;
  }

  private List<Element> batch(JsonParser parser) throws IOException {
    begin(parser);
    JsonToken first = json.nextToken();
    if (first == null || !first.isStructStart()) {
      throw UnreadableException.malformed("neither a JSON object nor an array");
    }
    try {
      value(record);
      checkEnd();
    } catch (RuntimeException e) {
      throw UnreadableException.unexpected(e);
    }
    if (elements == null) {
      throw UnreadableException.malformed("there is no array of events");
    }
    return elements;
  }

  /**
   * Reads an element that was stored as {@link #stored}.
   *
   * @return whether it was stored with values of its record. Else the parser is spent and nothing
   *     is read.
   */
  boolean readStored(JsonParser parser) throws IOException {
    begin(parser);
    if (json.nextToken() != JsonToken.START_OBJECT || !RECORD.equals(json.nextFieldName())) {
      return false;
    }
    if (json.nextToken() != JsonToken.START_OBJECT) {
      throw UnreadableException.malformed("there are no values of the record");
    }
    json.nextToken();
    for (; json.currentToken() != JsonToken.END_OBJECT; json.nextToken()) {
      PointerNode node = record == null ? null : record.find(json.currentName());
      json.nextToken();
      value(node == null ? NOWHERE : node);
    }
    if (!"element".equals(json.nextFieldName())) {
      throw UnreadableException.malformed("there is no element");
    }
    if (json.nextToken() != JsonToken.START_OBJECT) {
      throw UnreadableException.malformed("not a JSON object");
    }
    value(event);
    if (json.nextToken() != JsonToken.END_OBJECT) {
      throw UnreadableException.malformed("something follows the element");
    }
    checkEnd();
    return true;
  }

  /**
   * The values of the record that is read, by pointer, as fields of a JSON object; empty if there
   * are none.
   */
  String recordValues() {
    StringBuilder values = new StringBuilder();
    for (Slot slot : recordSlots) {
      if (slot.value() != null) {
        values.append(values.length() == 0 ? "" : ",");
        JsonText.appendString(values, slot.pointer());
        values.append(':');
        append(values, slot.token(), slot.value());
      }
    }
    return values.toString();
  }

  /**
   * The text by which an element is stored: {@code {"record": {VALUES}, "element": ELEMENT}}, if it
   * is an object and there are values of the record, or if it could be taken for that form; else
   * its own.
   *
   * @param element as {@link #readTexts} returns it, without blanks
   */
  static String stored(String element, String recordValues) {
    boolean isPlain = recordValues.isEmpty() && !element.startsWith("{\"" + RECORD + "\":");
    return isPlain || !element.startsWith("{")
        ? element
        : "{\"" + RECORD + "\":{" + recordValues + "},\"element\":" + element + "}";
  }

  /** Fills the slots with the values of an element. */
  void restore(Element element) {
    boolean isEmpty = element.tokens().length == 0;
    for (int i = 0; i < eventSlots.length; i++) {
      eventSlots[i].restore(
          isEmpty ? null : element.tokens()[i], isEmpty ? null : element.values()[i]);
    }
  }

  private void begin(JsonParser parser) {
    json = parser;
    copy = null;
    isElement = false;
    elements = null;
    clear(recordSlots);
    clear(eventSlots);
  }

  private static void clear(Slot[] slots) {
    for (Slot slot : slots) {
      slot.clear();
    }
  }

  private void checkEnd() throws IOException {
    if (json.nextToken() != null) {
      throw UnreadableException.malformed("something follows the JSON object");
    }
  }

  /** Reads the value that begins with the current token. */
  private void value(PointerNode node) throws IOException {
    JsonToken first = json.currentToken();
    if (!node.isLeaf()) {
      node.clearBelow();
      if (node.holdsBatch()) {
        elements = null;
      }
      if (node.isBatch()) {
        elements(first);
        return;
      }
    }
    Slot slot = node.slot();
    if (slot != null) {
      check(slot.error(first));
    }
    if (first.isStructStart()) {
      structure(node, slot, first);
      return;
    }
    String text = slot == null && copy == null ? null : json.getText();
    if (copy != null) {
      append(copy, first, text);
    }
    if (slot != null) {
      check(slot.set(first, text));
    }
  }

  private void structure(PointerNode node, Slot slot, JsonToken first) throws IOException {
    StringBuilder outer = copy;
    boolean isKept = slot != null && slot.keepsStructures();
    if (isKept && copy == null) {
      copy = new StringBuilder();
    }
    int begin = copy == null ? 0 : copy.length();
    if (copy == null && node.isLeaf()) {
      json.skipChildren();
    } else if (first == JsonToken.START_OBJECT) {
      object(node);
    } else {
      array(node);
    }
    if (slot != null) {
      check(slot.set(first, isKept ? copy.substring(begin) : null));
    }
    copy = outer;
  }

  private void object(PointerNode node) throws IOException {
    append('{');
    PointerNode before = null;
    for (int i = 0; json.nextToken() != JsonToken.END_OBJECT; i++) {
      String name = json.currentName();
      json.nextToken();
      PointerNode child = node.field(name, before);
      before = child == null ? before : child;
      if (copy != null) {
        copy.append(i == 0 ? "" : ",");
        JsonText.appendString(copy, name);
        copy.append(':');
      }
      childValue(child);
    }
    append('}');
  }

  private void array(PointerNode node) throws IOException {
    append('[');
    int[] indexes = node.indexes();
    int position = 0;
    for (int i = 0; json.nextToken() != JsonToken.END_ARRAY; i++) {
      boolean leads = position < indexes.length && indexes[position] == i;
      if (copy != null && i > 0) {
        copy.append(',');
      }
      childValue(leads ? node.element(position++) : null);
    }
    append(']');
  }

  private void childValue(PointerNode child) throws IOException {
    if (child != null) {
      value(child);
    } else if (copy != null) {
      value(NOWHERE);
    } else {
      json.skipChildren();
    }
  }

  private void elements(JsonToken first) throws IOException {
    if (first != JsonToken.START_ARRAY) {
      throw UnreadableException.malformed("the array of events is no array");
    }
    elements = new ArrayList<>();
    texts.clear();
    isElement = true;
    for (int i = 0; json.nextToken() != JsonToken.END_ARRAY; i++) {
      boolean isObject = json.currentToken() == JsonToken.START_OBJECT;
      clear(eventSlots);
      error = isObject ? null : "not a JSON object";
      copy = wanted.get(i) ? new StringBuilder() : null;
      value(isObject ? event : NOWHERE);
      if (copy != null) {
        texts.put(i, copy.toString());
        copy = null;
      }
      elements.add(element());
    }
    isElement = false;
  }

  private Element element() {
    boolean isEmpty = error != null || Arrays.stream(eventSlots).allMatch(s -> s.token() == null);
    if (isEmpty) {
      return new Element(error, NO_TOKENS, null);
    }
    JsonToken[] tokens = new JsonToken[eventSlots.length];
    String[] values = new String[eventSlots.length];
    for (int i = 0; i < tokens.length; i++) {
      tokens[i] = eventSlots[i].token();
      values[i] = eventSlots[i].value();
    }
    return new Element(error, tokens, values);
  }

  private void append(char c) {
    if (copy != null) {
      copy.append(c);
    }
  }

  private static void append(StringBuilder to, JsonToken token, String text) {
    if (token.isNumeric() || token.isBoolean() || token.isStructStart()) {
      to.append(text);
    } else if (token == JsonToken.VALUE_NULL) {
      to.append("null");
    } else {
      JsonText.appendString(to, text);
    }
  }

  private void check(String problem) throws UnreadableException {
    if (problem == null) {
      return;
    }
    if (!isElement) {
      throw UnreadableException.malformed(problem);
    }
    if (error == null) {
      error = problem;
    }
  }
}
