/** Processes that write one cache at once, and processes that are killed while they write. They run the compiled code. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { describe, expect, it } from "vitest";
import { inspectCache } from "../../../src/encoders/cache/cache-inspection.ts";
import { planPruning, pruneCache } from "../../../src/encoders/cache/cache-pruning.ts";
import { inputKey, openEmbeddingCache } from "../../../src/encoders/cache/embedding-cache.ts";
import { encodeCatalog } from "../../../src/features/encode-catalog.ts";
import { createRandom } from "../../../src/math/random.ts";
import { builtIn, catalogOf, filesIn, repository, temporaryFolder } from "../encoding-fixtures.ts";

const { manifest } = await builtIn("text");
const { dimension } = manifest;

/** Adds batches BEGIN to END of ten vectors to the cache, and says so after each. */
const WRITER = `
  import { inputKey, openEmbeddingCache } from "./dist/encoders/cache/embedding-cache.js";
  const [folder, manifest, begin, end] = JSON.parse(process.env.WRITER);
  const cache = await openEmbeddingCache(folder, manifest);
  for (let batch = begin; batch < end; batch++) {
    const seeds = Array.from({ length: 10 }, (_, i) => 10 * batch + i);
    await cache.add(seeds.map((seed) => ({ key: inputKey("input " + seed), vector: new Float32Array(manifest.dimension).fill(seed) })));
    process.stdout.write(batch + "\\n");
  }
  await cache.close();
`;

function startWriter(folder: string, begin: number, end: number): ChildProcess {
  const env = { ...process.env, WRITER: JSON.stringify([folder, manifest, begin, end]) };
  const options = { cwd: repository, env, stdio: ["ignore", "pipe", "inherit"] as const };
  return spawn(process.execPath, ["--input-type=module", "--eval", WRITER], { ...options, stdio: [...options.stdio] });
}

/** The batches that a writer has confirmed before it ended. */
async function confirmedBy(writer: ChildProcess, onBatch: () => void = () => undefined): Promise<number[]> {
  const batches: number[] = [];
  if (writer.stdout === null) throw new Error("the writer has no output");
  const lines = createInterface({ input: writer.stdout });
  lines.on("line", (line) => {
    batches.push(Number(line));
    onBatch();
  });
  await once(writer, "close");
  return batches;
}

/** Expects every vector of the batches; gives the number of keys in the cache. */
async function expectBatches(folder: string, batches: readonly number[]): Promise<number> {
  const cache = await openEmbeddingCache(folder, manifest);
  const seeds = batches.flatMap((batch) => Array.from({ length: 10 }, (_, i) => 10 * batch + i));
  const vectors = await cache.read(seeds.map((seed) => inputKey(`input ${seed}`)));
  for (const [i, vector] of vectors.entries()) expect(vector).toEqual(new Float32Array(dimension).fill(seeds[i]));
  const { size } = cache;
  await cache.close();
  return size;
}

describe("a cache of two processes", () => {
  it("has everything that both wrote at once, each record whole and none twice but where they met", async () => {
    const folder = temporaryFolder();
    const both = await Promise.all(
      [startWriter(folder, 0, 60), startWriter(folder, 30, 90)].map((w) => confirmedBy(w)),
    );
    expect(both.map((batches) => batches.length)).toEqual([60, 60]);
    expect(await expectBatches(folder, both.flat())).toBe(900);
    const [{ records, damaged, unfinished }] = await inspectCache(folder);
    expect([damaged, unfinished]).toEqual([[], []]);
    expect(records.length).toBeLessThan(1200);
  });

  it("loses nothing of a process that writes while it is pruned, again and again", async () => {
    const folder = temporaryFolder();
    await confirmedBy(startWriter(folder, 0, 1));
    const writing = confirmedBy(startWriter(folder, 1, 150));
    let done = false;
    writing.then(() => {
      done = true;
    });
    let rewritten = 0;
    while (!done) {
      const [store] = await inspectCache(folder);
      // Something to be dropped, so that the file is written anew.
      appendFileSync(store.path, Buffer.alloc(3000, 7));
      const plans = planPruning(await inspectCache(folder), {});
      await pruneCache(folder, plans);
      rewritten += plans.some(({ kept }) => kept.length > 0) ? 1 : 0;
    }
    const batches = await writing;
    expect(batches).toHaveLength(149);
    expect(rewritten).toBeGreaterThan(2);
    expect(await expectBatches(folder, [0, ...batches])).toBe(1500);
  });
});

describe("a writer that is killed", () => {
  it.each([1, 2, 3])("loses nothing that it had confirmed, and at most one batch besides (seed %i)", async (seed) => {
    const random = createRandom(seed);
    const folder = temporaryFolder();
    const confirmed: number[] = [];
    for (let kill = 0, begin = 0; kill < 2; kill++) {
      const writer = startWriter(folder, begin, begin + 10_000);
      const batchesBefore = 1 + random.integer(20);
      const delay = 4 * random.next();
      let batches = 0;
      const killLater = (): void => {
        if (++batches === batchesBefore) setTimeout(() => writer.kill("SIGKILL"), delay);
      };
      confirmed.push(...(await confirmedBy(writer, killLater)));
      // The batch after the last confirmed one may be there or not.
      begin = (confirmed.at(-1) ?? begin) + 2;
      const size = await expectBatches(folder, confirmed);
      expect(size - 10 * confirmed.length).toBeLessThanOrEqual(10 * (kill + 1));
    }
    const [{ damaged }] = await inspectCache(folder);
    expect(damaged).toEqual([]);
  });
});

describe("an encoding that is killed", () => {
  const titleOf = (_: unknown, i: number): string => `Lamp ${i} ${"with a warm light ".repeat(i % 8)}`;
  const catalog = catalogOf({ titles: Array.from({ length: 600 }, titleOf) });
  const options = { text: {}, lexical: null, attributes: null };
  const ENCODER = `
    import { encodeCatalog } from "./dist/features/encode-catalog.js";
    import { readFileSync } from "node:fs";
    const { cacheFolder, catalog, options } = JSON.parse(readFileSync(process.env.ENCODER, "utf8"));
    let said = 0;
    const onProgress = ({ done }) => { if (done > said) process.stdout.write((said = done) + "\\n"); };
    await encodeCatalog(catalog, options, { cacheFolder, onProgress });
  `;

  it("goes on where it stopped: what it had counted as done is not encoded again", async () => {
    const cacheFolder = temporaryFolder();
    const { request } = filesIn({ request: JSON.stringify({ cacheFolder, catalog, options }) });
    const child = spawn(process.execPath, ["--input-type=module", "--eval", ENCODER], {
      cwd: repository,
      env: { ...process.env, ENCODER: request },
      stdio: ["ignore", "pipe", "inherit"],
    });
    let done = 0;
    createInterface({ input: child.stdout }).on("line", (line) => {
      done = Number(line);
      if (done >= 150) child.kill("SIGKILL");
    });
    await once(child, "close");
    expect(done).toBeLessThan(600);
    const { text } = await encodeCatalog(catalog, options, { cacheFolder });
    expect(text?.reused).toBeGreaterThanOrEqual(done);
    const fresh = await encodeCatalog(catalog, options);
    const worst = text!.vectors.values.reduce(
      (most, value, j) => Math.max(most, Math.abs(value - fresh.text!.vectors.values[j])),
      0,
    );
    expect(worst).toBeLessThan(1e-5);
  });
});
