/** The example's page in headless Chromium, from a plain host of files: it gives the vector that tailrec gives. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { type Browser, chromium } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { extractFeatures } from "../../src/features/extract-features.ts";
import { InferenceSession, Tensor } from "../../src/math/onnx/onnx-runtime.ts";

const executablePath = [process.env.TAILREC_BROWSER, "/usr/bin/chromium", "/usr/bin/chromium-browser"]
  .filter((path) => path !== undefined)
  .find((path) => existsSync(path));

const root = join(import.meta.dirname, "../..");
const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".wasm": "application/wasm",
};

describe.skipIf(executablePath === undefined)("the page of examples/browser", () => {
  const site = mkdtempSync(join(tmpdir(), "tailrec-site-"));
  let server: Server;
  let browser: Browser;

  beforeAll(async () => {
    const tsx = join(root, "node_modules/tsx/dist/cli.mjs");
    // From the root, where the examples are run; the runtime for browsers is that of this package.
    const env = { ...process.env, NODE_PATH: join(import.meta.dirname, "node_modules") };
    const made = spawnSync(process.execPath, [tsx, "examples/browser/site.ts", site], {
      cwd: root,
      env,
      encoding: "utf8",
    });
    if (made.status !== 0) throw new Error(made.stderr);
    server = createServer(({ url = "/" }, response) => {
      const path = join(site, url === "/" ? "index.html" : url);
      if (!existsSync(path)) response.writeHead(404).end();
      else
        response
          .writeHead(200, { "content-type": TYPES[extname(path)] ?? "application/octet-stream" })
          .end(readFileSync(path));
    });
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  }, 120_000);

  afterAll(async () => {
    await browser?.close();
    server?.close();
    rmSync(site, { recursive: true });
  });

  it("embeds a new item without asking anybody, to what the regressor of tailrec gives", async () => {
    const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const page = await browser.newPage();
    const elsewhere: string[] = [];
    page.on("request", (request) => {
      if (!request.url().startsWith(address)) elsewhere.push(request.url());
    });
    await page.goto(address);
    const text = "Enamel kettle for the campfire";
    await page.fill("input", text);
    await page.click("button:has-text('Embed')", { timeout: 60_000 });
    const shown = await page.textContent("code", { timeout: 60_000 });
    const vector = (shown ?? "").split(" ").map(Number);
    expect(await page.locator("li").count()).toBe(5);
    expect(elsewhere).toEqual([]);

    const catalog = { ids: ["new"], titles: [text], descriptions: [""], images: [null], attributes: [] };
    const { features } = await extractFeatures(catalog, {
      text: { encoder: "tailrec-text-small" },
      lexical: null,
      attributes: null,
    });
    const session = await InferenceSession.create(join(site, "regressor.onnx"));
    const { prior } = await session.run({
      features: new Tensor("float32", features.values.values, [1, features.values.columns]),
      presence: new Tensor("float32", features.presence.values, [1, 1]),
    });
    const expected = Array.from(prior.data as Float32Array);
    expect(vector).toHaveLength(32);
    expect(Math.max(...vector.map((value, j) => Math.abs(value - expected[j])))).toBeLessThan(2e-4);
  });
});
