package io.sessionize.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProduceCommandTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @TempDir Path folder;

  private int produce(String... options) {
    String[] line = Stream.concat(Stream.of("produce"), Stream.of(options)).toArray(String[]::new);
    return Main.run(line, new PrintStream(out), new PrintStream(err));
  }

  private List<String> sampleLines(String seed) {
    out.reset();
    assertEquals(0, produce("--sample", "--seed", seed));
    return out.toString(StandardCharsets.UTF_8).lines().toList();
  }

  @Test
  void aSampleIsPrintedAsJsonLinesAndNothingElse() {
    List<String> lines = sampleLines("7");
    assertTrue(lines.size() >= 10);
    lines.forEach(line -> assertTrue(line.startsWith("{\"event_id\":\""), line));
    assertEquals("", err.toString());
  }

  @Test
  void theSeedDecidesTheSampleButNotItsTimes() {
    String time = "\"event_timestamp\":\"\\d+\"";
    List<String> one = sampleLines("7").stream().map(s -> s.replaceAll(time, "")).toList();
    List<String> two = sampleLines("7").stream().map(s -> s.replaceAll(time, "")).toList();
    assertEquals(one, two);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--rate 0|--rate must be",
        "--rate 1000001|--rate must be at most 1000000, not 1000001.",
        "--num-users many|--num-users must be",
        "--num-users 1000001|--num-users must be at most",
        "--partitions 0|--partitions must be",
        "--duration soon|--duration must be",
        "--duration 0|--duration must be longer",
        "--topic a/b|--topic must be",
        "--from-file /no/such/file|there is no such file",
        "--from-file f --sample|--sample cannot be used with --from-file",
        "--from-file f --duration 5|--duration cannot be used with --from-file",
        "--from-file f --num-users 5|--num-users cannot be used with --from-file",
        "--from-file f --seed 5|--seed cannot be used with --from-file",
        "--kafka-properties /no/such/file|--kafka-properties /no/such/file cannot be read",
        "--kafka-servers nonsense|must be host:port",
        "--kafka-topic clicks|Unrecognized option",
        "now|Unexpected word 'now'",
      })
  void usageFailuresAreOneLineAndExitCodeTwo(String options, String part) {
    assertEquals(2, produce(options.split(" ")));
    assertEquals(1, err.toString().lines().count(), err.toString());
    assertTrue(err.toString().contains(part), err.toString());
    assertEquals("", out.toString());
  }

  @Test
  void wrongKafkaSettingsAreAUsageFailure() throws IOException {
    Path wrong =
        Files.writeString(
            folder.resolve("kafka.properties"),
            "security.protocol=SSL\nssl.truststore.location=/no/such/store\n");
    assertEquals(2, produce("--kafka-properties", wrong.toString()));
    assertEquals(1, err.toString().lines().count(), err.toString());
    assertTrue(err.toString().contains("/no/such/store"), err.toString());
  }

  @Test
  void aMissingBrokerIsReportedInOneLineAndExitCodeFive() throws IOException {
    Path impatient =
        Files.writeString(
            folder.resolve("kafka.properties"),
            "default.api.timeout.ms=300\nrequest.timeout.ms=200\n");
    int code =
        produce("--kafka-servers", "localhost:1", "--kafka-properties", impatient.toString());
    assertEquals(5, code);
    assertEquals(1, err.toString().lines().count(), err.toString());
    assertTrue(err.toString().contains("localhost:1"), err.toString());
  }

  @Test
  void helpListsEveryOption() {
    assertEquals(0, produce("--help"));
    for (Opt opt : new ProduceCommand().options()) {
      assertTrue(out.toString().contains("--" + opt.longName()), opt.longName());
    }
  }
}
