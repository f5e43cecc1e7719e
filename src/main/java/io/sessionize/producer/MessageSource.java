package io.sessionize.producer;

/** A source of messages, for one thread. The caller who opens it closes it. */
public sealed interface MessageSource extends AutoCloseable permits JourneySource, FileReplay {

  /** Returns the next message, or null at the end. */
  Message next();

  /** Returns the total number of messages, or -1 if it is not known. */
  long planned();

  @Override
  void close();
}
