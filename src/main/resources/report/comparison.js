"use strict";

/* A what-if: the sessions of the table, and beside them those that the recompute would make. */

const differing = rowsOf("days");
const users = rowsOf("users");
const [before, after] = ["before", "after"].map((side) => rowsOf("totals").find((row) => row.side === side));
const narrow = matchMedia("(max-width: 52rem)");

const share = (number) => percent(number, 1);

/** A difference with its sign. */
function signed(number, format) {
  return number === 0 ? "0" : `${number < 0 ? "−" : "+"}${format(Math.abs(number))}`;
}

/** Percentage points. */
const points = (number) => (100 * number).toLocaleString("en", { maximumFractionDigits: 2 });

/** What is compared; the formats get a number that is not null, that of a change at least 0. */
const MEASURES = [
  { title: "Sessions", head: "Sessions", column: "sessions", means: "", says: count, change: count, unit: "", axis: () => valueAxis() },
  { title: "Users", head: "Users", column: "users", means: "", says: count, change: count, unit: "", axis: () => valueAxis() },
  { title: "Average duration", head: "Duration", column: "average_seconds", means: "first to last event", says: duration, change: duration, unit: "", axis: timeAxis },
  { title: "Bounce rate", head: "Bounced", column: "bounce_rate", means: "of one event", says: share, change: points, unit: "points", axis: () => valueAxis(share) },
  { title: "Conversion rate", head: "Converted", column: "conversion_rate", means: "with a key event", says: share, change: points, unit: "points", axis: () => valueAxis(share) },
].filter(({ column }) => before[column] !== null || after[column] !== null);

function changed({ change }, old, now) {
  return old === null || now === null ? "–" : signed(now - old, change);
}

function showTotals() {
  tiles("totals", [
    ...MEASURES.map((measure) => {
      const [old, now] = [before[measure.column], after[measure.column]];
      const more = [`${orDash(old, measure.says)} before (${changed(measure, old, now)}${measure.unit && ` ${measure.unit}`})`, measure.means].filter(Boolean).join(", ");
      return [measure.title, orDash(now, measure.says), more];
    }),
    ["Days that differ", `${count(differing.length)}${report.has_more_days ? "+" : ""}`, "by the day on which sessions began"],
  ]);
}

/** The rules of both sides. */
function showRules() {
  const side = (name, means, rules) => element("p", {}, element("strong", {}, name), `: ${means}, `, element("code", {}, rules));
  document.getElementById("rules").append(
    side("Before", "the table as it is", report.rules_before),
    side("After", "what the recompute would make of the same events", report.rules_after));
}

const cellsOf = (row, measure) => {
  const [old, now] = [row[`${measure.column}_before`], row[`${measure.column}_after`]];
  return [orDash(old, measure.says), orDash(now, measure.says), changed(measure, old, now)];
};

/** One measure day by day. The numbers have all measures where there is room. */
function drawDays(colours) {
  if (!differing.length) {
    return { empty: "No day differs." };
  }
  const measure = MEASURES[chosen.measure];
  const values = (side) => differing.map((row) => row[`${measure.column}_${side}`]);
  const [old, now] = [values("before"), values("after")];
  const days = differing.filter((_, index) => old[index] !== now[index]);
  const series = (name, data, colour) => ({
    name, data, itemStyle: { color: colour, borderRadius: [3, 3, 0, 0] },
    ...(data.length > 72 ? { type: "line", symbol: "none", lineStyle: { width: 1.5 } } : { type: "bar", barMaxWidth: 32 }),
  });
  const inTable = narrow.matches ? [measure] : MEASURES;
  return {
    says: days.length > 1
      ? `${measure.title}: ${count(days.length)} days differ, from ${day(days[0].day)} to ${day(days[days.length - 1].day)}.`
      : `${measure.title}: ${days.length ? `one day differs, ${day(days[0].day)}` : "no day differs"}.`,
    option: {
      legend: {},
      xAxis: { type: "category", data: differing.map((row) => day(row.day)), axisLabel: { formatter: (_, index) => shortDay(differing[index].day) } },
      yAxis: measure.axis([...old, ...now].filter((value) => value !== null)),
      tooltip: { valueFormatter: (number) => orDash(number, measure.says) },
      series: [series("Before", old, colours.grey), series("After", now, colours.one)],
    },
    columns: [["Day", "nowrap"], ...inTable.flatMap(({ head, unit }) => [[head, "number"], ["after", "number"], [unit || "change", "number"]])],
    rows: differing.map((row) => [day(row.day), ...inTable.flatMap((one) => cellsOf(row, one))]),
  };
}

/** The sessions that only one side has, and what ends them. */
const ends = (side, sessions, reasons) => (sessions ? [element("div", {}, `${count(sessions)} ${side}: `, element("bdi", {}, reasons))] : []);

function showUsers() {
  document.getElementById("users-note").textContent = users.length
    ? "Those with most sessions that only one side has, with another start or another end, and what ends these sessions."
    : "";
  document.getElementById("user-table").append(users.length
    ? table([["User", "text"], ["Only on one side", "text"]],
      users.map((user) => [user.uuid, element("div", {},
        ...ends("before", user.only_before, user.ended_by_before), ...ends("after", user.only_after, user.ended_by_after))]))
    : element("p", { class: "empty" }, "All users have the same sessions."));
}

/** How many sessions that both sides have get another value. */
function showColumns() {
  if (report.changed_columns.length) {
    document.getElementById("figures").append(element("figure", { class: "card wide" },
      element("figcaption", {}, element("h3", {}, "Session columns"),
        element("p", { class: "about" }, "Sessions that both sides have, with another value.")),
      element("div", { class: "scroll" }, table([["Column", "text"], ["Sessions", "number"]],
        report.changed_columns.map(([name, rows]) => [name, count(rows)])))));
  }
}

document.getElementById("about").append(element("code", {}, report.table), ` · as of ${minute(report.made_at)} UTC`);
document.title = `What if · ${report.table}`;
showRules();
showTotals();
figure("figures", "Day by day",
  `The days that differ, by the day on which sessions began: each measure before, after, and its change.${report.has_more_days ? ` The page holds the first ${count(differing.length)} of them.` : ""}`,
  drawDays, { wide: true, open: true, whole: false, controls: [chooser("Show", MEASURES.map(({ title }) => title), "measure")] });
showColumns();
showUsers();
followTheme();
narrow.addEventListener("change", drawAll);
