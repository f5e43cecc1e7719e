// Opens a page in a real browser. The browser comes out of an npm package with the libraries that it needs, so that it
// takes neither root nor a desktop.
import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

/**
 * Returns the browser, the view of the page, and its complaints: what it logs, throws or asks of the network.
 *
 * TOOLS is the folder in which scripts/test.sh has installed package.json.
 */
export async function open(page, tools) {
  process.env.TMPDIR = tools;
  process.env.AWS_LAMBDA_JS_RUNTIME = "nodejs24.x"; // Makes it use its own libraries.
  // Its own settings look for its font in /tmp.
  process.env.FONTCONFIG_FILE = `${tools}/fonts.conf`;
  writeFileSync(
    process.env.FONTCONFIG_FILE,
    `<fontconfig><dir>${tools}/fonts</dir><cachedir>${tools}/fonts-cache</cachedir></fontconfig>`,
  );
  const from = createRequire(`${tools}/`);
  const load = async (name) => import(pathToFileURL(from.resolve(name)));
  const { default: binary } = await load("@sparticuz/chromium");
  const { chromium } = (await load("playwright-core")).default;
  // Its sandbox needs rights that a container does not give; the page is ours.
  const browser = await chromium.launch({ executablePath: await binary.executablePath(), args: ["--no-sandbox"] });
  const view = await browser.newPage({ viewport: { width: 1280, height: 900 }, colorScheme: "light" });
  view.setDefaultTimeout(10_000);
  const complaints = [];
  view.on("console", (message) => complaints.push(message.text()));
  view.on("pageerror", (error) => complaints.push(error.stack));
  view.on("request", (request) => complaints.push(`asked for ${request.url()}`));
  await view.goto(pathToFileURL(page).href);
  complaints.splice(complaints.indexOf(`asked for ${pathToFileURL(page).href}`), 1);
  return { browser, view, complaints };
}
