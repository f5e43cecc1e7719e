package io.sessionize.trial;

import io.sessionize.event.Decoded.Valid;
import io.sessionize.event.Definition;
import io.sessionize.event.KafkaRecord;
import io.sessionize.event.Limits;
import io.sessionize.event.MappingDecoder;
import io.sessionize.event.RecordDecoder;
import io.sessionize.event.RecordFormat;
import io.sessionize.event.TopicDefinition;
import io.sessionize.session.DamagedRows;
import io.sessionize.session.Event;
import io.sessionize.session.EventTests;
import io.sessionize.session.Restatement;
import io.sessionize.session.Rules;
import io.sessionize.session.Session;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * Decodes records by a definition, and makes sessions of their events. It holds all events in
 * memory.
 */
public final class Trial {
  private static final Comparator<Session> BY_START =
      Comparator.comparingLong(Session::startMs).thenComparing(Session::uuid);

  private final Definition definition;
  private final RecordDecoder decoder;
  private final Function<TopicDefinition, RecordFormat> formats;
  private final Restatement restatement;
  private final Map<String, TopicTrial> topics = new TreeMap<>();

  /** What two copies of an event have in common. */
  private record Identity(String uuid, String id, long timeMs) {
    Identity(Valid valid) {
      this(valid.uuid(), valid.event().id(), valid.event().timeMs());
    }
  }

  /** Decides which events of a topic its condition {@code where} keeps. */
  public interface Filter {
    /** Keeps all events. */
    Filter NONE = (topic, events) -> events;

    /** Returns the events that are kept, in their order. */
    List<Valid> keep(String topic, List<Valid> events);

    /** Returns how often a condition has failed on an event so far: it is false there. */
    default long failed() {
      return 0;
    }
  }

  /**
   * Creates a trial.
   *
   * @param formats makes the format of a topic: see {@link MappingDecoder}
   * @param tests the conditions of the rules
   */
  public Trial(
      Definition definition,
      Limits limits,
      Function<TopicDefinition, RecordFormat> formats,
      Rules rules,
      EventTests tests) {
    this(
        definition,
        new MappingDecoder(
            definition, Event.FIRST_DEFINITION, definition.properties(), limits, formats),
        formats,
        rules,
        tests);
  }

  Trial(
      Definition definition,
      RecordDecoder decoder,
      Function<TopicDefinition, RecordFormat> formats,
      Rules rules,
      EventTests tests) {
    this.definition = definition;
    this.decoder = decoder;
    this.formats = formats;
    // Before any time: every session is open, so there is an outcome for each.
    this.restatement = new Restatement(rules, tests, Long.MIN_VALUE, DamagedRows.KEEP);
  }

  /**
   * Decodes a record.
   *
   * @param record of a topic of the definition
   * @param place where it comes from, as an example names it
   */
  public void add(KafkaRecord record, String place) {
    topics.computeIfAbsent(record.topic(), this::topic).add(record, place, decoder);
  }

  private TopicTrial topic(String name) {
    TopicDefinition topic = definition.topics().get(name);
    return new TopicTrial(name, topic, formats.apply(topic));
  }

  /** Returns what became of the records. */
  public Tried result(Filter filter) {
    List<TriedTopic> tried = new ArrayList<>();
    Map<String, List<Event>> users = new TreeMap<>();
    Set<Identity> identities = new HashSet<>();
    long events = 0;
    for (TopicTrial topic : topics.values()) {
      List<Valid> kept = filter.keep(topic.name(), topic.valid());
      kept.forEach(
          valid ->
              users.computeIfAbsent(valid.uuid(), uuid -> new ArrayList<>()).add(valid.event()));
      int before = identities.size();
      kept.forEach(valid -> identities.add(new Identity(valid)));
      events += kept.size();
      tried.add(topic.result(kept, identities.size() - before));
    }
    List<Session> sessions = new ArrayList<>();
    long contents = 0;
    for (Map.Entry<String, List<Event>> user : users.entrySet()) {
      restatement
          .restate(user.getKey(), List.of(), List.of(), user.getValue())
          .forEach(outcome -> sessions.add(outcome.session()));
      contents += new HashSet<>(user.getValue()).size();
    }
    sessions.sort(BY_START);
    long distinct = identities.size();
    return new Tried(
        tried,
        sessions,
        users.size(),
        distinct,
        events - distinct,
        contents - distinct,
        filter.failed());
  }
}
