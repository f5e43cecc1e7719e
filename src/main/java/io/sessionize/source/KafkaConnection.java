package io.sessionize.source;

import io.sessionize.Failure;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;

/**
 * How to reach Kafka.
 *
 * @param servers bootstrap servers
 * @param settings more client settings, secrets among them: never to be printed
 */
public record KafkaConnection(String servers, Map<String, String> settings) {

  public KafkaConnection {
    settings = Map.copyOf(settings);
  }

  /**
   * Reads the settings from a properties file.
   *
   * @param file may be null
   * @throws Failure of usage where it cannot be read
   */
  public static KafkaConnection of(String servers, String file) {
    if (file == null) {
      return new KafkaConnection(servers, Map.of());
    }
    Properties properties = new Properties();
    try (Reader reader = Files.newBufferedReader(Path.of(file))) {
      properties.load(reader);
    } catch (IOException | IllegalArgumentException e) {
      throw Failure.usage("--kafka-properties %s cannot be read: %s.", file, e.getMessage());
    }
    Map<String, String> settings = new HashMap<>();
    properties.stringPropertyNames().forEach(key -> settings.put(key, properties.getProperty(key)));
    return new KafkaConnection(servers, settings);
  }

  /** What a Kafka client takes. */
  Map<String, String> clientSettings() {
    Map<String, String> client = new HashMap<>(settings);
    client.put("bootstrap.servers", servers);
    return client;
  }

  /** Without the settings, which may hold secrets. */
  @Override
  public String toString() {
    return servers;
  }
}
