package io.sessionize.testing;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;

/**
 * A real broker with only SASL_SSL: a SCRAM user with rights to topics alone, and a new self-signed
 * certificate. Its passwords are random, so that tests can search for them.
 */
public final class SecureBroker implements AutoCloseable {
  public static final String USER = "sessionize";

  /** What {@code run} and {@code produce} need, by docs/security.md. */
  private static final List<AclOperation> RIGHTS =
      List.of(AclOperation.DESCRIBE, AclOperation.READ, AclOperation.WRITE, AclOperation.CREATE);

  private static final String ADMIN = "admin";
  private static final String ALIAS = "broker";
  private static final Path CLASS_PATH = Path.of("target/kafka-broker.classpath");

  private final Path folder;
  private final String servers;
  private final String userPassword = "user-" + UUID.randomUUID();
  private final String adminPassword = "admin-" + UUID.randomUUID();
  private final String keyPassword = "key-" + UUID.randomUUID();
  private final String trustPassword = "trust-" + UUID.randomUUID();
  private final Process process;

  private SecureBroker(Path folder) throws Exception {
    this.folder = folder;
    // scripts/kafka writes the class path of the broker to a file.
    TestBroker.shared();
    certificate();
    int port = freePort();
    servers = "127.0.0.1:" + port;
    Path properties = Files.writeString(folder.resolve("server.properties"), settings(port));
    kafka(
            "kafka.tools.StorageTool",
            "format",
            "--cluster-id",
            "sessionize-secure-test",
            "--config",
            properties.toString(),
            "--add-scram",
            scram(USER, userPassword),
            "--add-scram",
            scram(ADMIN, adminPassword))
        .succeed();
    process = kafka("kafka.Kafka", properties.toString()).start();
  }

  /** Starts a broker and waits until it answers. */
  public static SecureBroker start(Path folder) throws Exception {
    SecureBroker broker = new SecureBroker(folder);
    Runtime.getRuntime().addShutdownHook(new Thread(broker::close));
    String login =
        "org.apache.kafka.common.security.scram.ScramLoginModule required username=\"%s\" password=\"%s\";";
    Map<String, Object> client =
        Map.of(
            "bootstrap.servers",
            broker.servers,
            "security.protocol",
            "SASL_SSL",
            "sasl.mechanism",
            "SCRAM-SHA-512",
            "sasl.jaas.config",
            login.formatted(ADMIN, broker.adminPassword),
            "ssl.truststore.location",
            broker.trustStore().toString(),
            "ssl.truststore.password",
            broker.trustPassword);
    try (Admin admin = Admin.create(client)) {
      admin
          .createAcls(RIGHTS.stream().map(SecureBroker::toTopics).toList())
          .all()
          .get(60, TimeUnit.SECONDS);
    }
    return broker;
  }

  private static AclBinding toTopics(AclOperation right) {
    return new AclBinding(
        new ResourcePattern(ResourceType.TOPIC, "*", PatternType.LITERAL),
        new AccessControlEntry("User:" + USER, "*", right, AclPermissionType.ALLOW));
  }

  private static String scram(String user, String password) {
    return "SCRAM-SHA-512=[name=%s,password=%s]".formatted(user, password);
  }

  public String servers() {
    return servers;
  }

  public String userPassword() {
    return userPassword;
  }

  /** The password of the key store and of its key. */
  public String keyPassword() {
    return keyPassword;
  }

  public String trustPassword() {
    return trustPassword;
  }

  /** A key store with the only key that the broker trusts: its own. */
  public Path keyStore() {
    return folder.resolve("key.p12");
  }

  /** A trust store with the certificate of the broker. */
  public Path trustStore() {
    return folder.resolve("trust.p12");
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }

  private void certificate() throws IOException, InterruptedException, GeneralSecurityException {
    new Command(
            Path.of(System.getProperty("java.home"), "bin/keytool").toString(),
            "-genkeypair",
            "-alias",
            ALIAS,
            "-keyalg",
            "EC",
            "-dname",
            "CN=localhost",
            "-ext",
            "san=ip:127.0.0.1",
            "-keystore",
            keyStore().toString(),
            "-storetype",
            "PKCS12",
            "-storepass",
            keyPassword)
        .succeed();
    KeyStore keys = KeyStore.getInstance(keyStore().toFile(), keyPassword.toCharArray());
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    trusted.setCertificateEntry(ALIAS, keys.getCertificate(ALIAS));
    try (OutputStream out = Files.newOutputStream(trustStore())) {
      trusted.store(out, trustPassword.toCharArray());
    }
  }

  private String settings(int port) throws IOException {
    int controllerPort = freePort();
    return """
        process.roles=broker,controller
        node.id=1
        listeners=SASL_SSL://127.0.0.1:%1$d,CONTROLLER://127.0.0.1:%2$d
        listener.security.protocol.map=SASL_SSL:SASL_SSL,CONTROLLER:PLAINTEXT
        inter.broker.listener.name=SASL_SSL
        controller.listener.names=CONTROLLER
        controller.quorum.voters=1@127.0.0.1:%2$d
        log.dirs=%3$s
        offsets.topic.replication.factor=1
        log.cleaner.dedupe.buffer.size=16777216
        sasl.enabled.mechanisms=SCRAM-SHA-512
        sasl.mechanism.inter.broker.protocol=SCRAM-SHA-512
        listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config=\
        org.apache.kafka.common.security.scram.ScramLoginModule required;
        authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
        super.users=User:ANONYMOUS;User:%8$s
        ssl.client.auth=requested
        ssl.keystore.location=%4$s
        ssl.keystore.password=%5$s
        ssl.key.password=%5$s
        ssl.truststore.location=%6$s
        ssl.truststore.password=%7$s
        """
        .formatted(
            port,
            controllerPort,
            folder.resolve("topics"),
            keyStore(),
            keyPassword,
            trustStore(),
            trustPassword,
            ADMIN);
  }

  /** Below the range that systems give to outgoing connections. */
  private static int freePort() throws IOException {
    while (true) {
      int port = ThreadLocalRandom.current().nextInt(10_240, 32_768);
      try (ServerSocket free = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
        return free.getLocalPort();
      } catch (java.net.BindException e) {
        // The port is in use: try another one.
      }
    }
  }

  private Command kafka(String... words) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin/java").toString());
    command.addAll(List.of("-Xmx512m", "-XX:+UseSerialGC", "-cp"));
    command.add("scripts/broker:" + Files.readString(CLASS_PATH).strip());
    command.addAll(List.of(words));
    return new Command(command.toArray(String[]::new));
  }

  private final class Command {
    private final ProcessBuilder builder;

    Command(String... words) {
      builder = new ProcessBuilder(words).redirectErrorStream(true);
      builder.redirectOutput(
          ProcessBuilder.Redirect.appendTo(folder.resolve("broker.log").toFile()));
    }

    Process start() throws IOException {
      return builder.start();
    }

    void succeed() throws IOException, InterruptedException {
      if (start().waitFor() != 0) {
        throw new AssertionError(Files.readString(folder.resolve("broker.log")));
      }
    }
  }
}
