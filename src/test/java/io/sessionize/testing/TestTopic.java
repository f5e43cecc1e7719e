package io.sessionize.testing;

import io.sessionize.job.Input;
import io.sessionize.offsets.OffsetRange;
import io.sessionize.offsets.Offsets;
import io.sessionize.session.Event;
import io.sessionize.session.Oracle.Click;
import io.sessionize.session.Partition;
import io.sessionize.spark.SampleRun;
import io.sessionize.spark.internal.Records;
import io.sessionize.summary.Work;
import java.nio.charset.StandardCharsets;
import java.sql.Timestamp;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;

/** In-memory records of one topic, for tests of only the batch step. */
public final class TestTopic {
  /** Its name. */
  public static final String NAME = "topic";

  /** Where a partition begins. */
  public static final Offsets BEGIN = Offsets.of(NAME, Map.of(0, 0L));

  private final Timestamp sent;
  private final List<Row> records = new ArrayList<>();
  private final List<Click> clicks = new ArrayList<>();

  public TestTopic(long sentMs) {
    sent = new Timestamp(sentMs);
  }

  public void click(String uuid, long timeMs, String page) {
    String id = "e" + records.size();
    clicks.add(new Click(uuid, new Event(timeMs, id, page, null, null)));
    add(
        String.format(
            "{\"uuid\": \"%s\", \"event_id\": \"%s\", \"event_timestamp\": \"%d\", \"page_name\": \"%s\"}",
            uuid.replace("\"", "\\\""), id, timeMs, page));
  }

  public void copyOfLast() {
    records.add(at(records.size(), records.get(records.size() - 1).getAs(5)));
  }

  public void broken(String value) {
    add(value);
  }

  /** All valid clicks so far. */
  public List<Click> clicks() {
    return clicks;
  }

  /** The input of a batch that starts here and reads to the end. */
  public Input<Records> since(Offsets from) {
    int first = (int) from.getOrDefault(new Partition(NAME, 0), 0);
    return new Input<>(
        Records.ofTable(
            TestSpark.session()
                .createDataFrame(
                    List.copyOf(records.subList(first, records.size())), SampleRun.RECORD)),
        Map.of(NAME, "id"),
        from,
        Offsets.of(NAME, Map.of(0, (long) records.size())),
        OffsetRange.NONE,
        Set.of(),
        Work.RUN);
  }

  private void add(String value) {
    records.add(at(records.size(), value.getBytes(StandardCharsets.UTF_8)));
  }

  private Row at(long offset, byte[] value) {
    return RowFactory.create(NAME, 0, offset, sent, null, value);
  }
}
