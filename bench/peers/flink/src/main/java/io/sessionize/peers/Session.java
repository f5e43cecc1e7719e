package io.sessionize.peers;

import java.util.List;

/** A session as it is written; without its events {@code events} is null. */
public class Session {
  public String uuid;
  public long sessionStartTimeMs;
  public long sessionEndTimeMs;
  public long eventCount;
  public List<Click> events;
}
