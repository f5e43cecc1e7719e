/**
 * Shows the progress of a command on a terminal. It uses no other package. Start reading at {@link
 * io.sessionize.progress.Progress}.
 */
package io.sessionize.progress;
