package io.sessionize.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the documents say of the commands' options is what the program says of itself. */
class ReadmeTest {
  private static final String END = "<!-- /options -->";

  @Test
  void theReadmesTableOfRunComesFromTheOneList() throws IOException {
    assertEquals(table(new RunCommand()), written("README.md", "run"));
  }

  static Stream<Command> commands() {
    return Main.commands().stream();
  }

  @ParameterizedTest
  @MethodSource("commands")
  void theReferencesTablesComeFromTheOneList(Command command) throws IOException {
    assertEquals(
        command.summary() + ".\n\n" + table(command), written("docs/reference.md", command.name()));
  }

  private static String written(String document, String command) throws IOException {
    String text = Files.readString(Path.of(document));
    String start = "<!-- options:" + command + " -->\n";
    assertTrue(text.contains(start), () -> document + " has no " + start);
    int begin = text.indexOf(start) + start.length();
    return text.substring(begin, text.indexOf(END, begin));
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
