package io.sessionize.producer;

/** Where messages come from. Used by one thread, closed by whoever opened it. */
public sealed interface Source extends AutoCloseable permits JourneySource, FileReplay {

  /** The next message, or null at the end. */
  Message next();

  /** How many there will be, or -1 where that is not known. */
  long planned();

  @Override
  void close();
}
