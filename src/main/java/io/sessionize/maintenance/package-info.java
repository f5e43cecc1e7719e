/**
 * Compacts files and expires snapshots. It uses {@code table} and keeps the snapshots that audits
 * and the next run need. Start reading at {@link io.sessionize.maintenance.Maintenance}.
 */
package io.sessionize.maintenance;
