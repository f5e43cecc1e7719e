/** The page that people look at: aggregates of the tables, drawn in one HTML file. */
package io.sessionize.report;
