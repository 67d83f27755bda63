/** What the service refuses, and that nothing it is sent makes it fall or talk of its inside. */
import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ERROR_TABLE } from "../../src/errors.ts";
import { createService, type Service, type ServiceOptions } from "../../src/index.ts";
import type { LogLine } from "../../src/service/app.ts";
import { contract, endpointNames } from "../../src/service/contract/contract.ts";
import { makeTinyBundle, type TinyBundle } from "./tiny-bundle.ts";

let tiny: TinyBundle;
const opened: Service[] = [];

beforeAll(async () => {
  tiny = await makeTinyBundle();
}, 60_000);

afterAll(async () => {
  await Promise.all(opened.map((service) => service.close()));
  await tiny.remove();
});

async function serviceWith(options: Partial<ServiceOptions> = {}, lines: LogLine[] = []): Promise<Service> {
  const onLine = (line: LogLine) => lines.push(line);
  const service = await createService({ bundle: tiny.bundle, port: 0, ...options }, { onLine });
  opened.push(service);
  return service;
}

const hashOf = (key: string) => createHash("sha256").update(key).digest("hex");

async function keyFile(name: string, keys: readonly { readonly key: string; readonly scopes: readonly string[] }[]) {
  const file = join(tiny.folder, name);
  const listed = keys.map(({ key, scopes }) => ({ name: `of-${key}`, sha256: hashOf(key), scopes }));
  await writeFile(file, JSON.stringify({ keys: listed }));
  return file;
}

describe("keys", () => {
  it("are needed wherever others can reach the service", async () => {
    const open = createService({ bundle: tiny.bundle, host: "0.0.0.0", port: 0 });
    await expect(open).rejects.toMatchObject({ code: "INVALID_OPTIONS", message: expect.stringContaining("--keys") });
  });

  it("open what their scopes say, and nothing else", async () => {
    const keys = await keyFile("scopes.json", [
      { key: "reader", scopes: ["read"] },
      { key: "teller", scopes: ["events"] },
      { key: "owner", scopes: ["admin"] },
    ]);
    const { app } = await serviceWith({ keys, log: join(tiny.folder, "scoped") });
    const status = async (name: keyof typeof contract, key?: string) => {
      const { method, path } = contract[name];
      const headers = key === undefined ? {} : { authorization: `Bearer ${key}` };
      return (
        await app.inject({
          method,
          url: path.replace(/:\w+/g, "002"),
          headers,
          payload: method === "GET" ? undefined : {},
        })
      ).statusCode;
    };
    for (const name of endpointNames) {
      const { scope } = contract[name];
      const isOpen = scope === "open";
      for (const [key, scopes] of [
        ["reader", ["read"]],
        ["teller", ["events"]],
        ["owner", ["read", "events", "admin"]],
      ] as const) {
        const may = isOpen || (scopes as readonly string[]).includes(scope);
        expect([name, key, (await status(name, key)) === 403]).toEqual([name, key, !may]);
      }
      expect([name, await status(name)].includes(401)).toBe(!isOpen);
      expect([name, await status(name, "forged")].includes(401)).toBe(!isOpen);
    }
  });

  it("are taken and given while the service runs", async () => {
    const keys = await keyFile("changing.json", [{ key: "old", scopes: ["read"] }]);
    const { app } = await serviceWith({ keys });
    const status = async (key: string) =>
      (await app.inject({ url: "/v1/model", headers: { authorization: `Bearer ${key}` } })).statusCode;
    expect([await status("old"), await status("newer")]).toEqual([200, 401]);
    await keyFile("changing.json", [{ key: "newer", scopes: ["read"] }]);
    await expect.poll(() => status("newer"), { timeout: 10_000 }).toBe(200);
    expect(await status("old")).toBe(401);
  });

  it("in a file that makes no sense are refused with the reason", async () => {
    const keys = join(tiny.folder, "broken.json");
    await writeFile(keys, '{"keys":[{"name":"a","sha256":"plain text key","scopes":["read"]}]}');
    await expect(serviceWith({ keys })).rejects.toMatchObject({ code: "INVALID_OPTIONS" });
    await expect(serviceWith({ keys: join(tiny.folder, "none.json") })).rejects.toMatchObject({
      code: "FILE_NOT_FOUND",
    });
  });
});

describe("callers", () => {
  it("under another name than this machine's are refused where no keys are", async () => {
    const { app } = await serviceWith();
    const rebound = await app.inject({ url: "/v1/model", headers: { host: "evil.example:8080" } });
    expect(rebound.statusCode).toBe(403);
    for (const host of ["localhost:8080", "127.0.0.1", "[::1]:80"]) {
      expect((await app.inject({ url: "/v1/model", headers: { host } })).statusCode).toBe(200);
    }
  });

  it("from web pages are let in by named origins alone", async () => {
    const { app } = await serviceWith({ origins: ["https://shop.example"] });
    const allowed = async (origin: string) =>
      (await app.inject({ url: "/v1/model", headers: { origin } })).headers["access-control-allow-origin"];
    expect(await allowed("https://shop.example")).toBe("https://shop.example");
    expect(await allowed("https://evil.example")).toBeUndefined();
    const closed = await serviceWith();
    expect(
      (await closed.app.inject({ method: "OPTIONS", url: "/v1/similar", headers: { origin: "https://shop.example" } }))
        .statusCode,
    ).toBe(404);
  });

  it("leave no personal data in the log", async () => {
    const lines: LogLine[] = [];
    const { app } = await serviceWith({}, lines);
    await app.inject({ url: "/v1/users/anna.schmidt/recommendations?count=3" });
    await app.inject({ url: "/v1/search?q=secret%20wish" });
    await app.inject({ url: "/somewhere/anna.schmidt" });
    expect(lines).toHaveLength(3);
    expect(JSON.stringify(lines)).not.toMatch(/anna|secret|127\.0/);
    expect(lines[0]).toMatchObject({ route: "/v1/users/:user/recommendations", status: 200, method: "GET" });
  });
});

describe("bodies", () => {
  it("larger than allowed are refused, with a picture and without", async () => {
    const { app } = await serviceWith({ bodyLimit: 2_000_000 });
    const post = (url: string, payload: object) => app.inject({ method: "POST", url, payload });
    const large = { item: "x".repeat(1_100_000) };
    expect((await post("/v1/similar", large)).statusCode).toBe(413);
    expect((await post("/v1/embed", { title: "a", description: "x".repeat(40_000) })).statusCode).toBe(200);
    expect((await post("/v1/embed", { image: `data:;base64,${"A".repeat(2_100_000)}` })).json().code).toBe("TOO_LARGE");
  });

  it.each([
    [
      "a filter nested ten thousand times",
      "/v1/recommend",
      `{"filter":${'{"$not":'.repeat(10_000)}1${"}".repeat(10_001)}`,
    ],
    [
      "lists nested a hundred thousand times",
      "/v1/recommend",
      `{"filter":{"price":${"[".repeat(1e5)}${"]".repeat(1e5)}}}`,
    ],
    ["the same elsewhere", "/v1/embed", `{"attributes":{"brand":${"[".repeat(1e5)}${"]".repeat(1e5)}}}`],
    [
      "forty thousand conditions",
      "/v1/recommend",
      `{"filter":{"$and":[${Array(40_000).fill('{"price":{"$lt":5}}')}]}}`,
    ],
    ["a value of a hundred thousand", "/v1/recommend", `{"filter":{"brand":{"$in":[${Array(1e5).fill('"a"')}]}}}`],
  ])("with %s are refused at once", async (_, url, payload) => {
    const { app } = await serviceWith();
    const begin = performance.now();
    const answer = await app.inject({ method: "POST", url, payload, headers: { "content-type": "application/json" } });
    expect([answer.statusCode, answer.json().code]).toEqual([400, "INVALID_OPTIONS"]);
    expect(performance.now() - begin).toBeLessThan(2000);
  });

  it("name no file and no address of the inside", async () => {
    const { app } = await serviceWith();
    for (const image of ["/etc/passwd", "file:///etc/passwd", "../../secret.png"]) {
      const response = await app.inject({ method: "POST", url: "/v1/embed", payload: { title: "a", image } });
      expect([image, response.statusCode]).toEqual([image, 400]);
    }
  });

  it("of multipart/form-data stand for the same JSON", async () => {
    const { app } = await serviceWith();
    const form = new FormData();
    form.set("title", "Stoneware bowl");
    form.set("attributes", '{"brand":"x"}');
    form.set("count", "2");
    const upload = new Response(form);
    const payload = Buffer.from(await upload.arrayBuffer());
    const headers = { "content-type": upload.headers.get("content-type") ?? "" };
    const answer = await app.inject({ method: "POST", url: "/v1/embed", payload, headers });
    const same = { title: "Stoneware bowl", attributes: { brand: "x" }, count: 2 };
    const json = await app.inject({ method: "POST", url: "/v1/embed", payload: same });
    expect(answer.json().vector).toEqual(json.json().vector);
    expect(answer.json().neighbours).toHaveLength(2);
  });
});

const REQUESTS = Number(process.env.TAILREC_FUZZ ?? 300);

describe(`${REQUESTS} requests of nonsense`, () => {
  it(
    "are answered with statuses of the table, without a stack, and the service lives on",
    async () => {
      const { app } = await serviceWith({ log: join(tiny.folder, "fuzzed") });
      const statuses = new Set<number>(Object.values(ERROR_TABLE).map(({ http }) => http as number));
      statuses.delete(500);
      const text = fc.oneof(
        fc.string(),
        fc.constantFrom("002", "U1", "../..", "%00", "__proto__", "'; --", "\r\nx: y"),
      );
      const value = fc.oneof(fc.jsonValue(), text, fc.integer(), fc.constantFrom(1e308, -1, 0.5));
      const key = fc.constantFrom(
        "item",
        "items",
        "user",
        "count",
        "tail",
        "filter",
        "candidates",
        "title",
        "image",
        "attributes",
        "events",
        "widgets",
        "kind",
        "__proto__",
        "constructor",
      );
      const request = fc.record({
        name: fc.constantFrom(...endpointNames),
        parts: fc.array(text, { minLength: 2, maxLength: 2 }),
        query: fc.dictionary(fc.oneof(key, text), text),
        body: fc.oneof(
          fc.dictionary(key, value).map((body) => JSON.stringify(body)),
          text,
          fc.jsonValue().map((json) => JSON.stringify(json)),
        ),
        type: fc.constantFrom(
          "application/json",
          "text/plain",
          "multipart/form-data; boundary=x",
          "application/json; charset=utf-16",
        ),
        requestId: fc.constantFrom("ok", "a\tb", "x".repeat(500)),
      });
      await fc.assert(
        fc.asyncProperty(request, async ({ name, parts, query, body, type, requestId }) => {
          const { method, path } = contract[name];
          let part = 0;
          const filled = path.replace(/:\w+/g, () => encodeURIComponent(parts[part++ % 2]) || "x");
          const headers = { "x-request-id": requestId, ...(method === "GET" ? {} : { "content-type": type }) };
          const payload = method === "GET" ? undefined : body;
          const url = `${filled}?${new URLSearchParams(query)}`;
          const response = await app.inject({ method, url, headers, payload });
          const isRight = response.statusCode === 200 || statuses.has(response.statusCode);
          if (!isRight) throw new Error(`${name}: ${response.statusCode} ${response.body}`);
          if (/node_modules|\.ts:\d|at \w+ \(/.test(response.body)) throw new Error(`${name}: a stack`);
        }),
        { numRuns: REQUESTS, seed: 17 },
      );
      expect((await app.inject({ url: "/health/ready" })).statusCode).toBe(200);
    },
    60_000 + 20 * REQUESTS,
  );
});
