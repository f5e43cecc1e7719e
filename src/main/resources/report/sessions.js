"use strict";

/* The newest sessions, each of which unfolds into the timeline of its events. */

const PORTION = 25;
const newest = rowsOf("newest_sessions");
const LONG_PAUSE_SECONDS = 120;
let portions = 1;

const REASONS = { inactivity: "pause", max_duration: "too long", boundary: "rule" };

function timeline(session) {
  const items = [];
  let before = null;
  for (const event of session.events || []) {
    const pause = before === null ? 0 : (event.time_ms - before) / 1000;
    if (pause >= LONG_PAUSE_SECONDS) {
      items.push(element("li", { class: "pause" }, `${duration(pause)} pause`));
    }
    const details = [event.name, event.type, event.value, event.booking].filter(Boolean).join(" · ");
    items.push(element("li", {},
      element("time", { datetime: new Date(event.time_ms).toISOString() }, clock(event.time_ms)),
      element("strong", {}, event.page || "(no page)"),
      element("span", { class: "detail" }, details)));
    before = event.time_ms;
  }
  const more = session.event_count - (session.events || []).length;
  if (more > 0) {
    items.push(element("li", { class: "pause" }, `and ${some(more, "event", "events")} more`));
  }
  return element("ol", { class: "timeline" }, ...items);
}

function rowsFor(session, index) {
  const id = `timeline-${index}`;
  const button = element("button", { type: "button", "aria-expanded": "false", "aria-controls": id }, moment(session.session_start));
  const unfolded = element("tr", { class: "unfolded", id, hidden: "" });
  button.addEventListener("click", () => {
    const opens = unfolded.hidden;
    unfolded.hidden = !opens;
    button.setAttribute("aria-expanded", String(opens));
    if (opens && !unfolded.hasChildNodes()) {
      unfolded.append(element("td", { colspan: "6" }, element("span", { class: "detail" }, element("code", {}, session.session_id)), timeline(session)));
    }
  });
  const state = session.is_open
    ? element("span", { class: "tag open" }, "open")
    : element("span", { class: "tag" }, REASONS[session.close_reason] || session.close_reason || "closed");
  const row = element("tr", {},
    element("td", {}, button),
    element("td", { class: "text" }, session.uuid),
    element("td", { class: "text optional" }, ...(session.pages || []).flatMap((page) => [" › ", element("bdi", {}, page)]).slice(1)),
    element("td", { class: "number" }, count(session.event_count)),
    element("td", { class: "number" }, duration(session.session_duration_seconds)),
    element("td", {}, state));
  return [row, unfolded];
}

function showSessions() {
  const wanted = document.getElementById("find").value.trim().toLowerCase();
  const found = newest.filter((session) => {
    const at = session.session_start.slice(0, 10);
    const text = `${session.uuid} ${(session.pages || []).join(" ")}`.toLowerCase();
    return at >= range.from && at <= range.to && text.includes(wanted);
  });
  const visible = found.slice(0, PORTION * portions);
  const box = document.getElementById("session-table");
  if (!found.length) {
    box.replaceChildren(element("p", { class: "empty" }, newest.length ? "None of the newest sessions is like that." : "No sessions yet."));
  } else {
    const titles = [["Began", ""], ["User", ""], ["Pages", "optional"], ["Events", "number"], ["Duration", "number"], ["Ended by", ""]];
    box.replaceChildren(element("table", {},
      element("thead", {}, element("tr", {}, ...titles.map(([title, kind]) => element("th", { scope: "col", class: kind }, title)))),
      element("tbody", {}, ...visible.flatMap(rowsFor))));
  }
  document.getElementById("more").hidden = visible.length === found.length;
  document.getElementById("more").textContent = `Show more (${count(visible.length)} of ${count(found.length)})`;
}

function addSessionTable() {
  const all = sum(visits.sessions_per_day, "sessions");
  document.getElementById("sessions-note").textContent = !all ? "" : newest.length < all
    ? `A sample: the newest ${count(newest.length)} of ${count(all)}, each with its first 50 events at most. Unfold one to see its events.`
    : `All ${count(all)} of them. Unfold one to see its events.`;
  document.getElementById("find").addEventListener("input", () => {
    portions = 1;
    showSessions();
  });
  document.getElementById("more").addEventListener("click", () => {
    portions += 1;
    showSessions();
  });
}
