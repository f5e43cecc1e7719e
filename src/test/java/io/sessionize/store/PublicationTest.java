package io.sessionize.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sessionize.Failure;
import io.sessionize.pipeline.TestSpark;
import io.sessionize.session.Rules;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;

/** Two drivers on the same tables, step by step. */
class PublicationTest {
  private final SessionTables tables =
      new SessionTables(TestSpark.session(), TestSpark.uniqueNames());
  private final Dataset<Row> nothing =
      TestSpark.session().createDataFrame(List.of(), SessionRows.OUTCOME);

  @Test
  void aBranchThatAnotherDriverDroppedIsNotPublishedThoughACommitMakesItAnew() {
    // Given a driver that has begun, and another that has published since and dropped its branches
    RunSummary summary = SessionTables.start("test", "test", "topic", "id", Rules.DEFAULT);
    tables.create(summary);
    Base base = tables.base();
    try (Publication stale = tables.publication(base);
        Publication faster = tables.publication(base)) {
      faster.mergeSessions(nothing, List.of(), summary);
      faster.writeOpen(nothing, 0, summary);
      faster.publishSessions();
      faster.publishOpen();
      Base published = tables.base();
      // When the first goes on; then it ends with a conflict and has changed nothing
      stale.mergeSessions(nothing, List.of(), summary);
      assertConflict(() -> stale.writeOpen(nothing, 0, summary));
      assertConflict(stale::publishSessions);
      assertConflict(stale::publishOpen);
      assertEquals(published, tables.base());
    }
  }

  private static void assertConflict(Runnable step) {
    Failure failure = assertThrows(Failure.class, step::run);
    assertEquals(Failure.Kind.CONFLICT, failure.kind(), failure.getMessage());
  }
}
