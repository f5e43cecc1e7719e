"use strict";

/* The page itself: the days shown. */

function show(from, to) {
  range.from = from <= to ? from : to;
  range.to = from <= to ? to : from;
  document.getElementById("from").value = range.from;
  document.getElementById("to").value = range.to;
  const shown = days.filter((text) => text >= range.from && text <= range.to).length;
  document.getElementById("range").textContent = `${some(shown, "day", "days")} with sessions${days.length < report.most_days ? "" : `; the report holds the newest ${report.most_days}`}`;
  for (const button of document.querySelectorAll("#presets button")) {
    button.setAttribute("aria-pressed", String(button.dataset.from === range.from && range.to === lastDay));
  }
  showVisitorTiles();
  showSessions();
  drawAll();
}

function daysBefore(text, number) {
  const first = new Date(Date.parse(text) - (number - 1) * 86400000).toISOString().slice(0, 10);
  return first > days[0] ? first : days[0];
}

function setUpFilter() {
  const filter = document.getElementById("filter");
  if (!days.length) {
    filter.hidden = true;
    return;
  }
  const presets = [["All", days[0]], ["Last 28 days", daysBefore(lastDay, 28)], ["Last 7 days", daysBefore(lastDay, 7)], ["Last day", lastDay]];
  const seen = new Set();
  for (const [name, from] of presets) {
    if (!seen.has(from)) {
      seen.add(from);
      const button = element("button", { type: "button", "data-from": from, "aria-pressed": "false" }, name);
      button.addEventListener("click", () => show(from, lastDay));
      document.getElementById("presets").append(button);
    }
  }
  for (const id of ["from", "to"]) {
    const input = document.getElementById(id);
    input.min = days[0];
    input.max = lastDay;
    input.addEventListener("change", () =>
      show(document.getElementById("from").value || days[0], document.getElementById("to").value || lastDay));
  }
  filter.addEventListener("submit", (event) => event.preventDefault());
}

document.getElementById("about").append(element("code", {}, report.table), ` · as of ${minute(report.made_at)} UTC`);
document.title = `Sessions · ${report.table}`;
setUpFilter();
addVisitorFigures();
addOperations();
addSessionTable();
show(days[0] || "", lastDay || "");
followTheme();
