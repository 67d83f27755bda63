/**
 * `npx tsx docs/pictures/report.ts`: the cold items of the demo's report as headless Chromium shows it, to docs/pictures/report.png. Needs
 * `npm run demo`. The other pictures are drawn; this one is taken, so that no test makes it again.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const executablePath = [process.env.TAILREC_BROWSER, "/usr/bin/chromium", "/usr/bin/chromium-browser"]
  .filter((path) => path !== undefined)
  .find((path) => existsSync(path));
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
const page = await browser.newPage({ viewport: { width: 800, height: 1000 }, colorScheme: "light" });
await page.goto(pathToFileURL(join("out", "shop", "report.html")).href);
const section = await page.locator("#cold-items").boundingBox();
if (section === null) throw new Error("the report has no section of cold items; run the demo first");
const clip = { x: 0, y: section.y + 20, width: 800, height: section.height - 40 };
await page.screenshot({ path: join(import.meta.dirname, "report.png"), fullPage: true, clip });
await browser.close();
