package io.sessionize.spark;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sessionize.Failure;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CatalogCredentialsTest {
  private static final String PROD = "spark.sql.catalog.prod";

  @ParameterizedTest
  @CsvSource({
    "uri, http://catalog:8181, credential",
    "uri, HTTP://catalog:8181, token",
    "uri, http://catalog:8181, header.Authorization",
    "uri, http://catalog:8181, header.authorization",
    "uri, http://catalog:8181, header.X-Api-Key",
    "uri, http://catalog:8181, rest.auth.basic.password",
    "URI, http://catalog:8181, Token",
    "oauth2-server-uri, http://login/tokens, credential"
  })
  void aCredentialOverHttpIsRefused(String address, String uri, String credential) {
    Map<String, String> settings = Map.of(address, uri, credential, "s3cret");
    Failure failure = assertThrows(Failure.class, () -> check(settings));
    assertEquals(
        String.format(
            "%s.%s is an http address, and would receive %s.%s unencrypted: use https, or set %s=true.",
            PROD, address, PROD, credential, CatalogCredentials.ALLOWED),
        failure.getMessage());
    assertEquals(Failure.Kind.USAGE, failure.kind());
    assertFalse(failure.getMessage().contains("s3cret"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"https://catalog", "jdbc:postgresql://host/db", "thrift://host:9083"})
  void anotherAddressIsTaken(String uri) {
    assertDoesNotThrow(() -> check(Map.of("uri", uri, "credential", "s3cret")));
  }

  @Test
  void httpWithoutACredentialIsTaken() {
    assertDoesNotThrow(() -> check(Map.of("uri", "http://catalog:8181", "type", "rest")));
  }

  @Test
  void aUserInTheAddressIsRefused() {
    Failure failure =
        assertThrows(Failure.class, () -> check(Map.of("uri", "http://someone:s3cret@catalog")));
    assertEquals(
        PROD
            + ".uri is an http address, and would receive its user and password unencrypted: use https,"
            + " or set spark.sessionize.credential-over-http=true.",
        failure.getMessage());
  }

  @Test
  void anotherCatalogThanTheDefaultIsCheckedToo() {
    Map<String, String> settings =
        Map.of(
            "spark.sql.catalog.other.uri", "http://catalog", "spark.sql.catalog.other.token", "t");
    assertThrows(
        Failure.class, () -> SparkSessions.check("unused", settings, WarehouseAccess.READ));
  }

  @Test
  void aHeaderOfIcebergIsNoCredential() {
    assertDoesNotThrow(
        () ->
            check(
                Map.of(
                    "uri", "http://catalog",
                    "header.X-Iceberg-Access-Delegation", "vended-credentials")));
  }

  @Test
  void httpIsTakenIfTheCommandLineSaysSo() {
    assertDoesNotThrow(
        () ->
            SparkSessions.check(
                "unused",
                Map.of(
                    "spark.sql.defaultCatalog",
                    "prod",
                    PROD,
                    "org.apache.iceberg.spark.SparkCatalog",
                    PROD + ".uri",
                    "http://catalog:8181",
                    PROD + ".token",
                    "s3cret",
                    CatalogCredentials.ALLOWED,
                    "true"),
                WarehouseAccess.READ));
  }

  private static void check(Map<String, String> catalog) {
    Map<String, String> settings = new TreeMap<>();
    settings.put("spark.sql.defaultCatalog", "prod");
    settings.put(PROD, "org.apache.iceberg.spark.SparkCatalog");
    catalog.forEach((key, value) -> settings.put(PROD + "." + key, value));
    SparkSessions.check("unused", settings, WarehouseAccess.READ);
  }
}
