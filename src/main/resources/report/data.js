"use strict";

/* What the page is made of: rows, numbers as people read them, elements. */

/** Characters that would change the direction of the text around a name, or be invisible. */
const CONTROLS = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

function visible(text) {
  return text.replace(CONTROLS, (control) => `\\u${control.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

const report = JSON.parse(document.getElementById("data").textContent,
  (name, value) => (typeof value === "string" ? visible(value) : value));

/** The rows of a query as objects; a column is a list, or numbers of texts that are written once. */
function rowsOf(name) {
  const columns = Object.entries(report[name]).map(([key, column]) =>
    Array.isArray(column)
      ? [key, column]
      : [key, column.rows.map((number) => (number === null ? null : column.texts[number]))]);
  const length = columns.length ? columns[0][1].length : 0;
  return Array.from({ length }, (_, row) => Object.fromEntries(columns.map(([key, column]) => [key, column[row]])));
}

function sum(rows, column) {
  return rows.reduce((total, row) => total + (row[column] || 0), 0);
}

/** Totals by the value of one column, in the order first seen. */
function totals(rows, key, column) {
  const found = new Map();
  for (const row of rows) {
    found.set(row[key], (found.get(row[key]) || 0) + row[column]);
  }
  return found;
}

const wholeNumber = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const shortNumber = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });
const oneDigit = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });
const twoDigits = new Intl.NumberFormat("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 });

const count = (number) => wholeNumber.format(number);
const short = (number) => shortNumber.format(number);
const some = (number, one, many) => `${count(number)} ${number === 1 ? one : many}`;

const orDash = (number, format) => (number === null ? "–" : format(number));

function percent(part, whole) {
  if (!whole) {
    return "–";
  }
  const share = (100 * part) / whole;
  if (part > 0 && share < 0.01) {
    return "under 0.01 %";
  }
  return `${share.toLocaleString("en", { maximumFractionDigits: share < 1 ? 2 : share < 99.95 && share >= 10 ? 0 : 1 })} %`;
}

/** Seconds, at least 0, as the two largest units. */
function duration(seconds) {
  if (seconds < 60) {
    return `${oneDigit.format(seconds)} s`;
  }
  const units = [["d", 86400], ["h", 3600], ["min", 60], ["s", 1]];
  let rest = Math.round(seconds);
  const parts = [];
  for (const [unit, size] of units) {
    if (rest >= size || parts.length) {
      parts.push([Math.floor(rest / size), unit]);
      rest %= size;
    }
  }
  return parts.slice(0, 2).filter(([number]) => number > 0).map(([number, unit]) => `${number}\u00a0${unit}`).join(" ");
}

function bytes(number) {
  const units = ["B", "kB", "MB", "GB", "TB"];
  const power = number < 1000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(number) / 3));
  return `${oneDigit.format(number / 1000 ** power)} ${units[power]}`;
}

const dayFormat = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });
const day = (text) => dayFormat.format(new Date(text));
const clock = (time) => new Date(time).toISOString().slice(11, 19);
const minute = (time) => `${day(time)}, ${clock(time).slice(0, 5)}`;
const monthFormat = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });
/** Without the year, for axes and tiles. */
const shortDay = (time) => monthFormat.format(new Date(time));
const moment = (time) => `${shortDay(time)} ${clock(time).slice(0, 5)}`;

/** An element; texts among the children become text, never markup. */
function element(tag, attributes, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}

/** A table; columns are [title, "number" or "text" or ""]. Cells are texts or elements. */
function table(columns, rows, chosen = () => false) {
  const head = columns.map(([title, kind]) => element("th", { scope: "col", class: kind }, title));
  const body = rows.map((cells, index) => element("tr", chosen(index) ? { class: "chosen" } : {},
    ...cells.map((cell, column) => element("td", { class: columns[column][1] }, cell))));
  return element("table", {}, element("thead", {}, element("tr", {}, ...head)), element("tbody", {}, ...body));
}

/** The tiles of a list: [name, value, more]. */
function tiles(id, all) {
  document.getElementById(id).replaceChildren(...all.map(([name, value, more]) => element("div", {},
    element("dt", {}, name), element("dd", { class: "value" }, value), element("dd", { class: "more" }, more))));
}
