/**
 * Makes the HTML pages of {@code sessionize report} and of a what-if. It reads {@code table},
 * {@code history} and {@code audit}. Start reading at {@link io.sessionize.report.HtmlReport}.
 */
package io.sessionize.report;
