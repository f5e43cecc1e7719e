// Looks at the page of a what-if in a real browser, as ReportPageIT has made it: look_at_comparison.mjs PAGE TOOLS.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { open } from "./browser.mjs";

const [page, tools] = process.argv.slice(2);
const HOSTILE = "</script><script>window.pwned = true</script><img src=x>";
let browser;
let view;
let complaints;

before(async () => {
  ({ browser, view, complaints } = await open(page, tools));
});

after(async () => browser.close());

const spaces = (text) => text.replaceAll("\u00a0", " ");
const tile = async (name) => {
  const box = view.locator(".tiles div", { has: view.getByText(name, { exact: true }) });
  return spaces(`${await box.locator(".value").textContent()} | ${await box.locator(".more").textContent()}`);
};
const cells = async (rows) => Promise.all((await rows.all()).map(async (row) => spaces((await row.locator("td").allTextContents()).join("|"))));
const columns = async (number) => view.waitForFunction((wanted) => document.querySelectorAll("figure thead th").length === wanted, number);
const figure = () => view.locator("figure", { hasText: "Day by day" });

test("the totals of both sides stand side by side", async () => {
  assert.equal(await tile("Sessions"), "3 | 5 before (−2)");
  assert.equal(await tile("Users"), "3 | 3 before (0)");
  assert.equal(await tile("Average duration"), "27 min | 12 s before (+26 min 48 s), first to last event");
  assert.equal(await tile("Bounce rate"), "0 % | 80 % before (−80 points), of one event");
  assert.equal(await tile("Days that differ"), "1 | by the day on which sessions began");
  assert.equal(await view.getByText("Conversion rate").count(), 0);
  assert.match(await view.locator("#rules").innerText(), /PT30M[^]*PT45M/);
});

test("each day has both sides and the change, of all measures or of the chosen one", async () => {
  assert.equal(await figure().locator(".says").textContent(), "Sessions: one day differs, 1 Mar 2026.");
  assert.ok((await figure().locator(".chart svg path").count()) > 2);
  assert.deepEqual(await cells(figure().locator("tbody tr")), [
    "1 Mar 2026|4|2|−2|2|2|0|0 s|40 min|+40 min|100 %|0 %|−100",
  ]);
  await view.setViewportSize({ width: 390, height: 800 });
  await columns(4);
  assert.deepEqual(await cells(figure().locator("tbody tr")), ["1 Mar 2026|4|2|−2"]);
  await figure().getByLabel("Show", { exact: true }).selectOption({ label: "Bounce rate" });
  assert.deepEqual(await cells(figure().locator("tbody tr")), ["1 Mar 2026|100 %|0 %|−100"]);
  await view.setViewportSize({ width: 1440, height: 900 });
  await columns(13);
});

test("the users who differ most are text, with what ends their sessions", async () => {
  assert.deepEqual(await cells(view.locator("#user-table tbody tr")), [
    `${HOSTILE}|2 before: inactivity 21 after: inactivity 1`,
    "ann|2 before: inactivity 21 after: inactivity 1",
  ]);
  assert.equal(await view.evaluate(() => window.pwned), undefined);
  assert.equal(await view.locator("img").count(), 0);
});

test("it needs no sideways scrolling, light and dark", async () => {
  const ground = () => view.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await ground();
  for (const width of [1440, 390]) {
    await view.setViewportSize({ width, height: 800 });
    assert.ok((await view.evaluate(() => document.documentElement.scrollWidth)) <= width);
  }
  await view.emulateMedia({ colorScheme: "dark" });
  const dark = await ground();
  assert.notEqual(dark, light);
  await view.getByRole("button", { name: "Switch to light colours" }).click();
  assert.equal(await ground(), light);
});

test("no complaint, and nothing asked of the network", () => {
  assert.deepEqual(complaints, []);
});
