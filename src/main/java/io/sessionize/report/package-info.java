/**
 * Makes the HTML page of {@code sessionize report}. It reads {@code table} and {@code history}.
 * Start reading at {@link io.sessionize.report.HtmlReport}.
 */
package io.sessionize.report;
