package io.sessionize;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SecretsTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "No driver for jdbc:mysql://me:s3cret@host/db|No driver for jdbc:mysql://me:***@host/db",
        "jdbc:postgresql://me:s3/cr@et@host|jdbc:postgresql://me:***@host",
        "jdbc:postgresql://me:s\"3cret@host|jdbc:postgresql://me:***@host",
        "jdbc:oracle:thin:me/s3cret@host:1521|jdbc:oracle:thin:me/***@host:1521",
        "jdbc:postgresql://host/db?user=me&password=s3cret&ssl=true|jdbc:postgresql://host/db?user=me&password=***&ssl=true",
        "{s3.secret-access-key=s3cret, type=rest}|{s3.secret-access-key=*** type=rest}",
        "fs.azure.account.key.me.net=s3cret|fs.azure.account.key.me.net=***",
        "required password=\"s3 cr\\\"et\" user=me|required password=*** user=me",
        "{\"access_token\":\"s3cret\"}|{\"access_token\":***}",
        "header.Authorization=Bearer s3cret|header.Authorization=***"
      })
  void aSecretIsReplaced(String given, String expected) {
    assertEquals(expected, Secrets.redacted(given));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Kafka at localhost:9092 of me@host",
        "jdbc:oracle:thin:@host:1521/service",
        "jdbc:oracle:thin:/@alias",
        "https://catalog:8181/v1",
        "Unexpected token: ')'",
        "or set spark.sessionize.credential-over-http=true."
      })
  void anotherTextIsKept(String given) {
    assertEquals(given, Secrets.redacted(given));
  }

  @Test
  void aHostileTextIsSearchedInTime() {
    for (String part : new String[] {"//a:", "//", "password", "password=\"\\"}) {
      assertTimeout(Duration.ofSeconds(30), () -> Secrets.redacted(part.repeat(20_000)));
    }
  }
}
