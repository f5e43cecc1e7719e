package io.sessionize.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.Failure;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How readers open the embedded catalog. */
class WarehouseAccessTest {
  private static final int READ_ONLY = 1;

  @TempDir private Path folder;

  @Test
  void onlyARunCreates() {
    Path missing = folder.resolve("missing");
    for (WarehouseAccess access : List.of(WarehouseAccess.READ, WarehouseAccess.CHANGE)) {
      Failure refused = assertThrows(Failure.class, () -> access.prepare(missing));
      assertEquals(Failure.Kind.USAGE, refused.kind());
    }
    assertFalse(Files.exists(missing));
    WarehouseAccess.CREATE.prepare(missing);
    assertTrue(Files.isDirectory(missing));
    // Also not in a folder with something else
    assertThrows(Failure.class, () -> WarehouseAccess.READ.prepare(missing));
  }

  @Test
  void aReaderNeverCreatesTheCatalog() {
    assertThrows(SQLException.class, () -> open(folder, WarehouseAccess.READ.openMode(folder)));
    assertFalse(Files.exists(folder.resolve("catalog.db")));
  }

  @Test
  void aReadOnlyReaderBesideAWriterSeesWhatIsCommitted() throws Exception {
    try (Connection writer = open(folder, WarehouseAccess.CREATE.openMode(folder));
        Connection reader = open(folder, READ_ONLY)) {
      writeRows(writer, 1);
      writer.commit();
      assertEquals(1, rows(reader));
      writeRows(writer, 1);
      assertEquals(1, rows(reader));
      writer.commit();
      assertEquals(2, rows(reader));
      assertThrows(SQLException.class, () -> writeRows(reader, 1));
    }
  }

  @Test
  void aCopyTakenWithinACommitIsReadAsBeforeThatCommit() throws Exception {
    Path copy = Files.createDirectory(folder.resolve("copy"));
    try (Connection writer = open(folder, WarehouseAccess.CREATE.openMode(folder))) {
      writeRows(writer, 1000);
      writer.commit();
      try (Statement statement = writer.createStatement()) {
        // Pages of the open transaction reach the file before the commit.
        statement.execute("PRAGMA cache_size = 1");
        statement.execute("UPDATE rows SET text = 'half'");
      }
      for (String file : List.of("catalog.db", "catalog.db-journal")) {
        Files.copy(folder.resolve(file), copy.resolve(file));
      }
      writer.rollback();
    }
    SQLException refused =
        assertThrows(
            SQLException.class,
            () -> {
              try (Connection reader = open(copy, READ_ONLY)) {
                rows(reader);
              }
            });
    Failure failure = StorageErrors.explain(List.of(refused)).orElseThrow();
    assertEquals(Failure.Kind.USAGE, failure.kind());
    assertTrue(failure.getMessage().contains("stopped within a commit"), refused.getMessage());

    try (Connection reader = open(copy, WarehouseAccess.READ.openMode(copy));
        Statement statement = reader.createStatement();
        ResultSet half = statement.executeQuery("SELECT count(*) FROM rows WHERE text = 'half'")) {
      assertEquals(0, half.getInt(1));
      assertEquals(1000, rows(reader));
    }
  }

  private static Connection open(Path folder, int mode) throws SQLException {
    Connection connection =
        DriverManager.getConnection(
            "jdbc:sqlite:" + folder.resolve("catalog.db") + "?open_mode=" + mode);
    connection.setAutoCommit(false);
    return connection;
  }

  private static void writeRows(Connection writer, int count) throws SQLException {
    try (Statement statement = writer.createStatement()) {
      statement.execute("CREATE TABLE IF NOT EXISTS rows (text TEXT)");
      for (int i = 0; i < count; i++) {
        statement.execute("INSERT INTO rows VALUES ('" + "x".repeat(500) + "')");
      }
    }
  }

  private static int rows(Connection reader) throws SQLException {
    int rows;
    try (Statement statement = reader.createStatement();
        ResultSet count = statement.executeQuery("SELECT count(*) FROM rows")) {
      rows = count.getInt(1);
    }
    reader.rollback();
    return rows;
  }
}
