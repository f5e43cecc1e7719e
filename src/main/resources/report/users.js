"use strict";

/* Visitors: what the sessions of the days shown tell. */

const days = rowsOf("sessions_per_day").map((row) => row.day);
const lastDay = days[days.length - 1];
const range = { from: days[0], to: lastDay };
const visits = Object.fromEntries(
  ["sessions_per_day", "sessions_per_hour", "session_durations", "session_lengths", "returning_users", "entry_and_exit_pages",
    "page_transitions", "funnel", "breakdown", "conversion_per_day"].filter((name) => name in report).map((name) => [name, rowsOf(name)]));

const NO_SESSIONS = "No sessions in these days.";

/** The rows of a query that belong to the days shown. */
function shown(name) {
  return visits[name].filter((row) => {
    const at = row.day || row.hour.slice(0, 10);
    return at >= range.from && at <= range.to;
  });
}

/** A session counts for its user once: where the one before it lies before the days shown. */
const isFirstShown = (row) => row.previous_day === null || row.previous_day < range.from;

function showVisitorTiles() {
  const perDay = shown("sessions_per_day");
  const sessions = sum(perDay, "sessions");
  const users = sum(shown("returning_users").filter(isFirstShown), "sessions");
  const open = sum(perDay, "still_open");
  const average = (column) => (sessions ? sum(perDay, column) / sessions : 0);
  tiles("visitor-tiles", [
    ["Sessions", count(sessions), open ? `${count(open)} of them still open` : "all closed"],
    ["Users", count(users), users ? `${oneDigit.format(sessions / users)} sessions per user` : ""],
    ["Events", count(sum(perDay, "events")), `${oneDigit.format(average("events"))} per session`],
    ["Average duration", duration(average("seconds")), "first to last event"],
    ["Bounce rate", percent(sum(perDay, "bounces"), sessions), "saw one page at most"],
    ["Repeat sessions", percent(sessions - users, sessions), "by users seen before in these days"],
    ...columnTiles(),
  ]);
}

function drawHours(colours) {
  const rows = shown("sessions_per_hour");
  if (!rows.length) {
    return { empty: NO_SESSIONS };
  }
  const found = new Map(rows.map((row) => [Date.parse(row.hour), row]));
  const first = Date.parse(rows[0].hour);
  const hours = 1 + (Date.parse(rows[rows.length - 1].hour) - first) / 3600000;
  // Hours without sessions are zero, not a line from one to the next.
  const data = Array.from({ length: hours }, (_, hour) => first + hour * 3600000)
    .map((at) => [at, found.has(at) ? found.get(at).sessions : 0]);
  const most = rows.reduce((best, row) => (row.sessions > best.sessions ? row : best));
  return {
    says: `Most in the hour from ${minute(most.hour)}: ${some(most.sessions, "session", "sessions")}.`,
    option: {
      xAxis: { type: "category", data: data.map(([at]) => moment(at)) },
      yAxis: valueAxis(),
      tooltip: { valueFormatter: count },
      series: [{
        name: "Sessions", data: data.map(([, sessions]) => sessions),
        ...(data.length > 72
          ? { type: "line", symbol: "none", lineStyle: { width: 1.5 }, areaStyle: { opacity: 0.15 } }
          : { type: "bar", barMaxWidth: 40, itemStyle: { borderRadius: [3, 3, 0, 0] } }),
      }],
    },
    columns: [["Hour", ""], ["Sessions", "number"], ["Events", "number"]],
    rows: rows.map((row) => [minute(row.hour), count(row.sessions), count(row.events)]),
  };
}

function drawDays(colours) {
  const rows = shown("returning_users");
  if (!rows.length) {
    return { empty: NO_SESSIONS };
  }
  const kinds = [
    ["first visit", (row) => row.previous_day === null],
    ["again on the same day", (row) => row.previous_day === row.day],
    ["back on a later day", (row) => row.previous_day !== null && row.previous_day !== row.day],
  ];
  const inDays = days.filter((text) => text >= range.from && text <= range.to);
  const byDay = kinds.map(([, is]) => totals(rows.filter(is), "day", "sessions"));
  const users = totals(rows.filter((row) => row.previous_day !== row.day), "day", "sessions");
  const again = sum(rows.filter((row) => row.previous_day !== null), "sessions");
  return {
    says: `${percent(again, sum(rows, "sessions"))} of the sessions are of users who were here before, since ${day(days[0])}.`,
    option: {
      legend: {},
      xAxis: { type: "category", data: inDays.map(day), axisLabel: { formatter: (_, index) => shortDay(inDays[index]) } },
      yAxis: valueAxis(),
      tooltip: { valueFormatter: count },
      series: kinds.map(([name], kind) => ({
        name, type: "bar", stack: "sessions", barMaxWidth: 48, data: inDays.map((text) => byDay[kind].get(text) || 0),
      })),
    },
    columns: [["Day", ""], ["Users", "number"], ...kinds.map(([name]) => [`Sessions, ${name}`, "number"])],
    rows: inDays.map((text) => [day(text), count(users.get(text) || 0), ...byDay.map((found) => count(found.get(text) || 0))]),
  };
}

/** Sessions over classes, each named by its lower end. */
function drawClasses(query, column, lowest, name, says, colour, labels) {
  const rows = shown(query);
  if (!rows.length) {
    return { empty: NO_SESSIONS };
  }
  const found = totals(rows, column, "sessions");
  const classes = lowest.map((low) => found.get(low) || 0);
  const all = sum(rows, "sessions");
  let half = 0;
  const median = classes.findIndex((sessions) => (half += sessions) * 2 >= all);
  return {
    says: says(name(median, true)),
    option: bars(lowest.map((_, index) => name(index)), classes, colour, "Sessions", labels),
    columns: [["Class", ""], ["Sessions", "number"], ["Share", "number"]],
    rows: classes.map((sessions, index) => [name(index), count(sessions), percent(sessions, all)]),
  };
}

const DURATIONS = [0, 10, 30, 60, 180, 300, 600, 1200, 1800, 3600, 7200];
const LENGTHS = [1, 2, 3, 4, 5, 6, 11, 21, 51, 101];

function durationClass(index, upTo) {
  const [low, next] = [DURATIONS[index], DURATIONS[index + 1]];
  if (next === undefined) {
    return "2 h";
  }
  if (upTo) {
    return duration(next);
  }
  return low < 60 ? `${low}–${next} s` : low < 3600 ? `${low / 60}–${next / 60} min` : "1–2 h";
}

function lengthClass(index, upTo) {
  const [low, next] = [LENGTHS[index], LENGTHS[index + 1]];
  if (next === undefined) {
    return "101+";
  }
  return upTo || next === low + 1 ? String(next - 1) : `${low}–${next - 1}`;
}

function drawPages(colours) {
  const rows = shown("entry_and_exit_pages");
  if (!rows.length) {
    return { empty: NO_SESSIONS };
  }
  const columns = ["sessions", "entries", "exits", "bounces"].map((column) => totals(rows, "page", column));
  const pages = [...columns[0].keys()].sort((a, b) => columns[0].get(b) - columns[0].get(a));
  const drawn = pages.slice(0, 8);
  const [seen, entries, exits, bounces] = columns;
  const most = (of) => pages.reduce((best, page) => (of.get(page) > of.get(best) ? page : best));
  const series = (name, of) => ({ name, type: "bar", data: drawn.map((page) => of.get(page)), barMaxWidth: 12, itemStyle: { borderRadius: [0, 3, 3, 0] } });
  return {
    says: `Most begin on ${cut(most(entries), 60)} (${percent(entries.get(most(entries)), sum(rows, "entries"))}) and end on ${cut(most(exits), 60)} (${percent(exits.get(most(exits)), sum(rows, "exits"))}).`,
    height: 70 + 40 * drawn.length,
    option: {
      legend: {},
      xAxis: valueAxis(),
      yAxis: { type: "category", inverse: true, data: drawn, axisLabel: { formatter: (page) => cut(page) } },
      tooltip: { valueFormatter: count },
      series: [series("began here", entries), series("ended here", exits)],
    },
    columns: [["Page", "text"], ["Sessions that saw it", "number"], ["Began here", "number"], ["Ended here", "number"], ["Of those that began, saw nothing else", "number"]],
    rows: pages.map((page) => [page, count(seen.get(page)), count(entries.get(page)), count(exits.get(page)), percent(bounces.get(page), entries.get(page))]),
  };
}

function drawFunnel(colours) {
  const rows = shown("funnel");
  const reached = totals(rows, "step", "sessions");
  const steps = report.funnel_pages.map((page, index) => ({ page, sessions: reached.get(index + 1) || 0 }));
  if (!steps.length || !steps[0].sessions) {
    return { empty: `No session of these days saw ${steps.length ? cut(steps[0].page, 60) : "the first page"}: name the pages of your own funnel with --funnel.` };
  }
  const start = steps[0].sessions;
  const last = steps[steps.length - 1];
  return {
    says: `${percent(last.sessions, start)} of the ${some(start, "session", "sessions")} that saw ${cut(steps[0].page, 60)} went on to ${cut(last.page, 60)}.`,
    height: 30 + 44 * steps.length,
    option: {
      grid: { left: 4, right: 110, top: 6, bottom: 4, containLabel: true },
      xAxis: { ...valueAxis(), show: false },
      yAxis: { type: "category", inverse: true, data: steps.map((step) => step.page), axisLabel: { formatter: (page) => cut(page), color: colours.ink }, axisLine: { show: false } },
      tooltip: { valueFormatter: count },
      series: [{
        name: "Sessions", type: "bar", barMaxWidth: 28, data: steps.map((step) => step.sessions),
        itemStyle: { color: colours.one, borderRadius: [0, 4, 4, 0] },
        label: { show: true, position: "right", color: colours.ink, formatter: ({ value }) => `${count(value)}  ·  ${percent(value, start)}` },
      }],
    },
    columns: [["Step", "number"], ["Page", "text"], ["Sessions", "number"], ["Of the first", "number"], ["Of the step before", "number"]],
    rows: steps.map((step, index) => [String(index + 1), step.page, count(step.sessions), percent(step.sessions, start), index ? percent(step.sessions, steps[index - 1].sessions) : "–"]),
  };
}

function drawJourney(colours) {
  const rows = shown("page_transitions");
  if (!rows.length) {
    return { empty: NO_SESSIONS };
  }
  const key = (step, page) => `${step} ${page}`;
  const nodes = new Map();
  const links = new Map();
  for (const { step, from_page: from, to_page: to, sessions } of rows) {
    const node = nodes.get(key(step, from)) || { step, page: from, value: 0, left: 0 };
    node.value += sessions;
    node.left += to === null ? sessions : 0;
    nodes.set(key(step, from), node);
    if (to !== null) {
      const link = links.get(`${key(step, from)} ${to}`) || { step, from, to, value: 0 };
      link.value += sessions;
      links.set(`${key(step, from)} ${to}`, link);
    }
  }
  const last = 1 + Math.max(...rows.map((row) => row.step));
  for (const link of links.values()) {
    const id = key(link.step + 1, link.to);
    if (!nodes.has(id)) {
      nodes.set(id, { step: link.step + 1, page: link.to, value: 0, left: null });
    }
    if (link.step + 1 === last) {
      nodes.get(id).value += link.value;
    }
  }
  const seen = totals([...nodes.values()], "page", "value");
  const pages = [...seen.keys()].sort((a, b) => seen.get(b) - seen.get(a));
  const palette = [colours.one, colours.two, colours.three, colours.four, colours.five, colours.six];
  const sorted = [...links.values()].sort((a, b) => a.step - b.step || b.value - a.value);
  const starts = sum([...nodes.values()].filter((node) => node.step === 1), "value");
  const top = sorted[0];
  return {
    says: top ? `The commonest first move: ${cut(top.from, 60)} to ${cut(top.to, 60)}, ${percent(top.value, starts)} of the sessions.` : "No session went from one page to another.",
    height: 420,
    option: {
      tooltip: {
        trigger: "item",
        formatter: ({ dataType, data }) => dataType === "node"
          ? `${cut(data.page, 60)}, page ${data.step}\n${some(data.value, "session", "sessions")}${data.left === null ? "" : `\n${percent(data.left, data.value)} left here`}`
          : `${cut(data.from, 60)} → ${cut(data.to, 60)}\n${some(data.value, "session", "sessions")}, ${percent(data.value, nodes.get(data.source).value)} of those there`,
      },
      series: [{
        type: "sankey", left: 4, right: 130, top: 10, bottom: 10, nodeWidth: 12, nodeGap: 9, draggable: false, layoutIterations: 16,
        data: [...nodes].map(([name, node]) => ({
          name, ...node, depth: node.step - 1, itemStyle: { color: palette[pages.indexOf(node.page) % palette.length] },
          // Names of what is small would lie upon each other.
          label: { show: node.value >= 0.03 * starts },
        })),
        links: sorted.map((link) => ({ ...link, source: key(link.step, link.from), target: key(link.step + 1, link.to) })),
        lineStyle: { color: "source", opacity: 0.25, curveness: 0.5 },
        label: { color: colours.ink, fontSize: 12, textBorderWidth: 0, formatter: ({ data }) => `${cut(data.page, 16)} ${short(data.value)}` },
        emphasis: { focus: "adjacency" },
        blur: { itemStyle: { opacity: 0.4 }, lineStyle: { opacity: 0.08 }, label: { opacity: 0.5 } },
      }],
    },
    columns: [["Step", "number"], ["From", "text"], ["To", "text"], ["Sessions", "number"], ["Of those there", "number"]],
    rows: sorted.map((link) => [String(link.step), link.from, link.to, count(link.value), percent(link.value, nodes.get(key(link.step, link.from)).value)]),
  };
}

function addVisitorFigures() {
  const parent = "visitor-figures";
  figure(parent, "Sessions per hour", "By the hour in which they began.", drawHours, { wide: true });
  figure(parent, "Sessions per day, and who comes back", "By the day on which they began, and what the same user did before.", drawDays, { wide: true });
  figure(parent, "How long they last", "First to last event; each bar counts from its time to the next.",
    (colours) => drawClasses("session_durations", "seconds", DURATIONS, durationClass, (most) => `Half of the sessions last ${most} or less.`, colours.one, DURATIONS.map(duration)));
  figure(parent, "How many events they have", "Copies of an event count once.",
    (colours) => drawClasses("session_lengths", "events", LENGTHS, lengthClass, (most) => `Half of the sessions have ${most} events or fewer.`, colours.three));
  figure(parent, "Where they begin and end", "First and last page of a session, for the pages most seen; the numbers have some more.", drawPages);
  figure(parent, "Conversion", "Each page after the one before it, with others between them or not.", drawFunnel);
  addColumnFigures(parent);
  figure(parent, "The journey between pages",
    "From left to right: the first page of a session, the second, and so on. What does not flow on has left. Coming back to a page is a step of its own.",
    drawJourney, { wide: true, least: "least" });
}
