package io.sessionize.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SetAsideTest {
  private static final SetAside TWO = SetAside.NONE.of(Set.of("undefined", "größe, two"));

  @Test
  void itIsReadBackFromItsTextWhichHoldsNoUser() {
    assertEquals(TWO, SetAside.parse(TWO.text()));
    assertTrue(SetAside.parse(TWO.text()).contains("größe, two"));
    assertFalse(TWO.text().contains("undefined"), TWO.text());
  }

  @Test
  void onlyItsUsersAreSetAside() {
    assertTrue(TWO.contains("undefined"));
    assertFalse(TWO.contains("Undefined"));
    assertFalse(TWO.contains(null));
    assertFalse(SetAside.NONE.contains(""));
  }

  @Test
  void aUserWhoStaysKeepsTheHash() {
    SetAside other = TWO.of(Set.of("undefined", "null"));
    assertEquals(1, other.without(TWO).hashes().size());
    assertTrue(other.without(TWO).contains("null"));
    assertEquals(SetAside.NONE, TWO.without(TWO));
    assertEquals(SetAside.NONE, TWO.of(Set.of()));
    assertEquals(TWO, TWO.without(SetAside.NONE));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ":", "salt", "salt:", ":hash"})
  void anotherTextIsRefused(String text) {
    assertThrows(IllegalArgumentException.class, () -> SetAside.parse(text));
  }
}
