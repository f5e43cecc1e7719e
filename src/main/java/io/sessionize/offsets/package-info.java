/**
 * Holds Kafka offsets by partition, and ranges of them. It is plain Java and uses only {@code
 * session}. Start reading at {@link io.sessionize.offsets.Offsets}.
 */
package io.sessionize.offsets;
