package io.sessionize.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.Failure;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UsersFileTest {
  @TempDir private Path folder;

  @Test
  void eachLineIsAUserAsItIs() throws Exception {
    assertEquals(Set.of("undefined", " null ", "größe"), users("undefined\r\n null \n\ngröße"));
    assertEquals(Set.of("undefined"), users("\uFEFFundefined"));
    assertEquals(Set.of(), users("\n"));
  }

  @Test
  void anIdWithALineBreakIsAStringOfJson() throws Exception {
    assertEquals(
        Set.of("one\ntwo", "\"quoted\"", "\"", "a \"b\""),
        users("\"one\\ntwo\"\n\"\\\"quoted\\\"\"\n\"\na \"b\""));
    Failure failure = assertThrows(Failure.class, () -> users("ann\n\"bob\" \"cat\""));
    assertTrue(failure.getMessage().contains("/users, line 2: a line in"), failure.getMessage());
    assertFalse(failure.getMessage().contains("bob"), failure.getMessage());
  }

  @Test
  void withoutAFileTheTablesDecide() {
    Arguments none = Arguments.parse(new RunCommand(), List.of(), name -> null);
    assertNull(UsersFile.read(none, Opt.SET_ASIDE_USERS));
  }

  @Test
  void tooManyUsersAndOtherTextAreRefused() throws Exception {
    String many =
        IntStream.range(0, 1_001).mapToObj(Integer::toString).collect(Collectors.joining("\n"));
    Failure failure = assertThrows(Failure.class, () -> users(many));
    assertTrue(failure.getMessage().contains("1,001"), failure.getMessage());
    Path latin =
        Files.write(folder.resolve("latin"), "größe".getBytes(StandardCharsets.ISO_8859_1));
    assertThrows(Failure.class, () -> read(latin));
  }

  private Set<String> users(String text) throws Exception {
    return read(Files.writeString(folder.resolve("users"), text));
  }

  private static Set<String> read(Path file) {
    return UsersFile.read(
        Arguments.parse(
            new RunCommand(), List.of("--set-aside-users", file.toString()), name -> null),
        Opt.SET_ASIDE_USERS);
  }

  @Test
  void aBackfillIsRestrictedToTheUsersOfTheFileAndOfTheCommandLine() throws Exception {
    assertEquals(Set.of("ann", "bob"), given("ann\n\nbob\n"));
    assertEquals(Set.of("ann", "bob"), given("ann\n", "--user", "bob", "--user", "ann"));
  }

  @Test
  void anEmptyFileDoesNotMeanAllUsers() {
    Failure failure = assertThrows(Failure.class, () -> given("\n\n"));
    assertTrue(failure.getMessage().endsWith("/users names no user."), failure.getMessage());
  }

  private Set<String> given(String text, String... more) throws Exception {
    Path file = Files.writeString(folder.resolve("users"), text);
    List<String> words = new ArrayList<>(List.of(more));
    words.addAll(List.of("--users-file", file.toString()));
    return GivenUsers.of(Arguments.parse(new BackfillCommand(), words, name -> null)).ids();
  }
}
