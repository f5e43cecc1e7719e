package io.sessionize.producer;

import io.sessionize.Failure;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;

/**
 * Where the events go.
 *
 * @param servers Kafka bootstrap servers, as {@code host:port,...}
 * @param partitions of the topic where it does not exist yet
 * @param clientSettings the user's own, which win over ours but for the servers
 */
public record Target(String servers, String topic, int partitions, Properties clientSettings) {

  /**
   * Client settings from a properties file in UTF-8.
   *
   * @throws Failure of usage where it cannot be read
   */
  public static Properties settings(Path file) {
    Properties settings = new Properties();
    try (InputStream in = Files.newInputStream(file)) {
      settings.load(new InputStreamReader(in, StandardCharsets.UTF_8));
      return settings;
    } catch (IOException | IllegalArgumentException e) {
      throw Failure.usage(
          "Cannot read --kafka-properties '%s': %s.", file, e.getClass().getSimpleName());
    }
  }
}
