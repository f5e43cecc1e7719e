package io.sessionize.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What the README says of the program is what the program says of itself. */
class ReadmeTest {
  private static final String START = "<!-- options:run -->\n";
  private static final String END = "<!-- /options -->";

  @Test
  void theOptionsTableOfRunComesFromTheOneList() throws IOException {
    String readme = Files.readString(Path.of("README.md"));
    int start = readme.indexOf(START) + START.length();
    assertEquals(table(new RunCommand()), readme.substring(start, readme.indexOf(END)));
  }

  private static String table(Command command) {
    return command.options().stream()
        .filter(opt -> opt != Opt.HELP)
        .map(
            opt ->
                String.format(
                    "| `--%s%s` | %s |%n",
                    opt.longName(),
                    opt.argument() == null ? "" : " " + opt.argument().replace("|", "\\|"),
                    opt.help()))
        .collect(Collectors.joining("", "| option | what it does |\n|---|---|\n", ""));
  }
}
