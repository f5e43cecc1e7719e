package io.sessionize.cli;

import java.util.Map;

/** The sentences that describe the counts of a run, for the help lines of metrics. */
final class MetricHelp {
  private static final Map<String, String> SENTENCES =
      Map.ofEntries(
          Map.entry("offsets", "Offsets that the last run consumed."),
          Map.entry("offsets_lost", "Offsets that Kafka deleted before the last run read them."),
          Map.entry(
              "offsets_empty",
              "Offsets of the last run without a record, such as transaction markers."),
          Map.entry("records", "Records that the last run read."),
          Map.entry("elements", "Events and rejected elements in the records of the last run."),
          Map.entry("filtered", "Events that conditions left out in the last run."),
          Map.entry("unfit", "Values in the last run that did not fit the type of their property."),
          Map.entry("failed_conditions", "Evaluations of conditions that failed in the last run."),
          Map.entry("events", "New events of the last run."),
          Map.entry("duplicates", "Copies of known events in the last run."),
          Map.entry(
              "conflicting_copies",
              "Copies in the last run that were dropped for a copy with another content."),
          Map.entry("rejected", "Records, or elements of them, that the last run rejected."),
          Map.entry("on_time", "Events and copies of the last run that were not late."),
          Map.entry(
              "late_under_1_hour",
              "Events and copies of the last run that were late by less than an hour."),
          Map.entry(
              "late_under_1_day",
              "Events and copies of the last run that were late by one hour to one day."),
          Map.entry(
              "late_1_day_or_more",
              "Events and copies of the last run that were late by a day or more."),
          Map.entry("late", "All events and copies of the last run that were late."),
          Map.entry(
              "beyond_horizon",
              "Rejected records of the last run that were earlier than the late horizon."),
          Map.entry("opened", "Sessions that the last run opened."),
          Map.entry("sessions_added", "Rows that the last run added to the sessions table."),
          Map.entry("sessions_changed", "Rows of the sessions table that the last run changed."),
          Map.entry("sessions_removed", "Rows of the sessions table that the last run removed."),
          Map.entry("open", "Sessions that were open after the last run."),
          Map.entry("damaged", "Damaged rows that the last run left unchanged."),
          Map.entry(
              "failed_columns",
              "Values of session columns whose expression failed in the last run."));

  private MetricHelp() {}

  /** Returns the sentence for a count of a batch report. */
  static String of(String count) {
    return SENTENCES.getOrDefault(count, "Count of the last run: " + count + ".");
  }

  /** Returns whether there is a sentence for this count. */
  static boolean has(String count) {
    return SENTENCES.containsKey(count);
  }
}
