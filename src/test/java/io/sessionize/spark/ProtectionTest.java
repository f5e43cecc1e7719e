package io.sessionize.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.summary.TableNames;
import io.sessionize.testing.TestSpark;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.spark.SecurityManager;
import org.apache.spark.SparkConf;
import org.apache.spark.internal.config.package$;
import org.apache.spark.rpc.RpcAddress;
import org.apache.spark.rpc.RpcEnv;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import scala.Option;

/** What other processes get from a session, and what Spark shows of its settings. */
class ProtectionTest {
  @TempDir private Path folder;

  @Test
  void aStrangerGetsNoAnswerFromTheDriver() {
    SparkConf driver = TestSpark.session().sparkContext().getConf();
    assertEquals("127.0.0.1", driver.get("spark.driver.host"));
    int port = Integer.parseInt(driver.get("spark.driver.port"));
    SparkConf stranger = new SparkConf(false).set("spark.rpc.askTimeout", "10s");
    RpcEnv client =
        RpcEnv.create(
            "stranger",
            "127.0.0.1",
            0,
            stranger,
            new SecurityManager(stranger, Option.empty(), package$.MODULE$.AUTH_SECRET_FILE()),
            true);
    try {
      // Without authentication, this returns a reference.
      assertThrows(
          Exception.class,
          () -> client.setupEndpointRef(new RpcAddress("127.0.0.1", port), "BlockManagerMaster"));
    } finally {
      client.shutdown();
    }
  }

  @Test
  void theFolderOfANewWarehouseIsClosedToOthers() throws Exception {
    Path warehouse = folder.resolve("made/warehouse");
    WarehouseAccess.CREATE.prepare(warehouse);
    for (Path made : List.of(warehouse, warehouse.getParent())) {
      String permissions = PosixFilePermissions.toString(Files.getPosixFilePermissions(made));
      assertTrue(permissions.endsWith("---"), permissions);
    }
  }

  @Test
  void theFilesOfTheTablesAreClosedToOthers() throws Exception {
    TableNames own = TestSpark.uniqueNames();
    String names = own.sessions();
    TestSpark.session().sql("CREATE NAMESPACE IF NOT EXISTS local.sessions");
    TestSpark.session().sql("CREATE TABLE " + names + " USING iceberg AS SELECT 'ann' AS uuid");
    try (Stream<Path> files =
        Files.walk(TestSpark.warehouse().resolve("sessions/" + own.table()))) {
      for (Path file : files.toList()) {
        String permissions = PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
        assertTrue(permissions.endsWith("---"), file + " " + permissions);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "spark.sql.catalog.prod.credential",
    "spark.sql.catalog.prod.token",
    "spark.sql.catalog.prod.jdbc.password",
    "spark.sql.catalog.prod.s3.access-key-id",
    "spark.sql.catalog.prod.header.Authorization",
    "spark.hadoop.fs.azure.account.key.me.dfs.core.windows.net",
    "spark.sql.catalog.prod.adls.auth.shared-key.account.key",
    "spark.sql.catalog.prod.adls.connection-string.me",
    "spark.sql.catalog.prod.gcs.encryption-key",
    "spark.sql.catalog.prod.gcs.decryption-key",
    "jdbc:oracle:thin:someone/s3cret@host",
    "jdbc:postgresql://someone:s3/cret@host",
    "jdbc:mysql://someone:s3cret@host/catalog",
    "jdbc:postgresql://host/catalog?user=someone&password=s3cret"
  })
  void aSecretIsNotShown(String keyOrValue) {
    assertTrue(redaction(new SparkConf(false)).matcher(keyOrValue).find());
  }

  @ParameterizedTest
  @CsvSource({
    "spark.sql.catalog.prod.uri",
    "spark.sql.catalog.prod.warehouse",
    "spark.io.encryption.keySizeBits",
    "https://catalog:8181/v1",
    "jdbc:oracle:thin:@host:1521/service",
    "jdbc:postgresql://host:5432/catalog?user=someone"
  })
  void anotherSettingIsShown(String keyOrValue) {
    assertFalse(redaction(new SparkConf(false)).matcher(keyOrValue).find());
  }

  @Test
  void theUsersOwnPatternIsAdded() {
    Pattern both = redaction(new SparkConf(false).set("spark.redaction.regex", "topic"));
    assertTrue(both.matcher("topic").find());
    assertTrue(both.matcher("spark.sql.catalog.prod.credential").find());
  }

  @Test
  void aClusterWithoutProtectionIsNamed() {
    SparkConf conf = new SparkConf(false).set("spark.master", "spark://host:7077");
    assertEquals(
        "spark.authenticate, spark.network.crypto.enabled, spark.io.encryption.enabled",
        Protection.missingOnCluster(conf));
    conf.set("spark.authenticate", "true").set("spark.network.crypto.enabled", "true");
    assertEquals("spark.io.encryption.enabled", Protection.missingOnCluster(conf));
  }

  private static Pattern redaction(SparkConf conf) {
    Protection.apply(conf.set("spark.master", "local[1]"));
    return Pattern.compile(conf.get("spark.redaction.regex"));
  }
}
