package io.sessionize.session;

/** What the user did, as the page reported it. Each part may be null. */
public record EventDetails(String name, String type, String value)
    implements Comparable<EventDetails> {

  @Override
  public int compareTo(EventDetails other) {
    int byName = Texts.compare(name, other.name);
    if (byName != 0) {
      return byName;
    }
    int byType = Texts.compare(type, other.type);
    return byType != 0 ? byType : Texts.compare(value, other.value);
  }
}
