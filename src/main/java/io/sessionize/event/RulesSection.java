package io.sessionize.event;

import static io.sessionize.event.DefinitionKey.*;

import io.sessionize.DurationText;
import io.sessionize.Failure;
import io.sessionize.event.DefinitionKey.Section;
import io.sessionize.session.DayZone;
import io.sessionize.session.GivenRules;
import io.sessionize.session.Property;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Reads the section {@code session.rules} of a definition file. A preset gives each rule that the
 * file does not give; a rule that it does not name is none. An empty text, or an empty list, gives
 * no such rule. Conditions are taken as they are.
 */
final class RulesSection {
  /** The bundled rules: resources {@code rules/NAME.yaml}. */
  static final List<String> PRESETS = List.of("ga4", "matomo");

  private RulesSection() {}

  /**
   * Reads the section.
   *
   * @param definition with the properties that a rule can name
   * @throws Failure of usage, if a value is wrong
   */
  static GivenRules read(DefinitionNode section, Definition definition) {
    Map<DefinitionKey, DefinitionNode> keys = section.keys(Section.RULES);
    DefinitionNode preset = keys.get(RULE_PRESET);
    if (preset != null) {
      preset(preset).forEach(keys::putIfAbsent);
    }
    GivenRules given =
        new GivenRules(
            duration(keys.get(RULE_TIMEOUT)),
            duration(keys.get(RULE_MAXIMUM)),
            text(keys.get(RULE_CLASS)),
            texts(keys.get(RULE_END_PAGES)),
            changes(keys.get(RULE_CHANGES), definition),
            zone(keys.get(RULE_DAY_IN)),
            text(keys.get(RULE_STARTS)),
            text(keys.get(RULE_ENDS)),
            number(keys.get(RULE_MAX_EVENTS)),
            preset != null);
    try {
      given.alone();
    } catch (Failure failure) {
      throw section.failure("%s", failure.getMessage().replaceFirst("\\.$", ""));
    }
    return given;
  }

  private static Map<DefinitionKey, DefinitionNode> preset(DefinitionNode node) {
    String name = node.text();
    if (!PRESETS.contains(name)) {
      throw node.badValue("the presets of rules are " + String.join(", ", PRESETS));
    }
    try (InputStream stream = RulesSection.class.getResourceAsStream("/rules/" + name + ".yaml")) {
      String text = new String(stream.readAllBytes(), StandardCharsets.UTF_8);
      return DefinitionNode.parse("rules of preset " + name, text).keys(Section.RULES);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Duration duration(DefinitionNode node) {
    return node == null
        ? null
        : DurationText.parse(node.text(), null)
            .orElseThrow(() -> node.badValue("give a time such as 45m or 2h, up to 100 years"));
  }

  private static String text(DefinitionNode node) {
    return node == null ? null : node.text().strip();
  }

  private static List<String> texts(DefinitionNode node) {
    return node == null ? null : node.elements().stream().map(DefinitionNode::text).toList();
  }

  private static List<String> changes(DefinitionNode node, Definition definition) {
    if (node == null) {
      return null;
    }
    List<String> properties = definition.properties().stream().map(Property::name).toList();
    List<String> changes = new ArrayList<>();
    for (DefinitionNode element : node.elements()) {
      if (!properties.contains(element.text())) {
        throw element.badValue(
            properties.isEmpty()
                ? "map it: no topic of the file has properties"
                : "map it, or give one of the properties " + String.join(", ", properties));
      }
      changes.add(element.text());
    }
    return changes;
  }

  private static String zone(DefinitionNode node) {
    String name = text(node);
    if (name != null && !name.isEmpty()) {
      try {
        DayZone.of(name);
      } catch (Failure unknown) {
        throw node.badValue("give a time zone such as Europe/Berlin");
      }
    }
    return name;
  }

  private static Long number(DefinitionNode node) {
    String text = text(node);
    if (text == null || text.isEmpty()) {
      return text == null ? null : 0L;
    }
    if (!text.matches("[1-9][0-9]{0,17}")) {
      throw node.badValue("give a whole number from 1 on");
    }
    return Long.valueOf(text);
  }
}
