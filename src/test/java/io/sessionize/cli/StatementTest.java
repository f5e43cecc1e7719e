package io.sessionize.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.Failure;
import io.sessionize.summary.TableNames;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StatementTest {
  private static final TableNames NAMES = new TableNames("local", "sessions", "t");

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SELECT 1",
        "SELECT 1;",
        "SELECT 1 ; \n",
        ";SELECT 1",
        "SELECT 1; -- one; two",
        "-- one; two\nSELECT 1;",
        "/* ; */ SELECT 1; /* ; */",
        "SELECT ';', \";\", `;` FROM t",
        "SELECT 'it\\'s;', '--;', 'it''s;'",
        "SELECT r'\\', ';'",
        "SELECT R\"\\\" AS `a;b`",
        "SELECT var'\\';'",
        "SELECT 1 -- ;"
      })
  void oneStatementIsTaken(String text) {
    String taken = Statement.of(text).text();
    assertTrue(text.startsWith(taken.strip()) || text.startsWith(";"), taken);
    assertTrue(!taken.strip().endsWith(";") || taken.contains("--"), taken);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SELECT 1; SELECT 2",
        "SELECT 1;\nSELECT 2;\n",
        "SELECT '\\';'; SELECT 2",
        "SELECT r'\\'; SELECT 2",
        "/* one */ SELECT 1; -- two\n SELECT 2",
        "SELECT 1;; SELECT 2"
      })
  void moreThanOneStatementIsRefused(String text) {
    assertRefused("There is more than one statement: give one at a time.", text);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "  \n", ";", "-- only a comment", "/* only\na comment */;", "\uFEFF"})
  void noStatementIsRefused(String text) {
    assertRefused("There is no statement", text);
  }

  @Test
  void aByteOrderMarkIsNoPartOfTheStatement() {
    assertEquals("SELECT 1", Statement.of("\uFEFFSELECT 1;").text());
  }

  @Test
  void theTablesAndTheFirstDayAreFilledIn() {
    Statement statement =
        Statement.of("${sessions} ${open} ${rejected} ${live} ${changes} '${from}' ${env:HOME}");
    assertEquals(
        "`local`.`sessions`.`t` `local`.`sessions`.`t_open` `local`.`sessions`.`t_rejected`"
            + " `local`.`sessions`.`t_live` sessionize_changes '1970-01-01' ${env:HOME}",
        statement.filled(NAMES, name -> false));
    assertTrue(statement.filled(NAMES, Set.of("from")::contains).contains("'${from}'"));
    assertTrue(statement.readsChanges());
    assertFalse(Statement.of("SELECT 1 -- ${changes}").readsChanges());
  }

  @Test
  void aVariableWithoutAValueIsNamedWithTheWayToGiveIt() {
    Statement statement =
        Statement.of("${live} ${from} '${day} 00:00' ${Session} ${day} -- ${comment}");
    Failure failure =
        assertThrows(Failure.class, () -> statement.filled(NAMES, name -> name.equals("from")));
    assertEquals(Failure.Kind.USAGE, failure.kind());
    assertEquals(
        "The statement needs a value of day, Session: give --spark-conf day=VALUE. The tables are"
            + " ${sessions}, ${open}, ${rejected}, ${live} and ${changes}.",
        failure.getMessage());
    assertTrue(
        statement.filled(NAMES, Set.of("day", "Session")::contains).contains("'${day} 00:00'"));
  }

  private static void assertRefused(String message, String text) {
    Failure failure = assertThrows(Failure.class, () -> Statement.of(text));
    assertEquals(Failure.Kind.USAGE, failure.kind());
    assertTrue(failure.getMessage().startsWith(message), failure.getMessage());
  }
}
