package io.sessionize.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.sessionize.Failure;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Reads a file of users. The ids are in a file, since they are personal data, and other users of
 * the machine can read a command line.
 */
final class UsersFile {
  private static final int MOST = 1_000;
  private static final String BYTE_ORDER_MARK = "\uFEFF";

  private static final ObjectMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

  private UsersFile() {}

  /**
   * Returns the users of the file, one a line; null if the command line names no file. Blanks
   * around an id belong to it; empty lines are ignored. A line in double quotes is a string of
   * JSON: so an id can have a line break.
   *
   * @throws Failure of usage, if the file cannot be read, has too many lines, or one in double
   *     quotes that is no JSON
   */
  static Set<String> read(Arguments arguments, Opt opt) {
    String file = arguments.text(opt);
    if (file == null) {
      return null;
    }
    Set<String> users = new TreeSet<>();
    List<String> lines = lines(opt, file);
    for (int i = 0; i < lines.size(); i++) {
      users.add(id(lines.get(i), opt, file, i + 1));
    }
    users.remove("");
    if (users.size() > MOST) {
      throw Failure.usage(
          "--%s %s has %,d users: at most %,d are possible.",
          opt.longName(), file, users.size(), MOST);
    }
    return users;
  }

  /** The line itself is personal data, and is not shown. */
  private static String id(String line, Opt opt, String file, int number) {
    if (line.length() < 2 || !line.startsWith("\"") || !line.endsWith("\"")) {
      return line;
    }
    try {
      return JSON.readTree(line).textValue();
    } catch (JsonProcessingException e) {
      throw Failure.usage(
          "--%s %s, line %d: a line in double quotes must be a string of JSON: write \\\" for a quote in it.",
          opt.longName(), file, number);
    }
  }

  private static List<String> lines(Opt opt, String file) {
    try {
      String text = Files.readString(Path.of(file), StandardCharsets.UTF_8);
      return (text.startsWith(BYTE_ORDER_MARK) ? text.substring(1) : text).lines().toList();
    } catch (CharacterCodingException e) {
      throw Failure.usage("--%s %s is not UTF-8 text.", opt.longName(), file);
    } catch (IOException | InvalidPathException e) {
      throw Failure.usage(
          "--%s %s cannot be read (%s).", opt.longName(), file, e.getClass().getSimpleName());
    }
  }
}
