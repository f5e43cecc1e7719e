package io.sessionize.event;

import static io.sessionize.event.Records.HORIZON;
import static io.sessionize.event.Records.NO_TIMESTAMP;
import static io.sessionize.event.Records.SENT;
import static io.sessionize.event.Records.SKEW;
import static io.sessionize.event.Records.TIME;
import static io.sessionize.event.Records.assertRejected;
import static io.sessionize.event.Records.text;
import static io.sessionize.event.Records.with;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.sessionize.event.Decoded.Reason;
import io.sessionize.event.Decoded.Valid;
import io.sessionize.session.SetAside;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The valid times of an event. */
class EventTimeTest {
  private final Records records = new Records();

  @ParameterizedTest
  @CsvSource({
    "946684799999, BEFORE_2000", // the last millisecond of 1999
    "1790875556, BEFORE_2000", // seconds
    "0, BEFORE_2000",
    "-1, BEFORE_2000",
    "-9223372036854775808, BEFORE_2000",
    "253402300800000, FUTURE_TIME", // the year 10000
    "1790875556200000, FUTURE_TIME", // microseconds
    "9223372036854775807, FUTURE_TIME"
  })
  void impossibleTimeIsRejectedForAnyRecordTime(String time, Reason reason) {
    for (long sent : new long[] {NO_TIMESTAMP, 0, SENT, Long.MAX_VALUE}) {
      assertRejected(reason, decodeSent(sent, time));
      assertRejected(reason, decodeSent(sent, text(time)));
    }
  }

  @Test
  void theYear2000IsATime() {
    RecordDecoder withoutHorizon = Records.decoder(new Limits(SKEW, null));
    byte[] value = with("event_timestamp", "946684800000").getBytes(StandardCharsets.UTF_8);
    assertInstanceOf(Valid.class, Records.decode(withoutHorizon, value, SENT));
  }

  @Test
  void aValidEventOfAUserWhoIsSetAsideIsRejected() {
    SetAside users = SetAside.NONE.of(Set.of("undefined"));
    RecordDecoder decoder = Records.decoder(new Limits(SKEW, null, users));
    byte[] value = with("uuid", "\"undefined\"").getBytes(StandardCharsets.UTF_8);
    assertRejected(Reason.SET_ASIDE, Records.decode(decoder, value, SENT));
    byte[] other = with("uuid", "\"Undefined\"").getBytes(StandardCharsets.UTF_8);
    assertInstanceOf(Valid.class, Records.decode(decoder, other, SENT));
    assertRejected(Reason.SET_ASIDE, Records.decode(decoder, value, SENT));
  }

  @Test
  void eventAfterItsRecordByTheClockSkewIsValid() {
    assertInstanceOf(Valid.class, decodeSent(SENT, "" + (SENT + SKEW)));
    assertRejected(Reason.FUTURE_TIME, decodeSent(SENT, "" + (SENT + SKEW + 1)));
  }

  @Test
  void theYear2099IsTheFutureUnlessTheRecordIsFromThenToo() {
    long year2099 = Instant.parse("2099-01-01T00:00:00Z").toEpochMilli();
    assertRejected(Reason.FUTURE_TIME, decodeSent(SENT, "" + year2099));
    assertInstanceOf(Valid.class, decodeSent(year2099, "" + year2099));
  }

  @Test
  void eventIsNotInTheFutureIfTheRecordTimeIsUnknown() {
    assertInstanceOf(Valid.class, decodeSent(NO_TIMESTAMP, "" + (SENT + 100 * SKEW)));
  }

  @Test
  void eventIsValidIfTheRecordTimeIsTheGreatestLong() {
    assertInstanceOf(Valid.class, decodeSent(Long.MAX_VALUE, "" + TIME));
  }

  @Test
  void eventBeforeItsRecordByTheHorizonIsValid() {
    assertInstanceOf(Valid.class, decodeSent(SENT, "" + (SENT - HORIZON)));
    assertRejected(Reason.BEYOND_HORIZON, decodeSent(SENT, "" + (SENT - HORIZON - 1)));
  }

  @ParameterizedTest
  @CsvSource({
    "-1", // absent
    "0",
    "946684799999", // the last millisecond of 1999
    "1790875556", // seconds
    "253402300800000", // the year 10000
    "1790875556200000000" // nanoseconds
  })
  void eventIsValidIfTheRecordTimeIsUnknown(long sent) {
    assertInstanceOf(Valid.class, decodeSent(sent, "" + (TIME + 100 * SKEW)));
    assertInstanceOf(Valid.class, decodeSent(sent, "" + (TIME - 2 * HORIZON)));
  }

  @Test
  void timestampInSecondsIsReportedBeforeTheHorizon() {
    // Both are before the horizon; only one is in the wrong unit.
    assertRejected(Reason.BEFORE_2000, decodeSent(SENT, "" + TIME / 1000));
    assertRejected(Reason.BEYOND_HORIZON, decodeSent(SENT, "" + (TIME - 8 * 24 * 3_600_000L)));
  }

  @Test
  void missingUserIsReportedBeforeOtherErrors() {
    assertRejected(
        Reason.MISSING_UUID, records.decode("{\"uuid\": \"\", \"event_timestamp\": \"never\"}"));
  }

  private Decoded decodeSent(long sentMs, String time) {
    byte[] value = with("event_timestamp", time).getBytes(StandardCharsets.UTF_8);
    return records.decodeSent(sentMs, value);
  }
}
