package io.sessionize.job;

import io.sessionize.offsets.Offsets;
import io.sessionize.session.Oracle.Click;
import io.sessionize.session.Partition;
import io.sessionize.source.KafkaTopics;
import io.sessionize.source.Source;
import io.sessionize.testing.RandomTraffic.Arrival;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * A topic in memory, or several, read by one driver with a checkpoint. As in Spark, the checkpoint
 * plans a batch before it runs and commits it afterwards.
 */
final class MemoryTopic implements Source<List<MemoryTopic.Message>> {
  static final String NAME = "topic";

  /**
   * One record.
   *
   * @param click null for an invalid record
   * @param recordTimeMs its Kafka timestamp, epoch milliseconds, possibly wrong
   */
  record Message(Partition partition, long offset, Click click, long recordTimeMs) {

    /** Of the coordinates alone: the tables keep each record in sets, and copy them often. */
    @Override
    public int hashCode() {
      return 31 * partition.hashCode() + Long.hashCode(offset);
    }
  }

  /**
   * A partition.
   *
   * @param earliest the first kept offset
   * @param records from this offset on
   */
  private record Log(long earliest, List<Message> records) {
    long latest() {
      return earliest + records.size();
    }
  }

  private final SortedMap<Partition, Log> partitions;
  private final SortedMap<String, String> ids;
  private Set<String> read;
  private boolean failOnDataLoss;
  private long maxOffsets = Long.MAX_VALUE;
  private Checkpoint checkpoint = Checkpoint.NEW;

  /**
   * The content of the checkpoint's folder.
   *
   * @param initial offsets at which the stream began, or null
   * @param ends end offsets of each planned batch
   * @param committed how many of these batches are committed
   */
  record Checkpoint(Offsets initial, List<Offsets> ends, int committed) {
    static final Checkpoint NEW = new Checkpoint(null, List.of(), 0);

    Offsets position() {
      return end(committed - 1);
    }

    private Offsets end(int batch) {
      if (batch >= 0) {
        return ends.get(batch);
      }
      return initial == null ? Offsets.NONE : initial;
    }

    private Checkpoint plan(Offsets end) {
      List<Offsets> planned = new ArrayList<>(ends);
      planned.add(end);
      return new Checkpoint(initial, planned, committed);
    }

    private Checkpoint commit() {
      return new Checkpoint(initial, ends, committed + 1);
    }
  }

  MemoryTopic(int partitionCount) {
    this(new TreeMap<>(), new TreeMap<>(), Set.of(NAME), true);
    addTopic(NAME, "id", partitionCount, 0);
  }

  private MemoryTopic(
      SortedMap<Partition, Log> partitions,
      SortedMap<String, String> ids,
      Set<String> read,
      boolean failOnDataLoss) {
    this.partitions = partitions;
    this.ids = ids;
    this.read = read;
    this.failOnDataLoss = failOnDataLoss;
  }

  /**
   * Adds a topic.
   *
   * @param lost how many records of each partition are already deleted
   */
  void addTopic(String name, String id, int partitionCount, long lost) {
    ids.put(name, id);
    partitions.keySet().removeIf(partition -> partition.topic().equals(name));
    for (int number = 0; number < partitionCount; number++) {
      partitions.put(new Partition(name, number), new Log(lost, new ArrayList<>()));
    }
  }

  boolean has(String topic) {
    return ids.containsKey(topic);
  }

  /** Reads these topics from now on. */
  void read(Set<String> topics) {
    read = topics;
  }

  /**
   * Adds a partition whose first records are already deleted.
   *
   * @param lost how many records
   */
  void addPartition(long lost) {
    Partition added = new Partition(NAME, partitionCount());
    partitions.put(added, new Log(lost, new ArrayList<>()));
  }

  /** The partitions of the first topic. */
  int partitionCount() {
    return (int) partitions.keySet().stream().filter(p -> p.topic().equals(NAME)).count();
  }

  void goOnAfterDataLoss() {
    failOnDataLoss = false;
  }

  /** The same topics with another checkpoint. */
  MemoryTopic readByAnotherDriver() {
    return new MemoryTopic(partitions, ids, read, failOnDataLoss);
  }

  /**
   * A copy on another cluster: the partitions in reverse order, each from another offset on.
   *
   * @param shift how much greater its offsets are
   */
  MemoryTopic mirror(String otherId, long shift) {
    MemoryTopic mirror = new MemoryTopic(0);
    mirror.ids.put(NAME, otherId);
    for (int partition = partitionCount() - 1; partition >= 0; partition--) {
      Log log = partitions.get(new Partition(NAME, partition));
      mirror.addPartition(log.earliest() + shift);
      for (Message message : log.records()) {
        int other = mirror.partitionCount() - 1;
        mirror.send(new Arrival(0, other, message.click(), message.recordTimeMs()));
      }
    }
    return mirror;
  }

  /** Adds a record to the first topic. */
  void send(Arrival arrival) {
    send(NAME, arrival);
  }

  /** Adds a record to a topic. */
  void send(String topic, Arrival arrival) {
    Partition partition = new Partition(topic, arrival.partition());
    Log log = partitions.get(partition);
    log.records()
        .add(new Message(partition, log.latest(), arrival.click(), arrival.recordTimeMs()));
  }

  MemoryTopic maxOffsets(long limit) {
    maxOffsets = limit;
    return this;
  }

  Checkpoint savedCheckpoint() {
    return checkpoint;
  }

  void restoreCheckpoint(Checkpoint saved) {
    checkpoint = saved;
  }

  List<Message> messages() {
    return partitions.values().stream().flatMap(log -> log.records().stream()).toList();
  }

  @Override
  public KafkaTopics describe() {
    Map<Partition, Long> earliest = new TreeMap<>();
    Map<Partition, Long> latest = new TreeMap<>();
    partitions.forEach(
        (partition, log) -> {
          earliest.put(partition, log.earliest());
          latest.put(partition, log.latest());
        });
    return new KafkaTopics(ids, new Offsets(earliest), new Offsets(latest)).only(read::contains);
  }

  @Override
  public long maxOffsets() {
    return maxOffsets;
  }

  @Override
  public boolean failOnDataLoss() {
    return failOnDataLoss;
  }

  @Override
  public String checkpoint() {
    return "memory";
  }

  @Override
  public Optional<Offsets> position() {
    return Optional.of(checkpoint.position())
        .filter(position -> position.isEmpty() || position.topics().equals(read));
  }

  @Override
  public boolean hasCheckpoint() {
    return !checkpoint.equals(Checkpoint.NEW);
  }

  @Override
  public String setCheckpointAside() {
    checkpoint = Checkpoint.NEW;
    return "nowhere";
  }

  @Override
  public List<Message> range(Offsets from, Offsets to) {
    List<Message> messages = new ArrayList<>();
    partitions.forEach(
        (partition, log) -> {
          long begin = Math.max(log.earliest(), from.getOrDefault(partition, 0L));
          long end = Math.min(log.latest(), to.getOrDefault(partition, 0L));
          if (begin < end) {
            messages.addAll(
                log.records()
                    .subList((int) (begin - log.earliest()), (int) (end - log.earliest())));
          }
        });
    return messages;
  }

  @Override
  public void stream(Offsets start, BooleanSupplier stop, Consumer<Streamed<List<Message>>> batch) {
    if (checkpoint.initial() == null) {
      checkpoint = new Checkpoint(start, List.of(), 0);
    }
    Offsets latest = describe().latest();
    requireWhole(checkpoint.position());
    while (!stop.getAsBoolean()) {
      Offsets from = checkpoint.position();
      if (checkpoint.committed() == checkpoint.ends().size()) {
        Offsets end = limited(from, latest);
        if (end.equals(from)) {
          return;
        }
        checkpoint = checkpoint.plan(end);
      }
      batch.accept(new Planned(from, checkpoint.end(checkpoint.committed())));
      checkpoint = checkpoint.commit();
    }
  }

  /** As Spark, fails if a partition begins after the next offset of the checkpoint. */
  private void requireWhole(Offsets position) {
    describe()
        .earliest()
        .next()
        .forEach(
            (partition, first) -> {
              if (position.next().getOrDefault(partition, 0L) < first) {
                throw new AssertionError("Spark would fail: " + partition + " begins at " + first);
              }
            });
  }

  private Offsets limited(Offsets from, Offsets latest) {
    Map<Partition, Long> end = new TreeMap<>(from.next());
    long left = maxOffsets;
    for (Map.Entry<Partition, Long> last : latest.next().entrySet()) {
      long begin = from.next().getOrDefault(last.getKey(), 0L);
      long taken = Math.min(left, Math.max(0, last.getValue() - begin));
      end.put(last.getKey(), begin + taken);
      left -= taken;
    }
    return new Offsets(end);
  }

  private final class Planned implements Streamed<List<Message>> {
    private final Offsets from;
    private final Offsets end;

    Planned(Offsets from, Offsets end) {
      this.from = from;
      this.end = end;
    }

    @Override
    public Offsets end() {
      return end;
    }

    @Override
    public List<Message> since(Offsets known) {
      return range(from.atLeast(known), end);
    }
  }
}
