"use strict";

/* Figures: each is a chart with a title, a sentence that says what it shows, and its numbers as a table. */

const figures = [];

/** What the lists of the figures have chosen: the index of an option. */
const chosen = { column: 0, measure: 0 };

/**
 * Adds a figure. draw() gives {empty: why} or {says, option, columns, rows, height}: a sentence for everybody, the
 * chart for those who see it, the table for those who want the numbers.
 */
function figure(parent, title, about, draw, layout = {}) {
  const id = `figure-${figures.length}`;
  const chartBox = element("div", { class: `chart ${layout.least || ""}`, role: "img", tabindex: "0", "aria-labelledby": `${id} ${id}-says` });
  const says = element("p", { class: "says", id: `${id}-says` });
  const numbers = element("div", { class: `table ${layout.whole ?? layout.open ? "whole" : ""}`, tabindex: "0", role: "region", "aria-label": `${title}: numbers` });
  const details = element("details", layout.open ? { open: "" } : {}, element("summary", {}, "Numbers"), numbers);
  const scroll = element("div", { class: "scroll" }, chartBox);
  const empty = element("p", { class: "empty", hidden: "" });
  document.getElementById(parent).append(element("figure", { class: `card ${layout.wide ? "wide" : ""}` },
    element("figcaption", {}, element("h3", { id }, title), element("p", { class: "about" }, about)),
    element("p", { class: "controls" }, ...(layout.controls || [])), says, empty, scroll, details));
  const made = { draw, chartBox, says, numbers, details, scroll, empty, chart: null };
  details.addEventListener("toggle", () => fillNumbers(made));
  figures.push(made);
}

function fillNumbers(made) {
  if (made.details.open && made.drawn.rows) {
    made.numbers.replaceChildren(table(made.drawn.columns, made.drawn.rows));
  }
}

/** Draws all figures for the days chosen, in the colours of the theme. */
function drawAll() {
  const colours = new Proxy(getComputedStyle(document.documentElement), {
    get: (style, name) => style.getPropertyValue(`--${name}`).trim(),
  });
  for (const made of figures) {
    made.drawn = made.draw(colours);
    const isEmpty = Boolean(made.drawn.empty);
    made.empty.hidden = !isEmpty;
    for (const part of [made.says, made.scroll, made.details]) {
      part.hidden = isEmpty;
    }
    if (isEmpty) {
      made.empty.textContent = made.drawn.empty;
      continue;
    }
    made.says.textContent = made.drawn.says;
    made.chartBox.style.height = `${made.drawn.height || 240}px`;
    if (!made.chart) {
      made.chart = echarts.init(made.chartBox, null, { renderer: "svg" });
      new ResizeObserver(() => made.chart.resize()).observe(made.chartBox);
    }
    made.chart.setOption(themed(made.drawn.option, colours), true);
    made.chart.resize();
    fillNumbers(made);
  }
}

/** What all charts share. Tooltips are drawn, not HTML, so that no name can be markup. */
function themed(option, colours) {
  const axis = (own) => ({
    axisLine: { lineStyle: { color: colours.line } },
    axisTick: { show: false },
    splitLine: { lineStyle: { color: colours.line } },
    ...own,
    axisLabel: { color: colours.soft, fontSize: 12, hideOverlap: true, ...own.axisLabel },
  });
  const axes = (own) => (own === undefined ? undefined : Array.isArray(own) ? own.map(axis) : axis(own));
  return {
    animation: false,
    color: [colours.one, colours.two, colours.three, colours.four, colours.grey],
    textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, color: colours.ink },
    grid: { left: 4, right: 12, top: option.legend ? 34 : 12, bottom: 4, containLabel: true },
    ...option,
    legend: option.legend && {
      top: 0, left: 0, itemWidth: 12, itemHeight: 12, itemGap: 16, icon: "roundRect",
      textStyle: { color: colours.soft }, inactiveColor: colours.line, ...option.legend,
    },
    tooltip: {
      renderMode: "richText", confine: true, trigger: "axis", axisPointer: { type: "shadow" },
      backgroundColor: colours.card, borderColor: colours.line, textStyle: { color: colours.ink, fontSize: 13 },
      ...option.tooltip,
    },
    xAxis: axes(option.xAxis),
    yAxis: axes(option.yAxis),
  };
}

const valueAxis = (format = short) => ({ type: "value", axisLabel: { formatter: format }, splitNumber: 4, minInterval: format === short ? 1 : undefined });

/** An axis of seconds in round numbers of one unit. */
function timeAxis(values) {
  const most = Math.max(1, ...values);
  const [name, unit] = [["d", 86400], ["h", 3600], ["min", 60]].find(([, size]) => most >= 2 * size) || ["s", 1];
  const least = most / unit / 4;
  const power = 10 ** Math.floor(Math.log10(least));
  const step = [1, 2, 5, 10].find((times) => times * power >= least) * power * unit;
  return {
    type: "value", interval: step, max: Math.ceil(most / step) * step,
    // Only a watermark that is ahead of the clock is below zero.
    axisLabel: { formatter: (seconds) => `${oneDigit.format(Math.abs(seconds) / unit)} ${name}${seconds < 0 ? " ahead" : ""}` },
  };
}

/** Bars over a few named classes; labels stand on the axis in the place of their names. */
function bars(names, values, colour, name, labels = names) {
  return {
    xAxis: { type: "category", data: names, axisLabel: { interval: 0, hideOverlap: true, formatter: (_, index) => labels[index] } },
    yAxis: valueAxis(),
    tooltip: { valueFormatter: count },
    series: [{ type: "bar", name, data: values, itemStyle: { color: colour, borderRadius: [3, 3, 0, 0] }, barMaxWidth: 56 }],
  };
}

/** Names on an axis are cut; tooltips and tables have them whole. */
const cut = (text, length = 24) => (text.length > length ? `${text.slice(0, length - 1)}…` : text);

/** A list to choose from, and its label, which does not contain it: the names would be part of the label. */
function chooser(label, names, key) {
  const select = element("select", { id: `choose-${key}` }, ...names.map((name, index) => element("option", { value: String(index) }, name)));
  select.addEventListener("change", () => {
    chosen[key] = Number(select.value);
    drawAll();
  });
  return element("span", {}, element("label", { for: select.id }, `${label} `), select);
}
