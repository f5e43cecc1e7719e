package io.sessionize.session;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.Failure;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DayZoneTest {
  private static final long HOUR = 3_600_000;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Europe/Berlin",
        "America/New_York",
        "Asia/Kathmandu",
        "Africa/Casablanca",
        "Pacific/Apia",
        "UTC",
        "+02:00"
      })
  void theDayIsThatOfJava(String name) throws Exception {
    DayZone zone = sent(DayZone.of(name));
    long to = Instant.parse("2037-12-30T00:00:00Z").toEpochMilli();
    for (long ms = Instant.parse("2000-01-01T00:00:00Z").toEpochMilli(); ms < to; ms += 7 * HOUR) {
      Instant time = Instant.ofEpochMilli(ms - 1);
      assertEquals(time.atZone(ZoneId.of(name)).toLocalDate().toEpochDay(), zone.dayOf(ms - 1));
    }
  }

  /** As from the driver to an executor. */
  private static DayZone sent(DayZone zone) throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(zone);
    }
    try (ObjectInputStream in =
        new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      return (DayZone) in.readObject();
    }
  }

  @Test
  void after2037TheLastOffsetHolds() {
    long summer = Instant.parse("2050-07-01T22:30:00Z").toEpochMilli();
    assertEquals(DayZone.of("Europe/Berlin").dayOf(summer), DayZone.of("UTC").dayOf(summer));
  }

  @Test
  void theTextHasTheNameAndAHashOfTheClockChanges() {
    DayZone zone = DayZone.of("Europe/Berlin");
    assertTrue(zone.text().matches("Europe/Berlin@[0-9a-f]{16}"), zone.text());
    assertEquals(zone, DayZone.parse(zone.text()));
    assertNotEquals(zone.text(), DayZone.of("Europe/Paris").text());
    // It stays the same with each version of the job: the tables record it.
    assertEquals("UTC@1d4d879b2b795293", DayZone.of("UTC").text());
  }

  @Test
  void otherClockChangesThanRecordedAreRefusedWithTheWayOut() {
    DayZone recorded = DayZone.parse("Europe/Berlin@0123456789abcdef");
    assertEquals("Europe/Berlin@0123456789abcdef", recorded.text());
    Failure failure = assertThrows(Failure.class, recorded::validate);
    assertEquals(Failure.Kind.USAGE, failure.kind());
    assertTrue(failure.getMessage().contains("recompute"), failure.getMessage());
    assertDoesNotThrow(recorded.ofThisJava()::validate);
  }

  @Test
  void aRecordedZoneThatThisJavaDoesNotKnowIsNamedUntilItsDaysAreNeeded() throws Exception {
    DayZone unknown = DayZone.parse("Mars/Base@0123456789abcdef");
    assertEquals("Mars/Base@0123456789abcdef", unknown.text());
    for (Executable use :
        List.<Executable>of(
            unknown::validate, unknown::ofThisJava, () -> unknown.dayOf(0), () -> sent(unknown))) {
      Failure failure = assertThrows(Failure.class, use);
      assertEquals(Failure.Kind.USAGE, failure.kind());
      assertEquals(
          "The tables record day_in Mars/Base, which is no time zone of this Java: use a Java that has it, or recompute"
              + " the whole table with another day_in.",
          failure.getMessage());
    }
    DayZone berlin = DayZone.of("Europe/Berlin");
    assertEquals(berlin.dayOf(HOUR * 23), sent(DayZone.parse(berlin.text())).dayOf(HOUR * 23));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "Berlin", "europe/berlin", "Europe/Berlin ", "@"})
  void aNameThatIsNoZoneIsRefused(String name) {
    Failure failure = assertThrows(Failure.class, () -> DayZone.of(name));
    assertEquals(Failure.Kind.USAGE, failure.kind());
    assertTrue(failure.getMessage().contains("'" + name + "'"), failure.getMessage());
  }
}
