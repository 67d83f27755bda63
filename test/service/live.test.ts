/** Changes over HTTP, and a service that is killed while they come. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readRecordLog } from "../../src/data/ingest/service-log/record-lines.ts";
import { type Client, createClient, createService, type Service } from "../../src/index.ts";
import { root } from "../cli/tailrec.ts";
import { makeTinyBundle, type TinyBundle } from "./tiny-bundle.ts";

let tiny: TinyBundle;
let service: Service;
let client: Client;

beforeAll(async () => {
  tiny = await makeTinyBundle();
  service = await createService({ bundle: tiny.bundle, port: 0, log: join(tiny.folder, "log") });
  client = createClient({ url: await service.listen() });
}, 60_000);

afterAll(async () => {
  await service.close();
  await tiny.remove();
});

describe("changes over HTTP", () => {
  it("an item that is put is found within the answer, and gone when it is deleted", async () => {
    await client.putItem({ id: "n 1/ü", title: "Walnut table" });
    expect((await client.search({ q: "walnut", meaning: "false" })).items.map(({ id }) => id)).toEqual(["n 1/ü"]);
    expect((await client.itemSimilar({ item: "n 1/ü", count: 3 })).by).toBe("similar");
    await client.availability({ id: "n 1/ü", available: false });
    await client.deleteItem({ id: "n 1/ü" });
    expect((await client.itemSimilar({ item: "n 1/ü" })).by).toBe("popularity");
    expect((await client.search({ q: "walnut", meaning: "false" })).items).toEqual([]);
    await expect(client.deleteItem({ id: "n 1/ü" })).rejects.toMatchObject({ code: "UNKNOWN_ITEM" });
  });

  it("an item that is put is found by words of its description, before items that are near in meaning alone", async () => {
    const content = { title: "Bowl", description: "Turned from olive wood." };
    await client.putItem({ id: "olive", ...content });
    const { items } = await client.search({ q: "wooden olives", count: 5 });
    expect(items[0]).toMatchObject({ id: "olive", match: "words" });
    expect(items).toHaveLength(5);
    await client.putItem({ id: "olive", ...content, description: "Turned from ash." });
    expect((await client.search({ q: "olives", count: 5 })).items.map(({ match }) => match)).not.toContain("words");
    await client.deleteItem({ id: "olive" });
  });

  it("a put item's doubts are told, and what the address contradicts is refused", async () => {
    const image = "data:image/png;base64,AAAA";
    expect((await client.putItem({ id: "bare" })).caveats).toContain("no text");
    expect((await client.putItem({ id: "odd", title: "Walnut shelf", image })).caveats.length).toBeGreaterThan(0);
    const payload = { id: "other", title: "Walnut shelf" };
    const response = await service.app.inject({ method: "PUT", url: "/v1/items/one", payload });
    expect([response.statusCode, response.json().detail]).toEqual([400, expect.stringContaining('"one"')]);
    await Promise.all(["bare", "odd"].map((id) => client.deleteItem({ id })));
  });

  it("a session's clicks change its next list, and erasing the session ends that", async () => {
    const { items } = await client.recommend({ user: "s9", count: 5 });
    await client.events({ events: [{ user: "s9", item: items[0].id, event: "view", requestId: "r1" }] });
    const next = await client.recommend({ user: "s9", count: 5 });
    expect(next.by).toBe("hybrid");
    expect(next.items.map(({ id }) => id)).not.toContain(items[0].id);
    // One event, and the two lists that were given.
    expect((await client.deleteUser({ user: "s9" })).erased).toBe(3);
    expect((await client.recommend({ user: "s9", count: 5 })).by).toBe("popular-in-cluster");
  });

  it("a service without a log says what it lacks", async () => {
    const bare = await createService({ bundle: tiny.bundle, port: 0 });
    const response = await bare.app.inject({ method: "DELETE", url: "/v1/users/a" });
    expect(response.statusCode).toBe(404);
    expect(response.json().detail).toContain("--log");
    await bare.close();
  });
});

const ROUNDS = Number(process.env.TAILREC_KILLS ?? 2);

describe.skipIf(process.platform === "win32")("a service that is killed while events come", () => {
  it(
    `loses none that it acknowledged, in ${ROUNDS} kills`,
    async () => {
      const log = join(tiny.folder, "killed");
      const acknowledged: string[] = [];
      for (let round = 0; round < ROUNDS; round++) {
        const { child, url } = await started(log);
        const ended = once(child, "exit");
        let open = true;
        const writers = Array.from({ length: 4 }, async (_, writer) => {
          for (let n = 0; open; n++) {
            const id = `${round}-${writer}-${n}`;
            const event = { id, user: `u${writer}`, item: "002", event: "view" as const };
            const isThere = await createClient({ url })
              .events({ events: [event] })
              .then(
                () => true,
                () => false,
              );
            if (isThere) acknowledged.push(id);
            else open = false;
          }
        });
        const before = acknowledged.length;
        await expect.poll(() => acknowledged.length, { timeout: 30_000, interval: 5 }).toBeGreaterThan(before);
        // Not at the same moment of a write each time.
        await new Promise((resolve) => setTimeout(resolve, (37 * round) % 90));
        child.kill("SIGKILL");
        await ended;
        await Promise.all(writers);
      }
      const kept = new Set((await readRecordLog(join(log, "events.jsonl"))).map(({ id }) => id));
      expect(acknowledged.length).toBeGreaterThanOrEqual(ROUNDS);
      expect(acknowledged.filter((id) => !kept.has(id))).toEqual([]);
      if (process.env.TAILREC_KILLS)
        console.info(`${ROUNDS} kills, ${acknowledged.length} events acknowledged, 0 lost`);
    },
    60_000 + 5_000 * ROUNDS,
  );
});

async function started(log: string): Promise<{ readonly child: ChildProcess; readonly url: string }> {
  const main = join(root, "dist", "cli", "main.js");
  const child = spawn(
    process.execPath,
    [main, "serve", "--bundle", tiny.bundle, "--port", "0", "--log", log, "--quiet"],
    {
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  if (child.stdout === null) throw new Error("expected its output");
  for await (const line of createInterface({ input: child.stdout })) return { child, url: JSON.parse(line).listening };
  throw new Error("the service ended before it listened");
}
