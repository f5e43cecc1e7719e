package io.sessionize.session;

/**
 * The conditions of rules, ready to be asked. The rules have their texts.
 *
 * @param starts null if the rules have no such condition
 * @param ends null if the rules have no such condition
 */
public record EventTests(EventTest starts, EventTest ends) {

  /** The tests of rules without conditions. */
  public static final EventTests NONE = new EventTests(null, null);

  /** Checks that these are the tests of some rules. */
  void requireFor(Rules rules) {
    if (rules.starts() == null != (starts == null) || rules.ends() == null != (ends == null)) {
      throw new IllegalStateException("the conditions of these rules are not parsed: " + rules);
    }
  }
}
