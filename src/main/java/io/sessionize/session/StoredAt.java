package io.sessionize.session;

/**
 * Says where a row of the sessions table is stored, so that it can be deleted without a search.
 *
 * @param file number of its data file among the files that the batch looked at
 * @param position of the row in the file, from 0
 */
public record StoredAt(int file, long position) {}
