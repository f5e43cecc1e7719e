package io.sessionize.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.testing.SecureBroker;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A broker with TLS and SASL, and a catalog with a credential: messages, secrets, ports, and
 * permissions of files.
 */
class SecurityIT {
  private static final String TOPIC = "secure-clicks";
  private static final String CREDENTIAL = "id:Xk29-credential";
  private static final String URI_PASSWORD = "Xk29-in-the-uri";

  private static final Pattern EXAMPLE = Pattern.compile("```properties\n(.*?)```", Pattern.DOTALL);

  @TempDir private static Path brokerFolder;
  private static SecureBroker broker;

  @TempDir private Path folder;

  @BeforeAll
  static void start() throws Exception {
    broker = SecureBroker.start(brokerFolder);
  }

  @AfterAll
  static void stop() {
    broker.close();
  }

  @Test
  void secretsAreToldNowhereAndNobodyElseMayReadWhatIsMade() throws Exception {
    String properties = properties(asDocumented() + clientKey());
    Path events =
        Files.writeString(
            folder.resolve("events.jsonl"),
            "{\"uuid\": \"ann\", \"event_id\": \"1\", \"event_timestamp\": \"1767225600000\"}\n");
    Files.setPosixFilePermissions(events, Set.of(PosixFilePermission.OWNER_READ));
    Path report = folder.resolve("report.json");
    Path warehouse = folder.resolve("warehouse");
    try (Processes shown = new Processes()) {
      try (Launched sent =
          launch("produce", "--topic", TOPIC, "--from-file", events.toString(), properties)) {
        assertTrue(sent.succeeds().out().get(0).startsWith("sent 1 events"), sent.out().toString());
      }
      try (Launched run =
          launch(
              "run",
              "--kafka-topic",
              TOPIC,
              "--warehouse",
              warehouse.toString(),
              "--report",
              report.toString(),
              "--log-level",
              "DEBUG",
              "--verbose",
              catalog(),
              properties)) {
        run.succeeds();
      }
      assertTrue(shown.lines().stream().anyMatch(line -> line.contains(warehouse.toString())));
      assertNoSecret("ps", String.join("\n", shown.lines()));
    }
    assertTrue(Files.readString(report).contains("\"records\" : 1"), Files.readString(report));
    assertTrue(
        files(warehouse.resolve("sessions")).anyMatch(file -> bytes(file).contains(TOPIC)),
        "No file of the tables contains the topic: the summaries are missing");
    assertNoSecretInFiles();
    assertClosedToOthers(folder);
  }

  /**
   * The second driver is started by spark-submit, as Airflow does: without the launcher's variables
   * and with a permissive umask.
   */
  @Test
  void neitherACrashNorAnEventLogNorAPortShowsAnything() throws Exception {
    Path scratch = Files.createDirectory(folder.resolve("scratch"));
    createTopic("crash-clicks");
    try (Launched run =
        launch(
            "run",
            "--kafka-topic",
            "crash-clicks",
            "--warehouse",
            folder.resolve("crashed").toString(),
            "--trigger",
            "60",
            "--spark-conf",
            "spark.local.dir=" + scratch,
            catalog(),
            properties(asDocumented() + clientKey()))) {
      run.await(() -> Files.exists(folder.resolve("crashed/catalog.db")));
      Processes.assertOnlyLoopback(run.pid());
      run.signal("SEGV");
      // 134 would be a crash with a core file.
      assertEquals(1, run.exitCode(), () -> run.err().toString());
    }
    List<Path> crash =
        files(folder.resolve("logs")).filter(file -> file.toString().contains("hs_err")).toList();
    assertEquals(1, crash.size(), crash.toString());
    assertEquals(1, children(scratch).size());
    Path left = children(scratch).get(0);

    Path eventLogs = Files.createDirectory(folder.resolve("event-logs"));
    Path home = Launched.sparkHome(folder);
    String submit =
        "umask 000; unset SPARK_LOCAL_IP; exec "
            + home
            + "/bin/spark-submit --master 'local[1]' --conf spark.eventLog.enabled=true --conf spark.eventLog.dir="
            + eventLogs
            + " --conf spark.local.dir="
            + scratch
            + " target/sessionize.jar run --test-mode "
            + catalog();
    Map<String, String> environment =
        Map.of(
            "SPARK_HOME",
            home.toString(),
            "PATH",
            Launched.venv().resolve("bin") + ":" + System.getenv("PATH"));
    try (Launched run = Launched.start(folder, environment, List.of("bash", "-c", submit))) {
      run.await(
          () ->
              children(scratch).stream()
                  .anyMatch(own -> !own.equals(left) && !children(own).isEmpty()));
      Path own = children(scratch).stream().filter(it -> !it.equals(left)).findAny().orElseThrow();
      assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(own)));
      run.await(() -> children(own).stream().anyMatch(it -> it.toString().contains("blockmgr")));
      Processes.assertOnlyLoopback(run.pid());
      run.succeeds();
    }
    assertEquals(List.of(), children(scratch), "left by the killed run, or by the one that ended");
    assertTrue(
        files(eventLogs)
            .anyMatch(file -> bytes(file).contains("spark.sql.catalog.other.credential")));
    assertNoSecretInFiles();
    files(folder.resolve("logs")).forEach(SecurityIT::assertClosedToOthers);
  }

  @Test
  void othersCanReadIfTheOperatorAsksForIt() throws Exception {
    Map<String, String> environment = Map.of("SESSIONIZE_UMASK", "022");
    try (Launched help = Launched.sessionize(folder, environment, "--help")) {
      help.succeeds();
    }
    assertEquals(
        "rwxr-xr-x",
        PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("logs"))));
    try (Launched wrong =
        Launched.sessionize(folder, Map.of("SESSIONIZE_UMASK", "u=rwx"), "--help")) {
      assertEquals(2, wrong.exitCode());
    }
  }

  /** The driver of the database names the address of the catalog in its message. */
  @Test
  void aCatalogThatCannotBeReachedShowsNoSecret() throws Exception {
    try (Launched status =
        launch(
            "status", "--spark-conf", "spark.sql.defaultCatalog=other", "--verbose", catalog())) {
      assertTrue(status.exitCode() > 0);
      assertNoSecret("stderr", String.join("\n", status.err()));
    }
    assertNoSecretInFiles();
  }

  @Test
  void aConnectionThatFailsIsOneLineThatSaysWhyAndTellsNoSecret() throws Exception {
    String good = asDocumented();
    String plaintext = "default.api.timeout.ms=3000\nrequest.timeout.ms=2000\n";
    List<Case> cases =
        List.of(
            new Case(
                2,
                "due to invalid credentials with SASL mechanism SCRAM-SHA-512",
                good.replace(broker.userPassword(), broker.userPassword() + "x")),
            new Case(
                2,
                "SSL handshake failed: PKIX path building failed",
                good.replaceAll("ssl\\.truststore.*\n", "")),
            new Case(
                2,
                "keystore password was incorrect",
                good.replace(broker.trustPassword(), broker.trustPassword() + "x")),
            // A quote in the password: Kafka's own message would contain the rest of it.
            new Case(
                2,
                "sasl.jaas.config of --kafka-properties cannot be read",
                good.replace("password=\"", "password=\"a\"")),
            new Case(5, "A server that requires TLS or SASL does not answer either", plaintext));
    for (Case failing : cases) {
      String file = file(failing.properties).toString();
      failing.assertMessage("run", "--kafka-topic", TOPIC, "--kafka-properties", file);
      failing.assertMessage("produce", "--topic", TOPIC, "--kafka-properties", file);
    }
  }

  @Test
  void theLogOfAFailedLoginContainsNoSecret() throws Exception {
    String[] wrong = {
      asDocumented().replace(broker.trustPassword(), broker.trustPassword() + "x"),
      asDocumented().replace(broker.userPassword(), broker.userPassword() + "x"),
      asDocumented().replace("password=\"", "password=\"a\"")
    };
    List<Launched> runs = new ArrayList<>();
    for (String properties : wrong) {
      runs.add(launch("run", "--kafka-topic", TOPIC, "--verbose", properties(properties)));
    }
    for (Launched run : runs) {
      assertEquals(2, run.exitCode(), () -> run.err().toString());
    }
    assertNoSecretInFiles();
  }

  private record Case(int exitCode, String message, String properties) {
    void assertMessage(String... words) {
      List<String> line = new ArrayList<>(List.of(words));
      line.addAll(List.of("--kafka-servers", broker.servers()));
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      int code = Main.run(line.toArray(String[]::new), print(out), print(bytes));
      String err = bytes.toString(UTF_8);
      assertEquals(exitCode, code, err);
      assertEquals("", out.toString(UTF_8));
      assertEquals(1, err.lines().count(), err);
      assertTrue(err.startsWith("sessionize: "), err);
      assertTrue(err.contains(message), err);
      assertNoSecret(words[0], err);
    }
  }

  private void createTopic(String topic) throws IOException {
    Path none = Files.createFile(brokerFolder.resolve(topic));
    String[] produce = {
      "produce",
      "--topic",
      topic,
      "--from-file",
      none.toString(),
      "--kafka-servers",
      broker.servers(),
      properties(asDocumented())
    };
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    assertEquals(0, Main.run(produce, System.out, print(err)), err.toString(UTF_8));
  }

  /** Starts the launcher with the most permissive umask. */
  private Launched launch(String... words) throws IOException {
    List<String> command = new ArrayList<>();
    command.addAll(List.of("bash", "-c", "umask 000; exec scripts/sessionize \"$@\"", "test"));
    command.addAll(List.of(words));
    command.addAll(List.of("--kafka-servers", broker.servers()));
    return Launched.start(folder, Map.of(), command);
  }

  private String properties(String text) throws IOException {
    return "--kafka-properties=" + file(text);
  }

  /** Writes client settings to the only folder that may contain secrets. */
  private static Path file(String text) throws IOException {
    return Files.writeString(Files.createTempFile(brokerFolder, "client", ".properties"), text);
  }

  /** Returns the example of docs/security.md with this broker's passwords. */
  private static String asDocumented() throws IOException {
    Matcher example = EXAMPLE.matcher(Files.readString(Path.of("docs/security.md")));
    assertTrue(example.find());
    return example
        .group(1)
        .replace("USER-PASSWORD", broker.userPassword())
        .replace("/etc/sessionize/kafka-truststore.p12", broker.trustStore().toString())
        .replace("STORE-PASSWORD", broker.trustPassword());
  }

  /** Returns the option with the settings of a catalog that has secrets. */
  private static String catalog() throws IOException {
    String name = "spark.sql.catalog.other";
    String settings =
        String.join(
            "\n",
            name + "=org.apache.iceberg.spark.SparkCatalog",
            name + ".type=jdbc",
            name + ".uri=jdbc:postgresql://someone:" + URI_PASSWORD + "@localhost:1/catalog",
            name + ".jdbc.password=" + URI_PASSWORD,
            name + ".warehouse=/nowhere",
            name + ".credential=" + CREDENTIAL);
    return "--spark-properties=" + file(settings);
  }

  private static String clientKey() {
    return String.format(
        "ssl.keystore.location=%s%nssl.keystore.password=%s%nssl.key.password=%s%n",
        broker.keyStore(), broker.keyPassword(), broker.keyPassword());
  }

  private void assertNoSecretInFiles() throws IOException {
    assertTrue(Files.size(folder.resolve("logs/sessionize.log")) > 0);
    files(folder)
        .filter(Files::isRegularFile)
        .forEach(file -> assertNoSecret(file.toString(), bytes(file)));
  }

  private static void assertNoSecret(String where, String text) {
    for (String secret :
        List.of(
            broker.userPassword(),
            broker.keyPassword(),
            broker.trustPassword(),
            CREDENTIAL,
            URI_PASSWORD)) {
      assertFalse(text.contains(secret), where + " contains " + secret);
    }
  }

  private static Stream<Path> files(Path root) throws IOException {
    try (Stream<Path> files = Files.walk(root)) {
      return files.toList().stream();
    }
  }

  private static String bytes(Path file) {
    try {
      if (file.toString().endsWith(".gz.metadata.json")) {
        try (InputStream content = new GZIPInputStream(Files.newInputStream(file))) {
          return new String(content.readAllBytes(), ISO_8859_1);
        }
      }
      return Files.isRegularFile(file) ? Files.readString(file, ISO_8859_1) : "";
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  /** Requires that other users can neither read nor write nor enter it. */
  private static void assertClosedToOthers(Path root) {
    try {
      for (Path file : files(root).toList()) {
        String permissions = PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
        assertTrue(permissions.endsWith("---"), file + " " + permissions);
      }
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static List<Path> children(Path parent) {
    try (Stream<Path> children = Files.list(parent)) {
      return children.toList();
    } catch (IOException e) {
      return List.of();
    }
  }

  private static PrintStream print(ByteArrayOutputStream bytes) {
    return new PrintStream(bytes, true, UTF_8);
  }
}
