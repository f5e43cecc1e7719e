package io.sessionize.testing;

import io.sessionize.job.Input;
import io.sessionize.offsets.Offsets;
import io.sessionize.session.Event;
import io.sessionize.session.Oracle.Click;
import io.sessionize.spark.SampleRun;
import java.nio.charset.StandardCharsets;
import java.sql.Timestamp;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;

/** Records of one partition, as Kafka would give them, for tests of the batch step alone. */
public final class TestTopic {
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

  /** What a batch that starts here reads: everything that has arrived. */
  public Input<Dataset<Row>> since(Offsets from) {
    int first = from.next().get(0).intValue();
    return new Input<>(
        TestSpark.session()
            .createDataFrame(List.copyOf(records.subList(first, records.size())), SampleRun.RECORD),
        "topic",
        "id",
        from,
        new Offsets(Map.of(0, (long) records.size())),
        Map.of(),
        Set.of(),
        "test");
  }

  private void add(String value) {
    records.add(at(records.size(), value.getBytes(StandardCharsets.UTF_8)));
  }

  private Row at(long offset, byte[] value) {
    return RowFactory.create("topic", 0, offset, sent, null, value);
  }
}
