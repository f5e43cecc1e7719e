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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A broker with TLS and SASL: messages, secrets, and permissions of files. */
class SecurityIT {
  private static final String TOPIC = "secure-clicks";
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
  void secretsAreToldNowhereAndNobodyElseMayWriteWhatIsMade() throws Exception {
    String properties = properties(asDocumented() + clientKey());
    Path events =
        Files.writeString(
            folder.resolve("events.jsonl"),
            "{\"uuid\": \"ann\", \"event_id\": \"1\", \"event_timestamp\": \"1767225600000\"}\n");
    Files.setPosixFilePermissions(events, Set.of(PosixFilePermission.OWNER_READ));
    Path report = folder.resolve("report.json");
    Path warehouse = folder.resolve("warehouse");
    try (ProcessList shown = new ProcessList()) {
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
    assertEquals(
        List.of(),
        files(folder).filter(file -> may(file, PosixFilePermission.OTHERS_WRITE)).toList());
    assertTrue(may(report, PosixFilePermission.OTHERS_READ), "A collector could not read it");
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
        List.of(broker.userPassword(), broker.keyPassword(), broker.trustPassword())) {
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

  private static boolean may(Path file, PosixFilePermission permission) {
    try {
      return Files.getPosixFilePermissions(file).contains(permission);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static PrintStream print(ByteArrayOutputStream bytes) {
    return new PrintStream(bytes, true, UTF_8);
  }

  /** Collects every command line that ps shows, at intervals of 200 ms. */
  private static final class ProcessList implements AutoCloseable {
    private final Set<String> lines = ConcurrentHashMap.newKeySet();
    private final CountDownLatch end = new CountDownLatch(1);
    private final Thread looking = new Thread(this::look);

    ProcessList() {
      looking.start();
    }

    Set<String> lines() {
      return lines;
    }

    private void look() {
      try {
        do {
          Process ps = new ProcessBuilder("ps", "-A", "-ww", "-o", "args").start();
          lines.addAll(new String(ps.getInputStream().readAllBytes(), UTF_8).lines().toList());
        } while (!end.await(200, TimeUnit.MILLISECONDS));
      } catch (IOException | InterruptedException e) {
        throw new AssertionError(e);
      }
    }

    @Override
    public void close() {
      end.countDown();
      try {
        looking.join();
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
  }
}
