"use strict";

/* Session columns: sessions by their values, conversion and revenue. */

const columnsShown = report.session_columns;
const has = (measure) => columnsShown.measures.includes(measure);
const money = (number) => twoDigits.format(number);
/** A screen has room for more of a name than a telephone. */
const cutName = (name) => cut(name, innerWidth > 832 ? 60 : 24);

/** What is known of the sessions of one value; the formats get the number that is drawn. */
const MEASURES = [
  { title: "Sessions", of: (group) => group.sessions, says: count, axis: short },
  { title: "Bounced", needs: "bounced", of: (group) => rate(group.bounces, group.bounced_known), says: rateText, axis: rateText },
  { title: "Conversion rate", needs: "key_events", of: (group) => rate(group.conversions, group.key_events_known), says: rateText, axis: rateText },
  { title: "Revenue", needs: "revenue", of: (group) => group.revenue, says: money, axis: (number) => short(number) },
].filter(({ needs }) => !needs || has(needs));

/** A share in percent; null if it is not known of any session. */
function rate(part, known) {
  return known ? (100 * part) / known : null;
}

function rateText(number) {
  return percent(number, 100);
}

function valueName(value) {
  return value === null ? "none" : value === "" ? "(empty)" : value;
}

/** The sessions of the days shown by the value of a column; the most first, then the others, then none. */
function groupsOf(column) {
  const found = new Map();
  for (const row of shown("breakdown")) {
    if (row.position === column) {
      const group = found.get(row.value) || { value: row.value };
      for (const name of ["sessions", "bounces", "bounced_known", "conversions", "key_events_known", "revenue"]) {
        group[name] = (group[name] || 0) + (row[name] || 0);
      }
      found.set(row.value, group);
    }
  }
  const last = (group) => (group.value === null ? 2 : group.value === "(other values)" ? 1 : 0);
  return [...found.values()].sort((a, b) => last(a) - last(b) || b.sessions - a.sessions);
}

function drawBreakdown(colours) {
  const groups = groupsOf(chosen.column);
  if (!groups.length) {
    return { empty: NO_SESSIONS };
  }
  const name = columnsShown.texts[chosen.column];
  const all = sum(groups, "sessions");
  const top = groups.reduce((best, group) => (group.sessions > best.sessions ? group : best));
  const measure = MEASURES[chosen.measure];
  const share = (group) => (chosen.measure ? "" : `  ·  ${percent(group.sessions, all)}`);
  return {
    says: top.value === null
      ? `${percent(top.sessions, all)} of the sessions have no ${cut(name, 60)}.`
      : `The commonest ${cut(name, 60)}: ${cut(valueName(top.value), 60)}, ${percent(top.sessions, all)} of the sessions.`,
    height: 24 + 30 * groups.length,
    option: {
      grid: { left: 4, right: chosen.measure ? 70 : 110, top: 6, bottom: 4, containLabel: true },
      xAxis: { ...valueAxis(measure.axis), show: false },
      yAxis: { type: "category", inverse: true, data: groups.map((group) => valueName(group.value)), axisLabel: { interval: 0, formatter: cutName, color: colours.ink }, axisLine: { show: false } },
      tooltip: { valueFormatter: (number) => orDash(number, measure.says) },
      series: [{
        name: measure.title, type: "bar", barMaxWidth: 20, data: groups.map((group) => measure.of(group)),
        itemStyle: { color: colours.one, borderRadius: [0, 4, 4, 0] },
        label: { show: true, position: "right", color: colours.ink, formatter: ({ dataIndex }) => `${orDash(measure.of(groups[dataIndex]), measure.says)}${share(groups[dataIndex])}` },
      }],
    },
    columns: [[name, "text"], ["Sessions", "number"], ["Share", "number"], ...MEASURES.slice(1).map(({ title }) => [title, "number"])],
    rows: groups.map((group) => [valueName(group.value), count(group.sessions), percent(group.sessions, all),
      ...MEASURES.slice(1).map(({ of, says }) => orDash(of(group), says))]),
  };
}

/** One number for each day shown, null where it is not known. */
function perDay(rows, name, of, says, axis, sentence, colour) {
  if (!rows.length) {
    return { empty: NO_SESSIONS };
  }
  return {
    says: sentence,
    option: {
      xAxis: { type: "category", data: rows.map((row) => day(row.day)), axisLabel: { formatter: (_, index) => shortDay(rows[index].day) } },
      yAxis: valueAxis(axis),
      tooltip: { valueFormatter: (number) => orDash(number, says) },
      series: [{ name, type: "bar", barMaxWidth: 48, data: rows.map(of), itemStyle: { color: colour, borderRadius: [3, 3, 0, 0] } }],
    },
  };
}

function drawConversion(colours) {
  const rows = shown("conversion_per_day");
  const known = sum(rows, "key_events_known");
  return {
    ...perDay(rows, "Conversion rate", (row) => rate(row.conversions, row.key_events_known), rateText, (number) => `${oneDigit.format(number)} %`,
      known ? `${percent(sum(rows, "conversions"), known)} of ${some(known, "session", "sessions")} have a key event.` : "The column key_events is not filled for these days.", colours.three),
    columns: [["Day", ""], ["Sessions", "number"], ["With a key event", "number"], ["Share", "number"], ["Key events", "number"]],
    rows: rows.map((row) => [day(row.day), count(row.sessions), orDash(row.key_events_known ? row.conversions : null, count),
      percent(row.conversions, row.key_events_known), orDash(row.key_events, count)]),
  };
}

function drawRevenue(colours) {
  const rows = shown("conversion_per_day");
  const total = sum(rows, "revenue");
  const sessions = sum(rows, "sessions");
  return {
    ...perDay(rows, "Revenue", (row) => row.revenue, money, (number) => short(number),
      `${money(total)} in all, ${money(sessions ? total / sessions : 0)} per session.`, colours.two),
    columns: [["Day", ""], ["Sessions", "number"], ["Revenue", "number"], ["Per session", "number"]],
    rows: rows.map((row) => [day(row.day), count(row.sessions), orDash(row.revenue, money), orDash(row.revenue, (revenue) => money(revenue / row.sessions))]),
  };
}

/** The tiles of the days shown that session columns give. */
function columnTiles() {
  if (!visits.conversion_per_day) {
    return [];
  }
  const rows = shown("conversion_per_day");
  const sessions = sum(rows, "sessions");
  return [
    has("key_events") && ["Conversion rate", percent(sum(rows, "conversions"), sum(rows, "key_events_known")), "have a key event"],
    has("revenue") && ["Revenue", short(sum(rows, "revenue")), sessions ? `${money(sum(rows, "revenue") / sessions)} per session` : ""],
  ].filter(Boolean);
}

function addColumnFigures(parent) {
  const { texts, left_out: leftOut } = columnsShown;
  const alone = { wide: has("key_events") !== has("revenue") };
  if (texts.length) {
    const rest = leftOut ? ` The report holds the first ${texts.length} of ${texts.length + leftOut} text columns.` : "";
    figure(parent, "Sessions by column", `A session column, and its values with the most sessions of the report.${rest}`, drawBreakdown, {
      wide: true, open: true,
      controls: [chooser("Column", texts, "column"), ...(MEASURES.length > 1 ? [chooser("Show", MEASURES.map(({ title }) => title), "measure")] : [])],
    });
  }
  if (has("key_events")) {
    figure(parent, "Conversion per day", "Sessions with at least one key event, by the day on which they began.", drawConversion, alone);
  }
  if (has("revenue")) {
    figure(parent, "Revenue per day", "Of the sessions that began on the day.", drawRevenue, alone);
  }
}
