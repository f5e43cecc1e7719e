package io.sessionize.event;

import io.sessionize.Failure;
import io.sessionize.event.DefinitionKey.Section;
import java.io.StringReader;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.commons.text.similarity.LevenshteinDistance;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;

/**
 * A node of a definition file, which knows its place for messages. Scalars are texts, whatever YAML
 * would make of them: {@code null} is the text "null". No object is constructed.
 *
 * @param file name of the file
 * @param path of keys to the node, such as {@code topics.clicks.event}; empty for the root
 * @param key its key in a mapping; null of an element or the root
 */
record DefinitionNode(String file, String path, Node node, Node key) {
  private static final int LONGEST_VALUE = 60;

  /** A name is near another one if at most one in so many of its letters differs. */
  private static final int LETTERS_PER_TYPO = 3;

  /**
   * Parses a file.
   *
   * @throws Failure of usage, if it is no YAML
   */
  static DefinitionNode parse(String file, String text) {
    Node node;
    try {
      // The options bound aliases, depth and size.
      node = new Yaml(new LoaderOptions()).compose(new StringReader(text));
    } catch (MarkedYAMLException e) {
      throw Failure.usage(
          "%s, line %d: not YAML: %s.", file, e.getProblemMark().getLine() + 1, e.getProblem());
    } catch (YAMLException e) {
      throw Failure.usage("%s: not YAML: %s.", file, e.getMessage().lines().findFirst().orElse(""));
    }
    if (node == null) {
      throw Failure.usage("%s is empty: give at least version and topics.", file);
    }
    return new DefinitionNode(file, "", node, null);
  }

  boolean isMapping() {
    return node instanceof MappingNode;
  }

  /**
   * The values of a section by key.
   *
   * @throws Failure of usage, if a key is unknown or occurs twice
   */
  Map<DefinitionKey, DefinitionNode> keys(Section section) {
    Map<DefinitionKey, DefinitionNode> keys = new EnumMap<>(DefinitionKey.class);
    entries()
        .forEach(
            (name, value) ->
                keys.put(
                    section.key(name).orElseThrow(() -> value.atKey().unknown(name, section)),
                    value));
    return keys;
  }

  /** The node that a message names by the line of its key. */
  private DefinitionNode atKey() {
    return new DefinitionNode(file, path, key, key);
  }

  private Failure unknown(String name, Section section) {
    Optional<Section> other =
        Arrays.stream(Section.values()).filter(each -> each.key(name).isPresent()).findFirst();
    if (other.isPresent()) {
      return failure("is no key here, but of %s", other.get().text());
    }
    LevenshteinDistance distance = LevenshteinDistance.getDefaultInstance();
    List<String> known = section.keys().stream().map(DefinitionKey::text).toList();
    return known.stream()
        .filter(
            key ->
                distance.apply(key, shortened(name))
                    <= Math.max(1, name.length() / LETTERS_PER_TYPO))
        .min(Comparator.comparing(key -> distance.apply(key, shortened(name))))
        .map(nearest -> failure("unknown key; the nearest known one is %s", nearest))
        .orElseGet(() -> failure("unknown key; the known ones are %s", String.join(", ", known)));
  }

  /**
   * The values of a mapping whose keys are free names.
   *
   * @throws Failure of usage, if it is no mapping, or if a name occurs twice
   */
  Map<String, DefinitionNode> entries() {
    if (!(node instanceof MappingNode mapping)) {
      throw failure("must be a section of keys and values");
    }
    Map<String, DefinitionNode> entries = new LinkedHashMap<>();
    for (NodeTuple tuple : mapping.getValue()) {
      if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
        throw failure("has a key that is no text");
      }
      String name = key.getValue();
      String below = path.isEmpty() ? shortened(name) : path + "." + shortened(name);
      DefinitionNode value = new DefinitionNode(file, below, tuple.getValueNode(), key);
      if (entries.put(name, value) != null) {
        throw value.atKey().failure("is given twice: leave one out");
      }
    }
    return entries;
  }

  /** The elements of a list; the node itself if it is none. */
  List<DefinitionNode> elements() {
    if (!(node instanceof SequenceNode sequence)) {
      return List.of(this);
    }
    List<Node> nodes = sequence.getValue();
    return IntStream.range(0, nodes.size())
        .mapToObj(i -> new DefinitionNode(file, path + "[" + i + "]", nodes.get(i), null))
        .toList();
  }

  /**
   * The text of a scalar.
   *
   * @throws Failure of usage, if it is none, or if it has no value
   */
  String text() {
    if (!(node instanceof ScalarNode scalar)) {
      throw failure("must be one text");
    }
    if (scalar.isPlain() && scalar.getValue().isEmpty()) {
      throw failure("has no value: give one, or leave the key out");
    }
    return scalar.getValue();
  }

  /** A failure of usage at this node; the message has no full stop at its end. */
  Failure failure(String format, Object... args) {
    String where = path.isEmpty() ? "" : " " + path + ":";
    return Failure.usage(
        "%s, line %d:%s %s.",
        file, node.getStartMark().getLine() + 1, where, String.format(format, args));
  }

  /** The failure of a value. */
  Failure badValue(String instead) {
    return failure("'%s' is not valid: %s", shortened(text()), instead);
  }

  private static String shortened(String text) {
    String line = text.replaceAll("\\p{Cntrl}", "?");
    return line.length() <= LONGEST_VALUE ? line : line.substring(0, LONGEST_VALUE) + "...";
  }
}
