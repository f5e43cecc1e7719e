package io.sessionize.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sessionize.Failure;
import io.sessionize.source.KafkaConnection;
import io.sessionize.source.KafkaReadOptions;
import io.sessionize.testing.TestSpark;
import java.lang.management.ManagementFactory;
import java.util.Map;
import java.util.Set;
import javax.management.ObjectName;
import org.junit.jupiter.api.Test;

class KafkaStreamTest {

  @Test
  void aClientThatFailsIsNotKept() throws Exception {
    KafkaConnection away =
        new KafkaConnection(
            "127.0.0.1:1",
            Map.of(
                "client.id", "failing",
                "default.api.timeout.ms", "200",
                "request.timeout.ms", "200"));
    KafkaReadOptions options =
        new KafkaReadOptions(away, Set.of("topic"), null, Long.MAX_VALUE, true);
    try (KafkaStream topics = KafkaStream.ofRanges(TestSpark.session(), options, "checkpoint")) {
      // When a description fails, then no client is left
      assertEquals(Failure.Kind.UNREACHABLE, assertThrows(Failure.class, topics::describe).kind());
      assertEquals(
          Set.of(),
          ManagementFactory.getPlatformMBeanServer()
              .queryNames(new ObjectName("kafka.admin.client:type=app-info,id=failing"), null));
    }
  }
}
