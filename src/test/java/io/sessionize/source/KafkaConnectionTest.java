package io.sessionize.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sessionize.Failure;
import java.util.Map;
import org.junit.jupiter.api.Test;

class KafkaConnectionTest {

  @Test
  void kafkasClientsDoNotGetThePasswordOfASchemaRegistry() {
    KafkaConnection kafka =
        new KafkaConnection(
            "kafka:9092",
            Map.of(
                "security.protocol",
                "SSL",
                "schema.registry.url",
                "https://registry",
                "basic.auth.credentials.source",
                "USER_INFO",
                "basic.auth.user.info",
                "user:secret"));
    assertEquals(
        Map.of("security.protocol", "SSL", "bootstrap.servers", "kafka:9092"),
        kafka.clientSettings());
    assertEquals("[https://registry]", kafka.registries().toString());
  }

  @Test
  void settingsOfARegistryAreCheckedAtOnce() {
    Map<String, String> settings = Map.of("basic.auth.user.info", "user:secret");
    Failure failure =
        assertThrows(Failure.class, () -> new KafkaConnection("kafka:9092", settings));
    assertEquals(Failure.Kind.USAGE, failure.kind());
  }
}
