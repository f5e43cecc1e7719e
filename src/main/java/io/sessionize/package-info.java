/**
 * Sessionizes clickstream events from Kafka into Iceberg tables. The root holds the failures with
 * their exit codes, the version and the reading of properties files; every package may use it.
 * Start reading at {@link io.sessionize.cli.Main} for a command, at {@link io.sessionize.job.Batch}
 * for the batch step, at {@link io.sessionize.session.Sessionizer} for the core.
 */
package io.sessionize;
