package io.sessionize.event;

import io.sessionize.event.TopicDefinition.Format;
import io.sessionize.session.Property;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Decodes records by a {@link Definition}.
 *
 * <pre>
 *   column           type                              missing or null   blank
 *   uuid             text or number                    rejected          rejected
 *   event_timestamp  text or number, see {@link Times} rejected          rejected
 *   event_id         text or number                    topic/partition/offset is used,
 *                                                      in a batch topic/partition/offset/index
 *   order            whole number, or a text of it     null              null
 *   page_name        text or number                    null              kept as it is
 *   booking_details  anything; a structure is kept     null              kept as it is
 *                    as its JSON text
 *   event_details    object of event_name, event_type  null              malformed
 *                    and event_value, each anything
 *   a property       see {@link PropertyReader}        null              null, except a string
 * </pre>
 *
 * <p>An event with a value of another type is malformed; a property is null then and counts as
 * unfit. Of several places of the uuid, the first one counts that is there, not blank and no
 * placeholder; those after it are not looked at. Numbers keep their text. Other fields are ignored.
 * If a field occurs twice, the last one counts. A record that exceeds the parser's limits (1,000
 * levels, numbers of 1,000 digits, texts of 20 million characters) is malformed. A number as text
 * has the same limit as a number.
 *
 * <p>A time by the device's clock is corrected: {@code received - (sent - created)}. If {@code
 * created} is missing, so is the time; if {@code sent} or {@code received} is, {@code created} is
 * taken as it is.
 *
 * <p>In a batch, an element that is not an event is rejected alone, with its index and its JSON
 * text. If values of the record are mapped, it is stored with them: {@code {"record": {"/sentAt":
 * "..."}, "element": {...}}}, so that it can be decoded later. A record that is not read to its
 * end, has no array, or a wrong value outside it, is rejected whole. Values of the record that are
 * longer than 1,000 characters do not fit, since each event of the batch repeats them.
 *
 * <p>Not thread-safe.
 */
public final class MappingDecoder implements RecordDecoder {
  private final Map<String, TopicDecoder> topics = new HashMap<>();

  private String lastTopic;
  private TopicDecoder lastDecoder;

  /** A decoder of a definition whose topics are all JSON. */
  public MappingDecoder(Definition definition, int number, List<Property> columns, Limits limits) {
    this(definition, number, columns, limits, MappingDecoder::json);
  }

  /**
   * A decoder.
   *
   * @param number of the definition
   * @param columns the properties of the tables, in their order. One that a topic does not map is
   *     null.
   * @param formats makes the format of a topic
   */
  public MappingDecoder(
      Definition definition,
      int number,
      List<Property> columns,
      Limits limits,
      Function<TopicDefinition, RecordFormat> formats) {
    Set<String> placeholders = new HashSet<>(definition.placeholders());
    EventReader.Rules rules = new EventReader.Rules(limits, number, placeholders);
    definition
        .topics()
        .forEach(
            (name, topic) ->
                topics.put(name, new TopicDecoder(formats.apply(topic), topic, columns, rules)));
  }

  private static RecordFormat json(TopicDefinition topic) {
    if (topic.format() != Format.JSON) {
      throw new IllegalStateException("format " + topic.format());
    }
    return RecordFormat.json();
  }

  @Override
  public void decode(KafkaRecord record, Consumer<Decoded> results) {
    of(record.topic()).decode(record, results);
  }

  @Override
  public void decodeElement(KafkaRecord element, int index, Consumer<Decoded> results) {
    of(element.topic()).decodeElement(element, index, results);
  }

  private TopicDecoder of(String topic) {
    if (!topic.equals(lastTopic)) {
      lastDecoder = topics.get(topic);
      lastTopic = topic;
    }
    if (lastDecoder == null) {
      throw new IllegalStateException("the definition has no topic " + topic);
    }
    return lastDecoder;
  }
}
