package io.sessionize.spark.internal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.event.Decoded.Reason;
import io.sessionize.event.Decoded.Rejected;
import io.sessionize.event.KafkaRecord;
import io.sessionize.row.DecodedRows;
import io.sessionize.row.RowSchemas;
import io.sessionize.session.Event;
import io.sessionize.session.EventDetails;
import java.util.stream.IntStream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.CatalystTypeConverters;
import org.apache.spark.sql.catalyst.InternalRow;
import org.junit.jupiter.api.Test;

class DecodedRowWriterTest {
  private final DecodedRowWriter writer = new DecodedRowWriter(RowSchemas.PLAIN);

  @Test
  void reusedRowKeepsNoValueOfThePreviousRow() {
    Event full = new Event(1, "é😀", "p", "b", new EventDetails("n", null, "v"));
    String fullRow = "[ann,3,5,null,é😀,1,p,b,[n,null,v],null,1]";
    assertEquals(fullRow, read(writer.write("ann", full, 3, 5)).toString());
    assertEquals(3, read(rejection()).getInt(DecodedRows.PARTITION));
    Event bare = new Event(2, "id", null, null, null);
    assertEquals(
        "[bob,0,-1,null,id,2,null,null,null,null,1]",
        read(writer.write("bob", bare, 0, -1)).toString());
    assertEquals(fullRow, read(writer.write("ann", full, 3, 5)).toString());
  }

  @Test
  void rejectedRecordIsKeptCompletelyWithoutAnEvent() {
    Row row = read(rejection());
    assertTrue(row.isNullAt(DecodedRows.UUID));
    assertTrue(IntStream.range(DecodedRows.EVENT, row.length()).allMatch(row::isNullAt));
    Row kept = row.getStruct(DecodedRows.REJECTED);
    assertEquals("clicks", kept.getString(0));
    assertEquals(42, kept.getLong(2));
    assertNull(kept.get(DecodedRows.REJECTION_INDEX));
    assertNull(kept.get(DecodedRows.REJECTION_RECORD_TIME), "its time is unknown");
    assertNull(kept.get(DecodedRows.REJECTION_KEY));
    assertArrayEquals(new byte[] {1, 2, 3}, kept.<byte[]>getAs(DecodedRows.REJECTION_VALUE));
    assertEquals("malformed", kept.getString(DecodedRows.REJECTION_REASON));
    assertEquals("why", kept.getString(DecodedRows.REJECTION_DETAIL));
  }

  private InternalRow rejection() {
    KafkaRecord record = new KafkaRecord("clicks", 7, 42, -1, new byte[] {1, 2, 3});
    return writer.write(
        new Rejected(Reason.MALFORMED, "why"), new ReadRecord(record, null, null), 3);
  }

  private static Row read(InternalRow row) {
    return (Row) CatalystTypeConverters.createToScalaConverter(DecodedRows.SCHEMA).apply(row);
  }
}
