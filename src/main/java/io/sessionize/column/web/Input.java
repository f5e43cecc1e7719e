package io.sessionize.column.web;

import java.util.Locale;

/** The properties that the set reads, by convention of name: those of the presets. */
enum Input {
  URL("of the page, absolute"),
  REFERRER("the URL that the browser gives as the referrer"),
  UTM_SOURCE("source of the campaign"),
  UTM_MEDIUM("medium of the campaign"),
  UTM_CAMPAIGN("name of the campaign"),
  UTM_TERM("search term of the campaign"),
  UTM_CONTENT("variant of the advertisement"),
  USER_AGENT("the header of the browser"),
  DEVICE_TYPE("kind of device, such as `Mobile`"),
  OS("operating system, such as `iOS`"),
  USER_ID("the user who is logged in"),
  REVENUE("a `double`, `long` or `decimal`");

  private final String description;

  Input(String description) {
    this.description = description;
  }

  String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  String description() {
    return description;
  }
}
