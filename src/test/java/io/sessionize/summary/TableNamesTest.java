package io.sessionize.summary;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.apache.spark.sql.catalyst.parser.CatalystSqlParser$;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import scala.collection.JavaConverters;

class TableNamesTest {

  @Test
  void theOtherTablesAreNamedAfterTheFirst() {
    TableNames names = new TableNames("local", "sessions", "user_sessions");
    assertEquals("`local`.`sessions`", names.namespace());
    assertEquals("`local`.`sessions`.`user_sessions`", names.sessions());
    assertEquals("`local`.`sessions`.`user_sessions_open`", names.open());
    assertEquals("`local`.`sessions`.`user_sessions_rejected`", names.rejected());
    assertEquals("`local`.`sessions`.`user_sessions_live`", names.live());
  }

  @ParameterizedTest
  @ValueSource(strings = {"a", "my catalog", "a.b", "1", "select", "a`b", "`", "``", "ä;--", "'\""})
  void whateverANameHoldsItIsOnePartForSpark(String name) {
    TableNames names = new TableNames(name, name, "t");
    assertEquals(
        List.of(name, name, "t"),
        JavaConverters.seqAsJavaList(
            CatalystSqlParser$.MODULE$.parseMultipartIdentifier(names.sessions())));
  }

  @Test
  void aNameWithoutItsQuotesIsForPeople() {
    assertEquals(
        "local.sessions.t", TableNames.plain(new TableNames("local", "sessions", "t").sessions()));
  }
}
