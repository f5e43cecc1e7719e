package io.sessionize.source;

import io.sessionize.Failure;
import io.sessionize.PropertiesFile;
import io.sessionize.event.registry.RegistrySettings;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.utils.Utils;

/**
 * The servers and client settings of a Kafka cluster, and of the schema registries beside it.
 *
 * @param servers bootstrap servers, as {@code host:port,...}
 * @param settings more client settings; they may hold secrets, so never print them
 */
public record KafkaConnection(String servers, Map<String, String> settings) {
  private static final String ISOLATION_LEVEL = ConsumerConfig.ISOLATION_LEVEL_CONFIG;
  private static final int TIMEOUT_MS = 15_000;

  /**
   * @throws Failure of usage, if the servers are not of this form, or the settings of the
   *     registries are wrong
   */
  public KafkaConnection {
    for (String server : servers.split(",", -1)) {
      if (Utils.getHost(server.strip()) == null || Utils.getPort(server.strip()) == null) {
        throw Failure.usage(
            "--kafka-servers must be host:port, or several with commas between, not '%s'.",
            servers);
      }
    }
    settings = Map.copyOf(settings);
    RegistrySettings.of(settings);
  }

  /**
   * Creates a connection with the settings of a properties file in UTF-8.
   *
   * @param file may be null
   * @throws Failure of usage, if the file cannot be read
   */
  public static KafkaConnection of(String servers, String file) {
    return new KafkaConnection(servers, PropertiesFile.read("--kafka-properties", file));
  }

  /** Returns the settings of a Kafka client: the user's settings and the servers. */
  public Map<String, String> clientSettings() {
    Map<String, String> client = new HashMap<>(settings);
    client.keySet().removeIf(RegistrySettings::isOne);
    client.put("bootstrap.servers", servers);
    return client;
  }

  /** Returns the user of the schema registries. */
  public RegistrySettings registries() {
    return RegistrySettings.of(settings);
  }

  /**
   * Returns which records are read, and so where a partition ends. By default, only committed
   * records are read, and nothing beyond an open transaction; the user's settings may change that.
   *
   * @throws Failure of usage, if the setting is not an isolation level
   */
  IsolationLevel isolationLevel() {
    String given = settings.getOrDefault(ISOLATION_LEVEL, "read_committed");
    try {
      return IsolationLevel.valueOf(given.toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      throw Failure.usage(
          "The isolation.level of --kafka-properties must be read_committed or read_uncommitted, not '%s'.",
          given);
    }
  }

  /**
   * Creates an admin client with a timeout of {@value #TIMEOUT_MS} ms, unless the user's settings
   * have another one. The caller closes it.
   *
   * @throws Failure of usage, if the settings cannot be used; unreachable, if no server name can be
   *     resolved
   */
  public Admin admin() {
    Map<String, Object> client = new HashMap<>();
    client.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, TIMEOUT_MS);
    client.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, TIMEOUT_MS);
    client.putAll(clientSettings());
    try {
      return Admin.create(client);
    } catch (KafkaException e) {
      throw cannotStart(clientSettings(), e);
    }
  }

  /** Makes the failure for a cluster that did not answer in time. */
  public Failure noAnswer(Throwable thrown) {
    return Failure.unreachable(
        thrown,
        "Kafka at %s could not be reached: start it, or give another --kafka-servers. A server that requires TLS"
            + " or SASL does not answer either: see --kafka-properties.",
        servers);
  }

  /** Makes the failure for a client that could not be created with these settings. */
  static Failure cannotStart(Map<String, String> client, KafkaException thrown) {
    Throwable cause = thrown;
    while (cause instanceof KafkaException && cause.getCause() != null) {
      cause = cause.getCause();
    }
    String why = KafkaErrors.line(cause);
    if (why.startsWith("No resolvable")) {
      return Failure.unreachable(
          thrown,
          "Kafka at %s cannot be found: %s. Check --kafka-servers.",
          client.get("bootstrap.servers"),
          why);
    }
    if (client.containsKey("sasl.jaas.config") && why.contains("JAAS")) {
      // Neither Kafka's message nor its exception: they quote the word that could not be parsed. If
      // a
      // quote is missing, that word is part of the password.
      return Failure.usage(
          "The sasl.jaas.config of --kafka-properties cannot be read: check its quotes, and the semicolon at its"
              + " end.");
    }
    return new Failure(
        Failure.Kind.USAGE,
        "Kafka's client cannot be started: "
            + why
            + ". Check --kafka-servers and --kafka-properties.",
        thrown);
  }

  /** Returns the servers only, because the settings may hold secrets. */
  @Override
  public String toString() {
    return servers;
  }
}
