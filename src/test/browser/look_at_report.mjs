// Looks at the report in a real browser, as ReportPageIT has made it: look_at_report.mjs PAGE TOOLS.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { open } from "./browser.mjs";

const [page, tools] = process.argv.slice(2);
// The page shows an override of the text direction as its escape.
const HOSTILE = '\\u202e</script><script>window.pwned = true</script><img src="x" onerror="window.pwned = true">';
let browser;
let view;
let complaints;

before(async () => {
  ({ browser, view, complaints } = await open(page, tools));
});

after(async () => browser.close());

const tile = (name) => view.locator(".tiles div", { has: view.getByText(name, { exact: true }) }).locator(".value").textContent();
const ground = () => view.evaluate(() => getComputedStyle(document.body).backgroundColor);

test("every figure is drawn and says in words what it shows", async () => {
  const figures = await view.locator("figure:has(.chart)").all();
  assert.equal(figures.length, 15);
  for (const figure of figures) {
    const title = await figure.locator("h3").textContent();
    if (await figure.locator(".empty").isHidden()) {
      assert.ok((await figure.locator(".chart svg path").count()) > 2, title);
      assert.match(await figure.locator(".says").textContent(), /\.$/, title);
      assert.equal(await figure.getByRole("img", { name: `${title} ${await figure.locator(".says").textContent()}` }).count(), 1, title);
      const isOpen = (await figure.locator("details[open]").count()) === 1;
      if (!isOpen) {
        await figure.locator("summary").press("Enter");
      }
      await figure.locator("tbody tr").first().waitFor();
      if (!isOpen) {
        await figure.locator("summary").press("Enter");
      }
    }
  }
  assert.equal(await view.locator("#visitor-figures .empty:visible").count(), 0);
});

test("the days chosen change the numbers", async () => {
  assert.equal(await tile("Sessions"), "41");
  assert.equal(await tile("Users"), "32");
  await view.getByRole("button", { name: "Last day" }).click();
  assert.equal(await tile("Sessions"), "2");
  assert.equal(await tile("Users"), "2");
  assert.equal(await view.locator("#session-table [aria-expanded]").count(), 2);
  await view.locator("#from").fill("2026-03-02");
  assert.equal(await tile("Sessions"), "4");
  assert.equal(await tile("Users"), "3");
  await view.getByRole("button", { name: "All" }).click();
  assert.equal(await tile("Sessions"), "41");
});

test("a session column is chosen by keyboard, and its values are text", async () => {
  const figure = view.locator("figure", { hasText: "Sessions by column" });
  const cells = async () => Promise.all((await figure.locator("tbody tr").all()).map(async (row) => (await row.locator("td").allTextContents()).join("|")));
  assert.deepEqual(await cells(), [
    "Direct|36|88 %|0 %|0 %|0.00",
    "Email|3|7.3 %|33 %|100 %|37.50",
    "(empty)|1|2.4 %|0 %|0 %|0.00",
    "none|1|2.4 %|–|–|0.00",
  ]);
  assert.equal(await figure.locator(".says").textContent(), "The commonest channel: Direct, 88 % of the sessions.");
  await figure.getByLabel("Show", { exact: true }).focus();
  await view.keyboard.press("End");
  assert.match(await figure.locator(".chart").textContent(), /37\.5/);
  await figure.getByLabel("Column", { exact: true }).focus();
  await view.keyboard.press("ArrowDown");
  assert.deepEqual(await cells(), [`${HOSTILE}|1|2.4 %|–|–|0.00`, "none|40|98 %|2.5 %|7.5 %|37.50"]);
  assert.equal(await figure.locator(".says").textContent(), "98 % of the sessions have no <b>it's.");
  await view.getByRole("button", { name: "Last day" }).click();
  assert.deepEqual(await cells(), [`${HOSTILE}|1|50 %|–|–|0.00`, "none|1|50 %|0 %|100 %|12.50"]);
  assert.equal(await tile("Conversion rate"), "100 %");
  await view.getByRole("button", { name: "All" }).click();
  assert.equal(await tile("Conversion rate"), "7.5 %");
  assert.equal(await tile("Revenue"), "37.5");
});

test("operators see what the runs filtered and what failed", async () => {
  const rows = view.locator("figure", { hasText: "Filtered, unfit, conflicting" }).locator("tbody tr");
  const texts = (await rows.allInnerTexts()).map((row) => row.split("\t").slice(0, 3).join("|"));
  assert.deepEqual(texts, [
    "filtered: events that a condition left out|6|3",
    "failed_columns: session columns that failed on a session, and are null there|12|3",
  ]);
});

test("a session unfolds by keyboard into its events", async () => {
  await view.getByLabel("Find a user or page").fill("ann");
  const button = view.locator("#session-table [aria-expanded]").first();
  await button.press("Enter");
  assert.equal(await button.getAttribute("aria-expanded"), "true");
  assert.deepEqual(await view.locator(".timeline:visible strong").allTextContents(), ["home", "search", "booking"]);
  await button.press("Space");
  assert.equal(await view.locator(".timeline:visible").count(), 0);
  await view.getByLabel("Find a user or page").fill("");
  await view.getByRole("button", { name: /Show more/ }).click();
  assert.equal(await view.locator("#session-table [aria-expanded]").count(), 41);
});

test("names that would be markup, or turn the text around, are text", async () => {
  await view.getByLabel("Find a user or page").fill("mallory");
  await view.locator("#session-table [aria-expanded]").press("Enter");
  assert.equal(await view.locator(".timeline strong").first().textContent(), HOSTILE);
  assert.ok(!(await view.evaluate(() => document.body.innerText)).includes("\u202e"));
  assert.equal(await view.locator(".timeline strong").first().evaluate((name) => getComputedStyle(name).unicodeBidi), "isolate");
  // A tooltip too, over the whole of a chart that has the name on its axis.
  const chart = view.locator("figure", { hasText: "Where they begin and end" }).locator(".chart");
  const box = await chart.boundingBox();
  for (let y = 40; y < box.height - 20; y += 20) {
    await chart.hover({ position: { x: box.width / 2, y } });
  }
  assert.equal(await view.evaluate(() => window.pwned), undefined);
  assert.equal(await view.locator("img").count(), 0);
  await view.getByLabel("Find a user or page").fill("");
});

test("dark where the reader's system is, and where the button says so", async () => {
  const light = await ground();
  await view.emulateMedia({ colorScheme: "dark" });
  const dark = await ground();
  assert.notEqual(dark, light);
  await view.getByRole("button", { name: "Switch to light colours" }).click();
  assert.equal(await ground(), light);
  await view.emulateMedia({ colorScheme: "light" });
  await view.getByRole("button", { name: "Switch to dark colours" }).click();
  assert.equal(await ground(), dark);
});

test("a telephone need not scroll sideways", async () => {
  await view.setViewportSize({ width: 360, height: 700 });
  assert.ok((await view.evaluate(() => document.documentElement.scrollWidth)) <= 360);
  await view.setViewportSize({ width: 1280, height: 900 });
});

test("it prints light, and stays on the screen as it was", async () => {
  const before = await ground();
  assert.ok((await view.pdf({ format: "A4" })).length > 50_000);
  assert.equal(await ground(), before);
});

test("no complaint, and nothing asked of the network", () => {
  assert.deepEqual(complaints, []);
});
