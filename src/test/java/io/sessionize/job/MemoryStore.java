package io.sessionize.job;

import io.sessionize.column.GivenColumns;
import io.sessionize.event.GivenDefinition;
import io.sessionize.event.Limits;
import io.sessionize.job.MemoryTopic.Message;
import io.sessionize.session.Rules;
import io.sessionize.summary.Base;
import io.sessionize.summary.RunSummary;
import io.sessionize.summary.Work;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

/**
 * A store of one driver on tables in memory.
 *
 * @param maxRecords the largest batch: a batch with more records is too large
 * @param forgotten how often it was asked to forget what it has kept
 */
record MemoryStore(MemoryTables tables, long maxRecords, AtomicInteger forgotten)
    implements Store<List<Message>> {

  MemoryStore(MemoryTables tables, long maxRecords) {
    this(tables, maxRecords, new AtomicInteger());
  }

  @Override
  public void forget() {
    forgotten.incrementAndGet();
  }

  @Override
  public Optional<Base> find() {
    return tables.exist() ? Optional.of(tables.base()) : Optional.empty();
  }

  @Override
  public void create(
      RunSummary start, GivenDefinition definition, GivenColumns columns, boolean remakes) {
    tables.create(start, definition, columns, remakes);
  }

  @Override
  public void requireTakesIn(RunSummary start, GivenDefinition definition, GivenColumns columns) {}

  @Override
  public void requireConditions(Base base, Rules rules) {}

  @Override
  public Base base() {
    return tables.base();
  }

  @Override
  public long sessionsWithoutEventIds(Base base) {
    return tables.sessionsWithoutEventIds();
  }

  @Override
  public List<Message> rejected(Base base, Optional<String> reason) {
    return tables.rejected(base.progress(), false).stream()
        .filter(message -> reason.isEmpty() || tables.wereSetAside().contains(message))
        .toList();
  }

  @Override
  public BatchTransaction recompute(Base base, Rules rules, Recomputation what, Limits limits) {
    return new MemoryTransaction(tables, base, List.of(), limits, 0, rules, what);
  }

  @Override
  public Set<LocalDate> startDays(Base base) {
    return tables.sessions(base.sessionsSnapshot()).rows().values().stream()
        .map(session -> MemoryTransaction.day(session.startMs()))
        .collect(Collectors.toSet());
  }

  @Override
  public Base given(Base base, GivenColumns columns) {
    return base.using(tables.taken(columns, true));
  }

  /** The store of the tests has no columns by themselves. */
  @Override
  public SortedMap<String, Long> changedColumns(Base base, LocalDate from, LocalDate to) {
    return new TreeMap<>();
  }

  @Override
  public BatchTransaction columns(Base base, Work work) {
    Limits limits = new Limits(0, null, base.setAside());
    return new MemoryTransaction(tables, base, List.of(), limits, 0, null, null).filling(work);
  }

  @Override
  public BatchTransaction begin(
      Base base, Rules rules, Input<List<Message>> input, Limits limits, long runTimeMs) {
    List<Message> records = input.records() == null ? List.of() : input.records();
    if (records.size() > maxRecords) {
      throw new BatchTooLargeException(maxRecords + 1, maxRecords);
    }
    return new MemoryTransaction(tables, base, records, limits, runTimeMs, rules, null);
  }
}
