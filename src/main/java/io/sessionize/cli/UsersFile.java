package io.sessionize.cli;

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

  private UsersFile() {}

  /**
   * Returns the users of the file, one a line; null if the command line names no file. Blanks
   * around an id belong to it; empty lines are ignored.
   *
   * @throws Failure of usage, if the file cannot be read, or has too many lines
   */
  static Set<String> read(Arguments arguments, Opt opt) {
    String file = arguments.text(opt);
    if (file == null) {
      return null;
    }
    Set<String> users = new TreeSet<>(lines(opt, file));
    users.removeIf(String::isEmpty);
    if (users.size() > MOST) {
      throw Failure.usage(
          "--%s %s has %,d users: at most %,d are possible.",
          opt.longName(), file, users.size(), MOST);
    }
    return users;
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
