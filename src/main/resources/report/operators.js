"use strict";

/* Operations: what the runs did, how late events come, what was rejected, what the tables take. */

const batches = rowsOf("runs");
const runs = batches.filter((batch) => batch.command === "run");
const lateness = rowsOf("lateness");
const late = Object.fromEntries(
  ["batches", "on_time", "late_under_1_hour", "late_under_1_day", "late_1_day_or_more", "beyond_horizon", "sessions_changed", "sessions_removed"]
    .map((column) => [column, sum(lateness, column)]));
const lateEvents = late.late_under_1_hour + late.late_under_1_day + late.late_1_day_or_more;
const valid = late.on_time + lateEvents + late.beyond_horizon;

const MOST_LATE = 0.01;
const NO_RUNS = "No runs yet, or their snapshots have expired.";

/** Where a watermark is that is this many seconds behind a time; negative if it is ahead of it. */
function lag(seconds) {
  return seconds < 0 ? `${duration(-seconds)} ahead of` : `${duration(seconds)} behind`;
}

function showOperationTiles() {
  const last = batches[batches.length - 1];
  const read = sum(batches, "records");
  const tooOld = sum(batches, "rejected");
  tiles("operation-tiles", last ? [
    ["Last commit", moment(last.at), `${last.command}, ${duration(last.seconds)}`],
    ["Watermark", last.watermark ? moment(last.watermark) : "–", last.watermark ? `${lag(last.behind_seconds)} that commit` : "no event yet"],
    ["Open sessions", count(last.open), "after that commit"],
    ["Records read", count(read), `in ${some(batches.length, "commit", "commits")}`],
    ["Late events", percent(lateEvents, valid), `${count(lateEvents)}, restated exactly`],
    ["Rejected", percent(tooOld, read), `${count(tooOld)}, kept whole`],
  ] : []);
}

/** A line or bars per batch; series are [name, of a batch, colour]. */
function perBatch(rows, series, format, says, kind = "bar") {
  if (!rows.length) {
    return { empty: NO_RUNS };
  }
  return {
    says,
    height: 200,
    option: {
      legend: series.length > 1 ? {} : undefined,
      xAxis: { type: "category", data: rows.map((row) => moment(row.at)) },
      yAxis: format === count ? valueAxis() : timeAxis(rows.map(series[0][1])),
      tooltip: { valueFormatter: format },
      series: series.map(([name, of, colour]) => ({
        name, type: kind, stack: kind === "bar" ? "all" : undefined, data: rows.map(of), barMaxWidth: 36,
        symbolSize: 6, showSymbol: rows.length < 60, itemStyle: { color: colour }, areaStyle: kind === "line" ? { opacity: 0.12 } : undefined,
      })),
    },
    columns: [["Commit", ""], ["Command", ""], ...series.map(([name]) => [name, "number"])],
    rows: rows.map((row) => [minute(row.at), row.command, ...series.map(([, of]) => format(of(row)))]).reverse(),
  };
}

function drawLateness(colours) {
  if (!valid) {
    return { empty: NO_RUNS };
  }
  const classes = [
    ["under 1 hour", late.late_under_1_hour], ["1 hour to 1 day", late.late_under_1_day],
    ["1 day or more", late.late_1_day_or_more], ["beyond the horizon: rejected", late.beyond_horizon],
  ];
  const option = bars(classes.map(([name]) => name), classes.map(([, events]) => events), colours.two, "Events");
  option.series[0].data[3] = { value: late.beyond_horizon, itemStyle: { color: colours.bad } };
  option.series[0].label = { show: true, position: "top", color: colours.ink, formatter: ({ value }) => count(value) };
  option.grid = { left: 4, right: 12, top: 26, bottom: 4, containLabel: true };
  return {
    says: `${percent(late.on_time, valid)} of ${some(valid, "event", "events")} came on time; the others are below.`,
    option,
    columns: [["Late by", ""], ["Events", "number"], ["Share", "number"]],
    rows: [["on time", late.on_time], ...classes].map(([name, events]) => [name, count(events), percent(events, valid)]),
  };
}

/** What another watermark delay would have cost; null events means not known. */
function delays() {
  const per = lateEvents ? (late.sessions_changed + late.sessions_removed) / lateEvents : 0;
  return [
    ["as now", lateEvents, "as now"],
    ["1 hour more", late.late_under_1_day + late.late_1_day_or_more, "1 hour later"],
    ["1 day more", late.late_1_day_or_more, "1 day later"],
  ].map(([delay, events, published], index) => ({ delay, events, published, restated: Math.round(events * per), isNow: index === 0 }));
}

function advice() {
  const box = element("figure", { class: "card wide" }, element("figcaption", {}, element("h3", {}, "Watermark delay"),
    element("p", { class: "about" }, "What the runs in this report would have done with another.")));
  if (!valid) {
    box.append(element("p", { class: "empty" }, NO_RUNS));
    return box;
  }
  const delayRows = delays();
  const delay = delayRows.findIndex((row) => row.events <= MOST_LATE * valid);
  const mark = (text, is) => (is ? `${text}\u00a0✓` : text);
  const delayBox = element("div", {},
    element("p", { class: "says" }, delay < 0
      ? "Even a day more would leave more than 1 event in 100 late."
      : `Recommended delay: ${delayRows[delay].delay}, the shortest with at most 1 event in 100 late.`),
    element("div", { class: "scroll" }, table([["--watermark-delay", ""], ["Late events", "number"], ["Share", "number"], ["Sessions restated", "number"], ["They appear", ""]],
      delayRows.map((row, index) => [mark(row.delay, index === delay), count(row.events), percent(row.events, valid),
        `${row.isNow ? "" : "about "}${count(row.restated)}`, row.published]), (index) => index === delay)));
  box.append(delayBox, element("p", { class: "about" }, `From ${some(valid, "event", "events")} in ${some(late.batches, "batch", "batches")} since ${day(lateness[0].day)}, copies included. Restated sessions are in proportion to late events.`));
  return box;
}

function rejections() {
  const reasons = rowsOf("rejected");
  const samples = rowsOf("rejected_samples");
  const box = element("figure", { class: "card wide" }, element("figcaption", {}, element("h3", {}, "Rejected records"),
    element("p", { class: "about" }, "All that the table holds, by reason; with the newest three of each.")));
  if (!reasons.length) {
    box.append(element("p", { class: "empty" }, "Nothing was rejected."));
    return box;
  }
  box.append(table([["Reason", ""], ["Records", "number"], ["First", "optional"], ["Last", ""]],
    reasons.map((row) => [row.reason, count(row.records), minute(row.first_time), minute(row.last_time)])));
  for (const { reason } of reasons) {
    box.append(element("details", {}, element("summary", {}, `Samples: ${reason}`),
      element("div", { class: "scroll" }, table([["Topic, partition, offset", ""], ["Sent", ""], ["What is wrong", "text"], ["What came", "text"]],
        samples.filter((row) => row.reason === reason).map((row) => [`${row.topic} ${row.partition} ${row.offset}`, minute(row.record_time), row.detail || "",
          element("code", {}, row.value === null ? "(nothing: a tombstone)" : row.value)])))));
  }
  return box;
}

const NOTICES = [
  ["filtered", "events that a condition left out"],
  ["unfit", "values that do not fit the type of their property, and are null"],
  ["conflicting_copies", "copies of an event that were dropped for a copy with another content"],
  ["failed_conditions", "evaluations of conditions that failed, and count as false"],
  ["failed_columns", "session columns that failed on a session, and are null there"],
];

/** What the definition left out or could not read; only what there is. */
function notices() {
  const box = element("figure", { class: "card wide" }, element("figcaption", {}, element("h3", {}, "Filtered, unfit, conflicting"),
    element("p", { class: "about" }, "What the runs left out or could not read, rejected records aside.")));
  const rows = NOTICES.map(([name, means]) => ({ name, means, all: sum(batches, name), in: batches.filter((batch) => batch[name]) })).filter((row) => row.all);
  box.append(!rows.length
    ? element("p", { class: "empty" }, batches.length ? "Nothing in these commits." : NO_RUNS)
    : element("div", { class: "scroll" }, table([["Count", "text"], ["Total", "number"], ["Commits", "number"], ["Last", ""]],
      rows.map((row) => [element("span", {}, element("code", {}, row.name), `: ${row.means}`), count(row.all), count(row.in.length), moment(row.in[row.in.length - 1].at)]))));
  return box;
}

function sizes() {
  const rows = rowsOf("table_sizes");
  const small = rows.some((row) => row.files > 20 && row.bytes / row.files < 1e6);
  return element("figure", { class: "card" },
    element("figcaption", {}, element("h3", {}, "Tables"), element("p", { class: "about" }, small
      ? "Many small files: sessionize maintain compacts them."
      : "What they hold now, without their history.")),
    element("div", { class: "scroll" }, table([["Table", ""], ["Rows", "number"], ["Data files", "number"], ["Delete files", "number"], ["Size", "number"], ["Per file", "number"]],
      rows.map((row) => [row.holds, count(row.stored_rows), count(row.files), count(row.delete_files), bytes(row.bytes), row.files ? bytes(row.bytes / row.files) : "–"]))));
}

function addOperations() {
  const parent = "operation-figures";
  const seconds = runs.map((run) => run.seconds).sort((a, b) => a - b);
  const restated = sum(batches, "changed") + sum(batches, "removed");
  document.getElementById("operations-note").textContent = batches.length
    ? `The ${some(batches.length, "newest commit", "newest commits")} whose snapshots are kept, from ${minute(batches[0].at)} to ${minute(batches[batches.length - 1].at)}. The days above do not change this part.`
    : NO_RUNS;
  showOperationTiles();
  figure(parent, "Records per run", "What each read from Kafka.", (colours) => perBatch(batches,
    [["new events", (row) => row.events, colours.one], ["copies", (row) => row.duplicates, colours.grey], ["rejected", (row) => row.rejected, colours.bad]],
    count, `${some(sum(batches, "records"), "record", "records")} in all.`));
  figure(parent, "Seconds per run", "From the beginning of a batch until its sessions are restated, before they are written.", (colours) => perBatch(batches, [["Seconds", (row) => row.seconds, colours.four]],
    duration, seconds.length ? `Half of the runs took ${duration(seconds[Math.ceil(seconds.length / 2) - 1])} or less, the longest ${duration(seconds[seconds.length - 1])}.` : ""));
  figure(parent, "Lag of the watermark", "How far it lies behind the clock when a run commits.", (colours) => perBatch(
    runs.filter((run) => run.watermark), [["Watermark", (row) => row.behind_seconds, colours.three]], (seconds) => `${lag(seconds)} the clock`,
    runs.length && runs[runs.length - 1].watermark ? `${lag(runs[runs.length - 1].behind_seconds)} the clock after the last run.` : "No event yet.", "line"));
  figure(parent, "Restated sessions", "Rows of the sessions table that later events changed, or put under another id.", (colours) => perBatch(batches,
    [["changed", (row) => row.changed, colours.one], ["another id", (row) => row.removed, colours.two]], count,
    `${count(restated)} in all, for ${some(sum(batches, "added"), "session", "sessions")} added.`));
  figure(parent, "How late events come", "Behind the watermark that was published when their run began.", drawLateness);
  document.getElementById(parent).append(sizes(), notices(), advice(), rejections());
}
