/**
 * The core: what a session is. Plain Java that knows nothing of Spark, Kafka or Iceberg, and no
 * clock but the one it is given. Times are epoch milliseconds.
 */
package io.sessionize.session;
