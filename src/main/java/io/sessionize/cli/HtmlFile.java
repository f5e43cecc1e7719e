package io.sessionize.cli;

import io.sessionize.Failure;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The file of {@code --html}. */
record HtmlFile(Path path) {

  /**
   * Reads the option.
   *
   * @throws Failure of usage, if it is no file in an existing folder
   */
  static HtmlFile read(Arguments arguments) {
    String text = arguments.text(Opt.HTML);
    if (text == null || text.isBlank()) {
      throw Failure.usage("Give the file of the page: --html FILE.");
    }
    Path file = Path.of(text);
    Path folder = file.toAbsolutePath().getParent();
    if (Files.isDirectory(file) || folder == null || !Files.isDirectory(folder)) {
      throw Failure.usage(
          "--html %s cannot be written: it must be a file in an existing folder.", text);
    }
    return new HtmlFile(file);
  }

  /**
   * Replaces the file.
   *
   * @throws Failure of usage, if the folder does not allow it
   */
  void write(String page) throws IOException {
    try {
      OutputFile.replace(path, out -> out.write(page.getBytes(StandardCharsets.UTF_8)));
    } catch (AccessDeniedException e) {
      throw Failure.usage("--html %s cannot be written (%s).", path, e.getClass().getSimpleName());
    }
  }
}
