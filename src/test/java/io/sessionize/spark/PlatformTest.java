package io.sessionize.spark;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.Failure;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PlatformTest {
  @Test
  void sparkVersionOfTheTestsIsAccepted() {
    assertDoesNotThrow(Platform::check);
    assertDoesNotThrow(() -> Platform.requireSpark("3.5.8-SNAPSHOT"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"4.0.1", "3.4.2", "3.50.1"})
  void otherSparkVersionIsRefusedWithBothVersions(String version) {
    Failure failure = assertThrows(Failure.class, () -> Platform.requireSpark(version));
    assertEquals(Failure.Kind.USAGE, failure.kind());
    assertTrue(failure.getMessage().contains("Spark 3.5"), failure.getMessage());
    assertTrue(failure.getMessage().contains(version), failure.getMessage());
  }

  @ParameterizedTest
  @ValueSource(ints = {11, 18, 25})
  void otherJavaVersionIsRefused(int version) {
    Failure failure = assertThrows(Failure.class, () -> Platform.requireJava(version));
    assertEquals(Failure.Kind.USAGE, failure.kind());
    assertEquals(
        "Java " + version + " is not supported: set JAVA_HOME to a JDK 17 or 21.",
        failure.getMessage());
  }
}
