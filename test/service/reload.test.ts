/** A new bundle takes the place of the old one while requests come. */
import { cp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadBundle } from "../../src/bundle/bundle.ts";
import { runPipeline } from "../../src/experiment/pipeline.ts";
import { type Client, createClient, createService, type Service, saveBundle } from "../../src/index.ts";
import { tinyExperiment } from "../helpers/tiny-experiment.ts";
import { makeTinyBundle, type TinyBundle } from "./tiny-bundle.ts";

let tiny: TinyBundle;
let service: Service;
let client: Client;
let other: string;

beforeAll(async () => {
  tiny = await makeTinyBundle();
  const output = join(tiny.folder, "other");
  const events = (
    await readFile(join(import.meta.dirname, "..", "..", "fixtures", "tiny", "events.csv"), "utf8")
  ).trimEnd();
  const interactions = join(tiny.folder, "events.csv");
  await writeFile(interactions, `${events.split("\n").slice(0, -3).join("\n")}\n`);
  await runPipeline(tinyExperiment(output, "{}", {}, { interactions }), { folder: tiny.folder, evaluate: false });
  other = join(output, "bundle");
  service = await createService({ bundle: tiny.bundle, port: 0, log: join(tiny.folder, "log") });
  client = createClient({ url: await service.listen() });
}, 60_000);

afterAll(async () => {
  await service.close();
  await tiny.remove();
});

async function exchange(): Promise<void> {
  await rm(tiny.bundle, { recursive: true });
  await cp(other, `${tiny.bundle}.next`, { recursive: true });
  await rename(`${tiny.bundle}.next`, tiny.bundle);
}

describe("a reload", () => {
  it("switches between two requests, keeps what the log holds, and rolls back by one call", async () => {
    const first = (await client.model({})).fingerprint;
    await client.putItem({ id: "n1", title: "Walnut table" });
    await client.events({ events: [{ user: "s1", item: "n1", event: "view" }] });
    const kept = join(tiny.folder, "kept");
    await cp(tiny.bundle, kept, { recursive: true });
    await exchange();
    let open = true;
    const failures: unknown[] = [];
    const asking = Array.from({ length: 4 }, async () => {
      while (open)
        await client.similar({ item: "n1" }).then(
          ({ by }) => by === "similar" || failures.push(by),
          (error) => failures.push(error),
        );
    });
    const answer = await client.reload({});
    open = false;
    await Promise.all(asking);
    expect(failures).toEqual([]);
    expect(answer.fingerprint).not.toBe(first);
    expect(answer.lost).toBe(0);
    expect((await client.recommend({ user: "s1" })).by).toBe("hybrid");
    expect((await client.reload({ rollback: true })).fingerprint).toBe(first);
    expect((await client.similar({ item: "n1" })).by).toBe("similar");
  });

  it("refuses a bundle whose lists churn beyond the limit, and the old one goes on", async () => {
    const before = (await client.model({})).fingerprint;
    await expect(client.reload({ maximumChurn: 0 })).rejects.toMatchObject({ code: "BUNDLE_REFUSED" });
    expect((await client.model({})).fingerprint).toBe(before);
  });

  it("refuses a bundle that is damaged or lacks too many items", async () => {
    const before = (await client.model({})).fingerprint;
    const file = join(tiny.bundle, "vectors.safetensors");
    const bytes = await readFile(file);
    bytes[bytes.length - 3] ^= 1;
    await writeFile(file, bytes);
    await expect(client.reload({})).rejects.toMatchObject({ code: "BUNDLE_CORRUPT" });
    const bundle = await loadBundle(other);
    const ids = bundle.catalog.ids.map((id, row) => (row < 6 ? `${id}-renamed` : id));
    await saveBundle(tiny.bundle, { ...bundle, catalog: { ...bundle.catalog, ids } });
    await expect(client.reload({})).rejects.toMatchObject({
      code: "BUNDLE_REFUSED",
      message: expect.stringContaining("gone"),
    });
    expect((await client.model({})).fingerprint).toBe(before);
    expect((await client.similar({ item: "n1" })).by).toBe("similar");
  });
});
