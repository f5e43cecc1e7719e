package io.sessionize.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * Arguments that are not ASCII, in the environment of cron and of containers. This JVM may have no
 * locale in UTF-8 either, so Bash writes the arguments.
 */
class LauncherLocaleIT extends LauncherFixture {
  private static final String USER = "Gr\\303\\266\\303\\237e";
  private static final String PAGE = "K\\303\\274ndigung";
  private static final String WAREHOUSE = "w\\303\\244re haus";

  @Test
  void withoutALocaleArgumentsAreReadAsUtf8() throws Exception {
    String topic = topicWithOneEvent("locale");
    send(topic, "Größe", 1767225600000L);
    send(topic, "bob", 1767240000000L);
    String kafka = String.join(" ", List.of(run(topic)).subList(1, 5));
    String warehouse = " --warehouse \"$(printf '" + folder + "/" + WAREHOUSE + "')\"";
    String page = " --end-session-on-page \"$(printf '" + PAGE + "')\"";
    String user = " --user \"$(printf '" + USER + "')\"";

    succeeds(Map.of(), "run " + kafka + warehouse + page);
    String file = "test -f \"$(printf '" + folder + "/" + WAREHOUSE + "')/catalog.db\"";
    Launched.start(folder, Map.of(), List.of("bash", "-c", file)).succeeds();
    Map<String, String> utf8 = Map.of("LC_ALL", "C.UTF-8");
    assertEquals("nothing to do", succeeds(utf8, "run " + kafka + warehouse + page).get(0));

    Files.writeString(folder.resolve("users"), "Groesse\n");
    String backfill = "backfill --dry-run --from earliest --to latest " + kafka + warehouse + page;
    assertTrue(succeeds(Map.of(), backfill + user).get(1).endsWith("; 1 users"));
    assertEquals(
        List.of(
            "sessionize: warning: 1 of the 2 given users have no event in this range: check how"
                + " their ids are written."),
        err(backfill + user + " --users-file " + folder + "/users"));
    String recompute = "recompute --what-if --user ann --user Groesse --user nobody" + warehouse;
    assertEquals(
        List.of(
            "sessionize: warning: 2 of the 3 given users have no session: check how their ids are"
                + " written."),
        err(recompute));
    assertTrue(
        Files.readString(folder.resolve("logs/sessionize.log"))
            .contains("2 of the 3 given users have no session"));

    String sql = "SELECT count(*) AS n FROM \\${live} WHERE uuid = '$(printf '" + USER + "')'";
    assertEquals(
        List.of("{\"n\":1}"),
        succeeds(Map.of(), "sql --format jsonl" + warehouse + " \"" + sql + "\""));
  }

  @Test
  void bytesThatAreNotUtf8AreRefused() throws Exception {
    try (Launched run =
        start(Map.of(), "run --end-session-on-page \"$(printf 'K\\374ndigung')\"")) {
      assertEquals(2, run.exitCode());
      assertEquals(
          List.of(
              "sessionize: The value of --end-session-on-page is not UTF-8: write the command line"
                  + " or its script in UTF-8."),
          run.err());
    }
  }

  private List<String> succeeds(Map<String, String> locale, String command) throws Exception {
    try (Launched launched = start(locale, command).succeeds()) {
      assertEquals(List.of(), launched.err());
      return launched.out();
    }
  }

  private List<String> err(String command) throws Exception {
    try (Launched launched = start(Map.of(), command).succeeds()) {
      return launched.err();
    }
  }

  private Launched start(Map<String, String> locale, String command) throws Exception {
    Map<String, String> environment = new HashMap<>();
    List.of("LANG", "LC_ALL", "LC_CTYPE").forEach(name -> environment.put(name, ""));
    environment.putAll(locale);
    List<String> bash =
        new ArrayList<>(List.of("bash", "-c", "exec scripts/sessionize " + command));
    return Launched.start(folder, environment, bash);
  }
}
