"use strict";

/* Colours on the screen and on paper. */

const dark = matchMedia("(prefers-color-scheme: dark)");

function isDark() {
  const chosen = document.documentElement.dataset.theme;
  return chosen ? chosen === "dark" : dark.matches;
}

function showTheme() {
  document.getElementById("theme").textContent = isDark() ? "Light" : "Dark";
  document.getElementById("theme").setAttribute("aria-label", `Switch to ${isDark() ? "light" : "dark"} colours`);
  drawAll();
}

/** Draws the page in the colours of the reader's system, and in the others if the button says so. */
function followTheme() {
  showTheme();
  dark.addEventListener("change", showTheme);
  document.getElementById("theme").addEventListener("click", () => {
    document.documentElement.dataset.theme = isDark() ? "light" : "dark";
    showTheme();
  });
}

/* Paper is white, and narrower than most screens. */
let themeOnScreen;
addEventListener("beforeprint", () => {
  themeOnScreen = document.documentElement.dataset.theme;
  document.documentElement.dataset.theme = "light";
  drawAll();
  figures.forEach((made) => made.chart && made.chart.resize({ width: 660 }));
});
addEventListener("afterprint", () => {
  if (themeOnScreen) {
    document.documentElement.dataset.theme = themeOnScreen;
  } else {
    delete document.documentElement.dataset.theme;
  }
  drawAll();
});
