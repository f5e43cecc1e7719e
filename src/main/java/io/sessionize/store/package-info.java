/**
 * The Iceberg tables: their names and schemas, what their snapshots say, reading, merging and
 * publishing.
 */
package io.sessionize.store;
