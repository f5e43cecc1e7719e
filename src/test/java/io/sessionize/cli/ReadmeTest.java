package io.sessionize.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The tables of options in {@code docs/reference.md} are those of the program. {@code ./mvnw
 * -Dtest=ReadmeTest -DwriteTables=true test} writes them.
 */
class ReadmeTest {
  private static final Path DOCUMENT = Path.of("docs/reference.md");
  private static final String END = "<!-- /options -->";

  static Stream<Command> commands() {
    return Main.commands().stream();
  }

  @ParameterizedTest
  @MethodSource("commands")
  void theReferenceHasTheOptionsOfEveryCommand(Command command) throws IOException {
    compare(command.summary() + ".\n\n" + table(command), command.name());
  }

  private static void compare(String expected, String command) throws IOException {
    String text = Files.readString(DOCUMENT);
    String start = "<!-- options:" + command + " -->\n";
    assertTrue(text.contains(start), () -> DOCUMENT + " has no " + start);
    int begin = text.indexOf(start) + start.length();
    int end = text.indexOf(END, begin);
    if (Boolean.getBoolean("writeTables")) {
      Files.writeString(DOCUMENT, text.substring(0, begin) + expected + text.substring(end));
    } else {
      assertEquals(expected, text.substring(begin, end));
    }
  }

  private static String table(Command command) {
    return command.options().stream()
        .filter(opt -> opt != Opt.HELP)
        .map(
            opt ->
                String.format(
                    "| `%s--%s%s` | %s |%n",
                    opt.shortName() == null ? "" : "-" + opt.shortName() + ", ",
                    opt.longName(),
                    opt.argument() == null ? "" : " " + opt.argument().replace("|", "\\|"),
                    opt.help().replace("|", "\\|")))
        .collect(Collectors.joining("", "| option | what it does |\n|---|---|\n", ""));
  }
}
