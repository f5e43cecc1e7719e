/** How far a command is, told to who waits for it. */
package io.sessionize.progress;
