package io.sessionize.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.Failure;
import io.sessionize.column.GivenColumns;
import io.sessionize.event.GivenDefinition;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DefinitionOptionsTest extends CommandLineFixture {
  private static final String ONE = "version: 1\ntopics:\n  web:\n    preset: sessionize\n";
  private static final String TWO = ONE + "  app:\n    preset: sessionize\n";

  @TempDir private Path folder;

  private Arguments arguments(String definition, String... more) throws IOException {
    Path file = Files.writeString(folder.resolve("events.yaml"), definition);
    List<String> words = new ArrayList<>(List.of("--definition", file.toString()));
    words.addAll(List.of(more));
    return Arguments.parse(new RunCommand(), words, name -> null);
  }

  private static Set<String> topics(Arguments arguments) {
    return DefinitionOptions.read(arguments).given().topics().keySet();
  }

  @Test
  void withoutTheOptionTheRecordedDefinitionHolds() {
    Arguments none = Arguments.parse(new RunCommand(), List.of(), name -> null);
    assertEquals(GivenDefinition.NONE, DefinitionOptions.read(none));
    assertEquals(Set.of("clickstream-events"), DefinitionOptions.topics(none));
  }

  @Test
  void theFileIsReadOnce() throws IOException {
    Arguments arguments = arguments(ONE + "session:\n  rules:\n    max_events: 7\n");
    assertEquals(7, DefinitionOptions.rules(arguments).maxEvents());
    Files.delete(folder.resolve("events.yaml"));
    assertEquals(Set.of("web"), topics(arguments));
    assertEquals(GivenColumns.NONE, DefinitionOptions.columns(arguments));
  }

  @Test
  void theOnlyTopicIsReadAndCanHaveAnotherName() throws IOException {
    assertEquals(Set.of("web"), topics(arguments(ONE)));
    assertEquals(Set.of("web"), DefinitionOptions.topics(arguments(ONE)));
    Arguments renamed = arguments(ONE, "--kafka-topic", "test-web");
    assertEquals(Set.of("test-web"), topics(renamed));
    assertEquals(Set.of("test-web"), DefinitionOptions.topics(renamed));
  }

  @Test
  void severalTopicsHaveTheirOwnNames() throws IOException {
    assertEquals(Set.of("app", "web"), topics(arguments(TWO)));
    Arguments renamed = arguments(TWO, "--kafka-topic", "web");
    Failure refused = assertThrows(Failure.class, () -> DefinitionOptions.read(renamed));
    assertEquals(Failure.Kind.USAGE, refused.kind());
    assertTrue(refused.getMessage().contains("app, web: omit --kafka-topic"), refused.getMessage());
  }

  @Test
  void theProducerTakesTheKeysOfOneTopic() throws IOException {
    assertEquals(null, DefinitionOptions.ofProducer(produce(null)));
    assertEquals(Set.of("web"), producerTopics(ONE, "--from-file", "f"));
    assertEquals(Set.of("test"), producerTopics(ONE, "--from-file", "f", "--topic", "test"));
    assertEquals(Set.of("app"), producerTopics(TWO, "--from-file", "f", "--topic", "app"));
    for (String[] wrong :
        new String[][] {{}, {"--from-file", "f"}, {"--from-file", "f", "--topic", "other"}}) {
      assertThrows(Failure.class, () -> producerTopics(TWO, wrong));
    }
  }

  private Set<String> producerTopics(String definition, String... more) throws IOException {
    return DefinitionOptions.ofProducer(produce(definition, more)).topics().keySet();
  }

  private Arguments produce(String definition, String... more) throws IOException {
    List<String> words = new ArrayList<>(List.of(more));
    if (definition != null) {
      Path file = Files.writeString(folder.resolve("events.yaml"), definition);
      words.addAll(List.of("--definition", file.toString()));
    }
    return Arguments.parse(new ProduceCommand(), words, name -> null);
  }

  @Test
  void theSampleHasItsOwnDefinition() throws IOException {
    Path file = Files.writeString(folder.resolve("events.yaml"), ONE);
    assertRefused("omit --definition", "run", "--test-mode", "--definition", file.toString());
  }
}
