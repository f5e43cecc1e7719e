/**
 * Computes sessions: cuts events, restates users, advances the watermark. It is plain Java and uses
 * no other package. Start reading at {@link io.sessionize.session.Restatement}.
 */
package io.sessionize.session;
