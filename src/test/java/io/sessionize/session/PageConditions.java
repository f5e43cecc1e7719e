package io.sessionize.session;

/** Tests of conditions such as {@code page_name = 'home'}, without Spark. */
public final class PageConditions {
  private PageConditions() {}

  public static EventTests of(Rules rules) {
    return new EventTests(test(rules.starts()), test(rules.ends()));
  }

  private static EventTest test(String condition) {
    if (condition == null) {
      return null;
    }
    String page = condition.replaceFirst("^page_name = '(.*)'$", "$1");
    return (uuid, event) -> page.equals(event.pageName());
  }
}
