/**
 * Shows the progress of a command on a terminal. It uses {@code output} alone. Start reading at
 * {@link io.sessionize.progress.Progress}.
 */
package io.sessionize.progress;
