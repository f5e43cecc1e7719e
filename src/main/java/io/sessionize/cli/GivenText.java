package io.sessionize.cli;

import io.sessionize.Failure;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;

/**
 * Checks that the arguments, the environment and the working directory were read as they were
 * given. Java 17 reads them in the charset of the locale, and replaces each byte that is not in it.
 *
 * @param charset the charset of the locale, as in {@code sun.jnu.encoding}
 * @param wasUtf8 returns whether the bytes of the command line are UTF-8
 */
record GivenText(String charset, BooleanSupplier wasUtf8) {
  private static final Path COMMAND_LINE = Path.of("/proc/self/cmdline");
  private static final char REPLACEMENT = '\uFFFD';

  static GivenText ofThisProcess() {
    return new GivenText(
        System.getProperty("sun.jnu.encoding", "unknown"), GivenText::isCommandLineUtf8);
  }

  /**
   * Checks the arguments and the working directory.
   *
   * @throws Failure of usage; it does not contain the value, which may be the id of a user
   */
  void require(String[] args, String workingDirectory) {
    for (int i = 0; i < args.length; i++) {
      require(name(args, i), args[i]);
    }
    require("The name of the working directory", workingDirectory);
  }

  /** Returns the environment, with the check for each value that is used. */
  UnaryOperator<String> checked(UnaryOperator<String> environment) {
    return name -> {
      String value = environment.apply(name);
      if (value != null) {
        require("The environment variable " + name, value);
      }
      return value;
    };
  }

  private void require(String name, String text) {
    boolean isUtf8 = charset.equalsIgnoreCase(StandardCharsets.UTF_8.name());
    if (!isUtf8 && isDamaged(text)) {
      throw Failure.usage(
          "%s cannot be read, because the charset of the locale is %s: set LC_ALL=C.UTF-8 in the environment of this"
              + " process.",
          name, charset);
    }
    if (isUtf8 && text.indexOf(REPLACEMENT) >= 0 && !wasUtf8.getAsBoolean()) {
      throw Failure.usage("%s is not UTF-8: write the command line or its script in UTF-8.", name);
    }
  }

  /**
   * Returns whether a text may have been damaged. Java replaces a byte by U+FFFD. The programs of
   * spark-submit pass that on as a question mark; a character that is not ASCII has at least two
   * bytes in UTF-8.
   */
  private static boolean isDamaged(String text) {
    return text.contains("??") || text.chars().anyMatch(c -> c > 127);
  }

  private static String name(String[] args, int index) {
    String option = args[index].startsWith("--") ? args[index] : index > 0 ? args[index - 1] : "";
    int equals = option.indexOf('=');
    String name = equals < 0 ? option : option.substring(0, equals);
    return name.matches("--?[a-z-]+") ? "The value of " + name : "Argument " + (index + 1);
  }

  private static boolean isCommandLineUtf8() {
    try {
      StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(Files.readAllBytes(COMMAND_LINE)));
      return true;
    } catch (IOException e) {
      // It is not UTF-8, or this system does not show it.
      return false;
    }
  }
}
