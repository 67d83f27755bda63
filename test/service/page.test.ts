/** The page as a person uses it: headless Chromium against a service over loopback, where there is one. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createService, type Service } from "../../src/index.ts";
import { endpointNames } from "../../src/service/contract/contract.ts";
import { makeTinyBundle, type TinyBundle } from "./tiny-bundle.ts";

const executablePath = [process.env.TAILREC_BROWSER, "/usr/bin/chromium", "/usr/bin/chromium-browser"]
  .filter((path) => path !== undefined)
  .find((path) => existsSync(path));

if (executablePath === undefined) {
  console.warn("The tests of the service's page skip: install chromium, or set TAILREC_BROWSER to one.");
}

describe.skipIf(executablePath === undefined)("the page in a browser", () => {
  let tiny: TinyBundle;
  let service: Service;
  let address: string;
  let browser: Browser;

  beforeAll(async () => {
    tiny = await makeTinyBundle();
    const bundle = process.env.TAILREC_PAGE_BUNDLE ?? tiny.bundle;
    service = await createService({ bundle, port: 0, log: join(tiny.folder, "log") });
    address = await service.listen();
    browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  }, 60_000);

  afterAll(async () => {
    await browser?.close();
    await service?.close();
    await tiny?.remove();
  });

  /** What the page said on the console, and where it asked, while `use` used it. */
  async function visit(options: BrowserContextOptions, use: (page: Page) => Promise<void>) {
    const context = await browser.newContext(options);
    const page = await context.newPage();
    const said: string[] = [];
    const elsewhere: string[] = [];
    page.on("console", (message) => said.push(message.text()));
    page.on("pageerror", (error) => said.push(String(error)));
    page.on("request", (request) => {
      if (!request.url().startsWith(address) && !request.url().startsWith("data:")) elsewhere.push(request.url());
    });
    await page.goto(address);
    await use(page);
    const folder = process.env.TAILREC_PAGE_SHOTS;
    if (folder !== undefined)
      await page.screenshot({
        path: join(folder, `${expect.getState().currentTestName?.replace(/\W+/g, "-")}.png`),
        fullPage: true,
      });
    await context.close();
    return { said, elsewhere };
  }

  const quiet = { said: [], elsewhere: [] };

  async function openFirst(page: Page, text: string): Promise<void> {
    await page.getByLabel("Find an item").fill(text);
    const first = page.locator("#found .open").first();
    const title = await first.textContent();
    await first.click();
    await expect.poll(() => page.locator("#item-title").textContent()).toBe(title);
  }

  it("finds an item, shows its lists before, by content and after, and says why two are near", async () => {
    const seen = await visit({ viewport: { width: 1280, height: 900 } }, async (page) => {
      await openFirst(page, "s");
      expect(await page.locator("#after li").count()).toBe(8);
      expect(await page.locator("#content li").count()).toBe(8);
      expect(await page.locator("#item-title").textContent()).not.toBe("");
      await page.locator("#after .why").first().click();
      await expect.poll(() => page.locator("#after li").first().locator("#reason").textContent()).toContain("likeness");
    });
    expect(seen).toEqual(quiet);
  });

  it("begins with an item of the tail, and opens what one clicks on the map", async () => {
    const seen = await visit({ viewport: { width: 1280, height: 900 } }, async (page) => {
      await page.locator("#after li").first().waitFor();
      expect(await page.locator("#example").isVisible()).toBe(true);
      expect(await page.evaluate("scrollY")).toBe(0);
      const example = await page.locator("#item-title").textContent();
      await page.locator("#map").click({ position: { x: 8, y: 120 } });
      await expect.poll(() => page.locator("#item-title").textContent()).not.toBe(example);
      expect(await page.locator("#example").isVisible()).toBe(false);
    });
    expect(seen).toEqual(quiet);
  });

  it("recommends to a session that one clicks together, and the dial ranks it anew", async () => {
    const seen = await visit({ viewport: { width: 1280, height: 900 }, colorScheme: "dark" }, async (page) => {
      await page.locator("#recommended li").first().waitFor();
      expect(await page.locator("#note").textContent()).toContain("popular");
      await openFirst(page, "s");
      await page.getByRole("button", { name: "Add to the session" }).click();
      await expect.poll(() => page.locator("#note").textContent()).toBe("");
      const titles = () => page.locator("#recommended .open").allTextContents();
      const scores = () => page.locator("#recommended .facts").allTextContents();
      expect(await titles()).not.toContain(await page.locator("#item-title").textContent());
      const before = await scores();
      await page.getByLabel("Tail").fill("1");
      await expect.poll(scores).not.toEqual(before);
      await page.getByRole("button", { name: /^Remove/ }).click();
      await expect.poll(() => page.locator("#note").textContent()).toContain("popular");
    });
    expect(seen).toEqual(quiet);
  });

  it("shows the neighbours of a new product within a second or two", async () => {
    const seen = await visit({ viewport: { width: 1280, height: 900 } }, async (page) => {
      await page.locator("#new-name").fill("Stoneware bowl with ash glaze");
      await page.getByRole("button", { name: "Show its neighbours" }).click();
      await page.locator("#neighbours li").first().waitFor({ timeout: 5000 });
      expect(await page.locator("#neighbours li").count()).toBe(8);
      expect(await page.locator("#new-facts").textContent()).toContain("uncertainty");
    });
    expect(seen).toEqual(quiet);
  });

  it("measures the log of the service", async () => {
    await service.app.inject({ url: "/v1/users/somebody/recommendations" });
    const seen = await visit({ viewport: { width: 1280, height: 900 } }, async (page) => {
      await page.getByRole("button", { name: "Measure the log" }).click();
      await page.locator("#figures tbody tr").first().waitFor();
      const lists = page.locator("#figures tr", { hasText: "lists" }).locator("td").first();
      await expect.poll(async () => Number(await lists.textContent())).toBeGreaterThan(0);
      const slowest = page.locator("#figures tr", { hasText: "p99 milliseconds" }).locator("td").first();
      expect(Number(await slowest.textContent())).toBeGreaterThan(0);
      expect(await page.locator("#variants").isHidden()).toBe(true);
    });
    expect(seen).toEqual(quiet);
  });

  it("is used by the keyboard alone", async () => {
    const seen = await visit({ viewport: { width: 1280, height: 900 } }, async (page) => {
      await page.keyboard.press("Tab");
      expect(await page.evaluate("document.activeElement.textContent")).toBe("Skip to the item");
      await page.keyboard.press("Tab");
      await page.keyboard.type("s");
      await page.locator("#found .open").first().waitFor();
      await page.keyboard.press("Tab");
      await page.keyboard.press("Enter");
      await expect.poll(() => page.evaluate("document.activeElement.id")).toBe("item");
    });
    expect(seen).toEqual(quiet);
  });

  it("shows what was chosen, though the example is ready only then", async () => {
    const seen = await visit({ viewport: { width: 1280, height: 900 } }, async (page) => {
      await page.goto("about:blank");
      const [clicked, exampleReady] = [gate(), gate()];
      await page.route("**/v1/recommend", async (route) => {
        if (route.request().postDataJSON().count === 1) await clicked.opened;
        await route.continue();
      });
      await page.route("**/v1/items/*?count=8", async (route) => {
        clicked.open();
        await exampleReady.opened;
        await route.continue();
      });
      const looks = await exampleLooks();
      let looked = 0;
      page.on("requestfinished", async (request) => {
        if (!/count=1$/.test(request.url()) || ++looked < looks) return;
        await page.evaluate("fetch('/health/live').then((answer) => answer.text())");
        exampleReady.open();
      });
      await page.goto(address);
      await openFirst(page, "s");
      expect(await page.locator("#example").isHidden()).toBe(true);
    });
    expect(seen).toEqual(quiet);
  });

  /** What waits for `opened` goes on once `open` is called. */
  function gate() {
    let open = () => {};
    const opened = new Promise<void>((resolve) => {
      open = resolve;
    });
    return { opened, open };
  }

  /** How many items the page looks at before it shows one as an example. */
  async function exampleLooks(): Promise<number> {
    const listed = await service.app.inject({ method: "POST", url: "/v1/recommend", payload: { count: 1 } });
    const map = await service.app.inject({ url: `/v1/map/${listed.json().items[0].id}` });
    const tail = map.json().points.filter(({ support }: { readonly support: number }) => support > 1);
    return Math.min(4, tail.length);
  }

  it("fits a phone, without a scroll to the side", async () => {
    const seen = await visit({ viewport: { width: 360, height: 740 } }, async (page) => {
      await openFirst(page, "s");
      const width = await page.evaluate("document.documentElement.scrollWidth");
      expect(width).toBe(360);
    });
    expect(seen).toEqual(quiet);
  });

  it("filters the session's list by several conditions, and says what a filter is where it is none", async () => {
    const { attributes } = (await service.app.inject({ url: "/v1/items/002" })).json();
    const [name, value] = Object.entries<string>(attributes)[0];
    const seen = await visit({ viewport: { width: 1280, height: 900 } }, async (page) => {
      await page.locator("#recommended li").first().waitFor();
      const before = await page.locator("#recommended li").count();
      await page.getByLabel("Only").fill(`${name} = ${value} and ${name} != nothing`);
      await page.getByLabel("Only").press("Enter");
      await expect.poll(() => page.locator("#recommended li").count()).toBeLessThan(before);
      await page.getByLabel("Only").fill("something else");
      await page.getByLabel("Only").press("Enter");
      await expect.poll(() => page.locator("#status").textContent()).toContain("expected a filter such as");
    });
    expect(seen).toEqual(quiet);
  });

  it.each([
    ["price < 50 and category = Home and Garden", [{ price: { $lt: 50 } }, { category: { $in: ["Home and Garden"] } }]],
    ["a = Home and Garden, Toys and b >= 2", [{ a: { $in: ["Home and Garden", "Toys"] } }, { b: { $gte: 2 } }]],
    ["price < cheap", undefined],
    ['{"price": ', undefined],
  ])("reads the filter %s", async (text, $and) => {
    await visit({ viewport: { width: 1280, height: 900 } }, async (page) => {
      await page.locator("#recommended li").first().waitFor();
      const asked: unknown[] = [];
      page.on("request", (request) => {
        if (request.url().endsWith("/v1/recommend")) asked.push(request.postDataJSON().filter);
      });
      await page.getByLabel("Only").fill(text);
      await page.getByLabel("Only").press("Enter");
      if ($and === undefined) {
        await expect.poll(() => page.locator("#status").textContent()).toContain("expected a filter such as");
      } else {
        await expect.poll(() => asked).toContainEqual({ $and });
      }
    });
  });

  it("keeps what was said of a filter while answers to other questions arrive", async () => {
    await visit({}, async (page) => {
      await page.locator("#item").waitFor();
      let answer = () => {};
      const held = new Promise<void>((resolve) => {
        answer = resolve;
      });
      await page.route("**/v1/map/**", async (route) => {
        await held;
        await route.continue();
      });
      const arrived = page.waitForResponse(/\/v1\/map\//);
      const next = page.locator("#recommended .open").first();
      const title = await next.textContent();
      await next.click();
      await page.getByLabel("Only").fill("price < cheap");
      await page.getByLabel("Only").press("Enter");
      await expect.poll(() => page.locator("#status").textContent()).toContain("expected a filter such as");
      answer();
      await arrived;
      await expect.poll(() => page.locator("#item-title").textContent()).toBe(title);
      expect(await page.locator("#status").textContent()).toContain("expected a filter such as");
    });
  });

  it("at /docs names every endpoint, with its parameters, on a phone too", async () => {
    const seen = await visit({ viewport: { width: 360, height: 740 } }, async (page) => {
      await page.getByRole("link", { name: "Endpoints of this service" }).click();
      await page.getByRole("link", { name: "POST /v1/recommend" }).click();
      const section = page.locator("#post-v1-recommend");
      expect(await section.textContent()).toContain("newPlaces");
      expect(await page.locator("section").count()).toBe(endpointNames.length);
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(360);
    });
    expect(seen).toEqual(quiet);
  });

  it("says what went wrong in words", async () => {
    await visit({}, async (page) => {
      await page.evaluate("location.hash = 'gone'");
      await page.reload();
      await expect.poll(() => page.locator("#status").textContent()).toContain('no item has the id "gone"');
    });
  });
});
