/** The page as a browser shows it, from disk: headless Chromium, where there is one. */
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { formatHtml } from "../../../src/report/html/page.ts";
import { hostile, sample } from "./sample-report.ts";

const executablePath = [process.env.TAILREC_BROWSER, "/usr/bin/chromium", "/usr/bin/chromium-browser"]
  .filter((path) => path !== undefined)
  .find((path) => existsSync(path));

if (executablePath === undefined) {
  console.warn("The tests of the report in a browser skip: install chromium, or set TAILREC_BROWSER to one.");
}

describe.skipIf(executablePath === undefined)("the report in a browser", () => {
  let folder: string;
  let address: string;
  let browser: Browser;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "tailrec-page-"));
    const path = join(folder, "report.html");
    await writeFile(path, formatHtml(sample));
    address = pathToFileURL(path).href;
    browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  }, 60_000);

  afterAll(async () => {
    await browser?.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** The page, and whatever it said or asked for while `look` looked at it. */
  async function visit(
    options: BrowserContextOptions,
    look: (page: Page) => Promise<void>,
  ): Promise<{ readonly said: readonly string[]; readonly requested: readonly string[] }> {
    const context = await browser.newContext(options);
    const page = await context.newPage();
    const said: string[] = [];
    const requested: string[] = [];
    page.on("console", (message) => said.push(message.text()));
    page.on("pageerror", (error) => said.push(String(error)));
    page.on("request", (request) => {
      if (!request.url().startsWith("data:")) requested.push(request.url());
    });
    await page.goto(address);
    await look(page);
    await context.close();
    return { said, requested };
  }

  it("opens without a word on the console, asks for nothing, and runs no text of the catalog", async () => {
    const { said, requested } = await visit({ viewport: { width: 1280, height: 900 } }, async (page) => {
      await page.locator("circle[data-tip]").first().focus();
      expect(await page.evaluate("window.broken")).toBeUndefined();
      expect(await page.title()).toBe(`${hostile[0]}: tailrec report`);
    });
    expect(said).toEqual([]);
    expect(requested).toEqual([address]);
  });

  it("shows every section that its list of contents names, each with something in it", async () => {
    await visit({}, async (page) => {
      const targets = await page
        .locator("nav a")
        .evaluateAll((links) => links.map((link) => link.getAttribute("href")));
      expect(targets).toHaveLength(14);
      for (const target of targets) {
        const section = page.locator(`section${target}`);
        expect((await section.boundingBox())?.height, String(target)).toBeGreaterThan(60);
        expect(await section.locator("h2").textContent()).not.toBe("");
      }
    });
  });

  it.each(["light", "dark"] as const)(
    "fits a phone of 390 pixels without scrolling sideways (%s)",
    async (colorScheme) => {
      await visit({ viewport: { width: 390, height: 844 }, colorScheme, hasTouch: true }, async (page) => {
        await page.locator("details").evaluateAll((all) => {
          for (const details of all) details.setAttribute("open", "");
        });
        expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(390);
        const colours = "[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color]";
        const [paper, ink] = await page.evaluate<string[]>(colours);
        expect(lightness(paper) > lightness(ink)).toBe(colorScheme === "light");
        expect(Math.abs(lightness(paper) - lightness(ink))).toBeGreaterThan(150);
      });
    },
  );

  it("is walked by keys: to the content, from point to point, from item to item in both maps", async () => {
    await visit({ viewport: { width: 1280, height: 900 } }, async (page) => {
      const tip = page.locator("#tip");
      await page.keyboard.press("Tab");
      expect(await page.evaluate("document.activeElement.textContent")).toBe("To the content");

      await page.locator("#cold-items [data-points] circle[tabindex='0']").first().focus();
      await expect.poll(() => tip.textContent()).toMatch(/^als: \.0500, 95 % interval \.0300 to \.0700/);
      await page.keyboard.press("ArrowDown");
      expect(await tip.textContent()).toMatch(/^content-knn: \.0900/);

      await page.keyboard.press("Tab");
      await page.locator("#map svg").first().focus();
      await page.keyboard.press("ArrowRight");
      expect(await page.locator("#map circle.marked").count()).toBe(2);
      expect(await tip.isVisible()).toBe(true);
      await page.keyboard.press("Escape");
      expect(await tip.isVisible()).toBe(false);
    });
  });

  it("marks the item under the pointer in both maps and names it", async () => {
    await visit({ viewport: { width: 1280, height: 900 } }, async (page) => {
      const dot = page.locator("#map svg").last().locator("circle[data-i='9']");
      await dot.scrollIntoViewIfNeeded();
      await dot.hover({ force: true });
      const marked = await page.locator("#map circle.marked").evaluateAll((dots) => dots.map((one) => one.dataset.i));
      expect(new Set(marked).size).toBe(1);
      expect(marked).toHaveLength(2);
      expect(await page.locator("#tip").textContent()).toMatch(/support \d+/);
    });
  });

  it("switches candidates and colours without a script", async () => {
    await visit({ javaScriptEnabled: false, viewport: { width: 1280, height: 900 } }, async (page) => {
      const tail = page.locator("#warm-tail");
      expect([await tail.locator(".on-slice").isVisible(), await tail.locator(".on-catalog").isVisible()]).toEqual([
        true,
        false,
      ]);
      await tail.getByLabel("the whole catalog").check();
      expect([await tail.locator(".on-slice").isVisible(), await tail.locator(".on-catalog").isVisible()]).toEqual([
        false,
        true,
      ]);
      await page.locator("#map").getByLabel(hostile[2]).check();
      expect(await page.locator("#map .by-category").isVisible()).toBe(true);
      expect(await page.locator("#map .by-support").isVisible()).toBe(false);
    });
  });
});

/** Mean of the three channels of "rgb(r, g, b)". */
function lightness(colour: string): number {
  const channels = colour.match(/\d+/g)?.slice(0, 3).map(Number) ?? [];
  return channels.reduce((sum, channel) => sum + channel, 0) / 3;
}
