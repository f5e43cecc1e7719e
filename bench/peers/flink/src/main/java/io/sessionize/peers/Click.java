package io.sessionize.peers;

/**
 * An event as the producer sends it: public fields, so that Flink has a serializer of its own for
 * it.
 */
public class Click {
  public String eventId;
  public String pageName;
  public long eventTimestamp;
  public String bookingDetails;
  public String uuid;
  public Details eventDetails;

  /** What the user did. */
  public static class Details {
    public String eventName;
    public String eventType;
    public String eventValue;
  }
}
