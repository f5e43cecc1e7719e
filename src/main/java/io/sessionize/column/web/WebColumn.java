package io.sessionize.column.web;

import java.util.Locale;

/** The columns of the set, in their order: type, and what each of them is. */
enum WebColumn {
  ENTRY_PAGE("string", "page of the first view"),
  EXIT_PAGE("string", "page of the last view"),
  LANDING_PATH("string", "path of the URL of the first view that has one"),
  LANDING_QUERY("string", "query of that URL, as sent, without the question mark"),
  REFERRER_HOST(
      "string",
      "host of the first external referrer, in lower case, without `www.` and a last dot"),
  UTM_SOURCE("string", "of the first event that has any of the five facts of a campaign"),
  UTM_MEDIUM("string", "of the same event"),
  UTM_CAMPAIGN("string", "of the same event"),
  UTM_TERM("string", "of the same event"),
  UTM_CONTENT("string", "of the same event"),
  SOURCE("string", "source of the first touch; `(direct)` if there is none"),
  MEDIUM("string", "medium of the first touch; `(none)` if there is none"),
  LAST_SOURCE("string", "source of the last touch: the last one that is not direct"),
  LAST_MEDIUM("string", "medium of the last touch"),
  CHANNEL("string", "channel of the first touch, by the rules below"),
  DEVICE("string", "kind of device, such as desktop, mobile, tablet, tv or bot"),
  OS("string", "operating system, such as windows, macos, linux, chromeos, ios or android"),
  VIEWS("bigint", "number of views"),
  EVENTS_BY_NAME("array<struct<name:string,count:bigint>>", "how often each event occurs, by name"),
  KEY_EVENTS("bigint", "number of key events"),
  ENGAGED("boolean", "longer than 10 seconds, or at least two views, or a key event"),
  BOUNCED("boolean", "not engaged"),
  REVENUE("double", "sum of `revenue` of the key events; null if none has one"),
  ACTIVE_SECONDS("bigint", "sum of the pauses between events, each up to the cap; whole seconds"),
  USER_ID("string", "the last known user"),
  USER_IDS("array<string>", "the users in the order first seen");

  private final String type;
  private final String description;

  WebColumn(String type, String description) {
    this.type = type;
    this.description = description;
  }

  String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  String type() {
    return type;
  }

  String description() {
    return description;
  }
}
