package io.sessionize.report;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Builds a page from the resources in {@code report}. The content security policy allows the
 * scripts and styles of these resources only, by their hashes, whatever the data contains.
 *
 * @param page name of the HTML file
 * @param scripts names of its scripts, in order
 */
record Template(String page, List<String> scripts) {
  /** The page of {@code report}. */
  static final Template REPORT =
      new Template(
          "page.html",
          List.of(
              "data.js",
              "charts.js",
              "theme.js",
              "users.js",
              "columns.js",
              "sessions.js",
              "operators.js",
              "page.js"));

  /** The page of a what-if. */
  static final Template COMPARISON =
      new Template("comparison.html", List.of("data.js", "charts.js", "theme.js", "comparison.js"));

  /** Returns the page with its data. */
  String fill(ObjectNode data) {
    String library = read("echarts.min.js");
    String script = scripts.stream().map(Template::read).collect(Collectors.joining("\n"));
    String style = read("page.css");
    String policy =
        String.format(
            "default-src 'none'; script-src %s %s; style-src %s;"
                + " base-uri 'none'; form-action 'none'",
            hash(library), hash(script), hash(style));
    // Data last, so that placeholders within the data are not replaced.
    return read(page)
        .replace("{{policy}}", policy)
        .replace("{{style}}", style)
        .replace("{{license}}", read("charts-license.txt"))
        .replace("{{library}}", library)
        .replace("{{script}}", script)
        .replace("{{data}}", embeddable(data.toString()));
  }

  /**
   * Escapes JSON so that no text can end the HTML element that contains it. The escaped characters
   * occur in JSON within texts only.
   */
  static String embeddable(String json) {
    return json.replace("&", "\\u0026")
        .replace("<", "\\u003c")
        .replace(">", "\\u003e")
        .replace("\u2028", "\\u2028")
        .replace("\u2029", "\\u2029");
  }

  private static String hash(String text) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return "'sha256-" + Base64.getEncoder().encodeToString(digest) + "'";
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String read(String name) {
    try (InputStream file = Template.class.getResourceAsStream("/report/" + name)) {
      return new String(file.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
