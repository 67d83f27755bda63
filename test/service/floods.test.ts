/** Callers who ask too often, too much or too slowly, and bytes that are no request: right answers, and the memory is back after. */
import { createHash } from "node:crypto";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { type AddressInfo, connect, type Socket } from "node:net";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createService, type Service, type ServiceOptions } from "../../src/index.ts";
import { makeTinyBundle, type TinyBundle } from "./tiny-bundle.ts";

let tiny: TinyBundle;
let service: Service;
/** Gives up on slow clients after a second; a busy machine may be as slow, so that nothing else is asked of it. */
let impatient: Service;
const opened: Service[] = [];

beforeAll(async () => {
  tiny = await makeTinyBundle();
  service = await serviceWith({ addressRequestsPerMinute: 1e6, log: join(tiny.folder, "log") });
  impatient = await serviceWith({ requestTimeoutSeconds: 1 });
  await Promise.all([service.listen(), impatient.listen()]);
}, 60_000);

afterAll(async () => {
  await Promise.all(opened.map(({ close }) => close()));
  await tiny.remove();
});

async function serviceWith(options: Partial<ServiceOptions>): Promise<Service> {
  const made = await createService({ bundle: tiny.bundle, port: 0, ...options });
  opened.push(made);
  return made;
}

describe("callers that ask too often", () => {
  let limited: Service["app"];
  const asked = async (remoteAddress: string, key: string, headers: Readonly<Record<string, string>> = {}) => {
    const authorization = `Bearer ${key}`;
    return limited.inject({ url: "/v1/model", remoteAddress, headers: { authorization, ...headers } });
  };
  const statuses = async (...calls: readonly (readonly [address: string, key: string])[]) => {
    const answers = [];
    for (const [address, key] of calls) answers.push((await asked(address, key)).statusCode);
    return answers;
  };

  beforeAll(async () => {
    const keys = join(tiny.folder, "keys.json");
    const listed = ["a", "b", "c", "d"].map((name) => {
      return { name, sha256: createHash("sha256").update(name).digest("hex"), scopes: ["read"] };
    });
    await writeFile(keys, JSON.stringify({ keys: listed }));
    const limits = { requestsPerMinute: 3, addressRequestsPerMinute: 4, trustedProxies: ["10.9.0.0/16"] };
    limited = (await serviceWith({ keys, ...limits })).app;
  });

  it("are counted by key, from whatever address, and told how long to wait", async () => {
    const places = ["10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4"];
    expect(await statuses(...places.map((place) => [place, "a"] as const))).toEqual([200, 200, 200, 429]);
    const refused = await asked("10.0.0.5", "a");
    expect(refused.json()).toMatchObject({ code: "TOO_MANY_REQUESTS", detail: expect.stringContaining("one key") });
    expect(Number(refused.headers["retry-after"])).toBeGreaterThan(0);
    expect(await statuses(["10.0.0.1", "b"])).toEqual([200]);
  });

  it("are counted by address, whatever keys they try", async () => {
    const place = "10.1.0.1";
    const tried = [place, "forged"] as const;
    expect(await statuses([place, "c"], tried, tried, tried, tried, [place, "c"])).toEqual([
      200, 401, 401, 401, 429, 429,
    ]);
    expect((await asked(place, "c")).json().detail).toContain("one address");
    expect((await limited.inject({ url: "/nowhere", remoteAddress: place })).statusCode).toBe(429);
    expect(await statuses(["10.1.0.2", "c"])).toEqual([200]);
  });

  it("are told apart behind a proxy that is trusted, and behind no other", async () => {
    const via = async (proxy: string, address: string) =>
      (await asked(proxy, "forged", { "x-forwarded-for": address })).statusCode;
    const repeated = (proxy: string) =>
      [1, 2, 3, 4, 5].reduce(
        async (before, n) => [...(await before), await via(proxy, `10.3.${proxy.length}.${n}`)],
        Promise.resolve<number[]>([]),
      );
    expect(await repeated("10.9.0.1")).toEqual([401, 401, 401, 401, 401]);
    expect(await repeated("10.2.0.100")).toEqual([401, 401, 401, 401, 429]);
  });
});

const REQUEST = "GET /v1/items/002/similar HTTP/1.1\r\nHost: localhost\r\n\r\n";
const statusesOf = (text: string) => Array.from(text.matchAll(/HTTP\/1\.1 (\d{3})/g), ([, status]) => Number(status));

/** What comes back until it is enough, or the service closes. */
async function exchange(sent: string | Buffer, isEnough: (got: string) => boolean = () => false): Promise<string> {
  const socket = await connected(service);
  let got = "";
  socket.on("data", (part) => {
    got += part;
    if (isEnough(got)) socket.destroy();
  });
  socket.write(sent);
  await once(socket, "close");
  return got;
}

async function connected({ app }: Service): Promise<Socket> {
  const { port } = app.server.address() as AddressInfo;
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => undefined);
  await once(socket, "connect");
  return socket;
}

const connectionsOf = ({ app }: Service) =>
  new Promise<number>((resolve) => app.server.getConnections((_, count) => resolve(count)));

const isAlive = async ({ app }: Service) => (await app.inject({ url: "/v1/items/002/similar" })).statusCode === 200;

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;
const heapMegabytes = (): number => {
  collect();
  return process.memoryUsage().heapUsed / 1e6;
};

const isAnswered = (got: string) => got.includes("\r\n\r\n");

describe("floods", () => {
  it("of a thousand connections at once are answered, and leave no memory behind", async () => {
    const flood = () => Promise.all(Array.from({ length: 1000 }, () => exchange(REQUEST, isAnswered)));
    await flood();
    const before = heapMegabytes();
    for (const got of await flood()) expect(statusesOf(got)).toEqual([200]);
    await expect.poll(() => connectionsOf(service), { timeout: 30_000 }).toBe(0);
    await expect.poll(heapMegabytes, { timeout: 30_000 }).toBeLessThan(before + 10);
  }, 120_000);

  it("of requests on one connection are answered in turn, or refused where they are too many", async () => {
    const last = REQUEST.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n");
    const got = await exchange(REQUEST.repeat(2499) + last);
    expect(statusesOf(got)).toHaveLength(2500);
    expect(new Set(statusesOf(got))).toEqual(new Set([200, 503]));
    expect(statusesOf(await exchange(REQUEST, isAnswered))).toEqual([200]);
  }, 120_000);

  it("by clients that never read are cut off, and others are answered meanwhile", async () => {
    const before = heapMegabytes();
    const large = "GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(400);
    const silent = await Promise.all(Array.from({ length: 3 }, () => connected(impatient)));
    for (const socket of silent) socket.pause().write(large);
    expect(await isAlive(impatient)).toBe(true);
    await expect.poll(() => connectionsOf(impatient), { timeout: 60_000 }).toBe(0);
    for (const socket of silent) socket.destroy();
    await expect.poll(heapMegabytes, { timeout: 30_000 }).toBeLessThan(before + 10);
  }, 120_000);
});

describe("slow clients", () => {
  const head = "POST /v1/similar HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
  it.each([
    ["nothing at all", "", ""],
    ["half a head", head, "X-A: b\r\n"],
    ["half a body", `${head}Content-Length: 1000\r\n\r\n{`, " "],
    ["half a body in parts", `${head}Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n`, "1\r\n \r\n"],
  ])(
    "that send %s are closed in time, though they go on drop by drop",
    async (_, begin, drop) => {
      const socket = await connected(impatient);
      let got = "";
      socket.on("data", (part) => {
        got += part;
      });
      const closed = once(socket, "close");
      socket.write(begin);
      const drops = setInterval(() => socket.write(drop), 200);
      expect(await isAlive(impatient)).toBe(true);
      await closed;
      clearInterval(drops);
      expect(statusesOf(got)).toEqual([503]);
    },
    60_000,
  );
});

describe("bytes that are no request", () => {
  const get = (path: string, ...lines: readonly string[]) =>
    `GET ${path} HTTP/1.1\r\nHost: localhost\r\n${lines.map((line) => `${line}\r\n`).join("")}\r\n`;
  it.each([
    ["a greeting of TLS", Buffer.from("16030100f5010000f10303", "hex"), 400],
    ["a greeting of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400],
    ["a method that nobody knows", "BREW /v1/model HTTP/1.1\r\nHost: localhost\r\n\r\n", 400],
    ["two lengths", get("/v1/model", "Content-Length: 5", "Content-Length: 6"), 400],
    ["a length beside parts", get("/v1/model", "Content-Length: 5", "Transfer-Encoding: chunked"), 400],
    ["a header with a zero byte", get("/v1/model", "X-Request-Id: a\0b"), 400],
    ["a header without a name", get("/v1/model", ": a"), 400],
    ["a head of a hundred thousand bytes", get("/v1/model", `X-Long: ${"a".repeat(1e5)}`), 413],
    ["a path of a hundred thousand bytes", get(`/${"a".repeat(1e5)}`), 413],
  ])("such as %s are answered with a problem document", async (_, sent, status) => {
    const got = await exchange(sent, (text) => text.endsWith("}"));
    expect(statusesOf(got)[0]).toBe(status);
    expect(got).toContain("application/problem+json");
    expect(JSON.parse(got.slice(got.lastIndexOf("\r\n\r\n")))).toMatchObject({ status, code: expect.any(String) });
  });

  it.each(["/v1/items/a%0d%0ax-evil:%20yes/similar", "/%0d%0ax-evil:%20yes", "/v1/search?q=%0d%0ax-evil:%20yes"])(
    "and header lines in %s come back in no header",
    async (path) => {
      const got = await exchange(
        get(path, "X-Request-Id: a%0d%0ax-evil: yes", "Origin: https://a%0d%0ax-evil: yes"),
        isAnswered,
      );
      expect(got.slice(0, got.indexOf("\r\n\r\n")).toLowerCase()).not.toContain("x-evil");
    },
  );
});

describe("bodies at the limit", () => {
  const post = (url: string, payload: object | string) =>
    service.app.inject({ method: "POST", url, payload, headers: { "content-type": "application/json" } });
  const filter = { $or: Array.from({ length: 120 }, (_, n) => ({ brand: { $ne: `brand ${n}` } })) };

  it("of twenty lists, each with all that it may have, are answered; one list more is refused", async () => {
    const ids = Array.from({ length: 1000 }, (_, n) => String(n).padStart(3, "0"));
    const widget = { kind: "recommend", items: ids, exclude: ids.slice(0, 900), count: 1000, filter, strict: false };
    const answer = await post("/v1/batch", { widgets: Array(20).fill(widget) });
    expect([answer.statusCode, answer.json().detail]).toEqual([200, undefined]);
    expect(answer.json().lists).toHaveLength(20);
    expect((await post("/v1/batch", { widgets: Array(21).fill(widget) })).statusCode).toBe(400);
  }, 60_000);

  it("of a thousand events are counted; one event more is refused", async () => {
    const events = Array.from({ length: 1000 }, (_, n) => ({
      id: `e${n}`,
      user: "u".repeat(500),
      item: "002",
      event: "view",
    }));
    expect((await post("/v1/events", { events })).json()).toMatchObject({ accepted: 1000, repeated: 0 });
    expect((await post("/v1/events", { events })).json()).toMatchObject({ accepted: 0, repeated: 1000 });
    expect((await post("/v1/events", { events: [...events, events[0]] })).statusCode).toBe(400);
  });

  it("are read to the last byte that is allowed, and no further, with a length and in parts", async () => {
    const body = (bytes: number) => `{"item":"002"}${" ".repeat(bytes - 14)}`;
    expect((await post("/v1/similar", body(1_000_000))).statusCode).toBe(200);
    expect((await post("/v1/similar", body(1_000_001))).statusCode).toBe(413);
    const chunk = " ".repeat(65_536);
    const parts = `POST /v1/similar HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n${`10000\r\n${chunk}\r\n`.repeat(40)}`;
    expect(statusesOf(await exchange(parts, isAnswered))).toEqual([413]);
  });
});
