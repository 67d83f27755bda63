import { spawnSync } from "node:child_process";
import { appendFileSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";
import { beforeEach, describe, expect, it } from "vitest";
import { openStaging } from "../../../src/data/files/staging-folder.ts";
import { inspectCache } from "../../../src/encoders/cache/cache-inspection.ts";
import { type PruneRules, planPruning, pruneCache } from "../../../src/encoders/cache/cache-pruning.ts";
import { cacheAddress, inputKey, openEmbeddingCache, storePath } from "../../../src/encoders/cache/embedding-cache.ts";
import { encodeRecord, recordSize } from "../../../src/encoders/cache/vector-record.ts";
import type { EncoderManifest } from "../../../src/encoders/models/manifest.ts";
import { builtIn, temporaryFolder } from "../encoding-fixtures.ts";

const [text, image] = [(await builtIn("text")).manifest, (await builtIn("image")).manifest];
const SIZE = recordSize(text.dimension);

let folder: string;
const path = (manifest: EncoderManifest = text): string => storePath(folder, cacheAddress(manifest));

/** A record of input SEED, written at second SEED. */
function recordOf(seed: number): Buffer {
  const vector = new Float32Array(text.dimension).fill(seed);
  return encodeRecord({ key: inputKey(`input ${seed}`), vector }, seed);
}

/** Prunes by the rules; gives the seeds that the text store still has. */
async function seedsAfter(rules: PruneRules): Promise<number[]> {
  await pruneCache(folder, planPruning(await inspectCache(folder), rules));
  const stores = await inspectCache(folder);
  const store = stores.find(({ address }) => address === cacheAddress(text));
  return (store?.records ?? []).map(({ written }) => written);
}

beforeEach(async () => {
  folder = temporaryFolder();
  for (const manifest of [text, image]) await (await openEmbeddingCache(folder, manifest)).close();
  writeFileSync(path(), Buffer.concat([3, 1, 2].map(recordOf)));
});

describe("inspectCache", () => {
  it("reads the store of a task that this version does not know", async () => {
    const store = (await inspectCache(folder)).find(({ address }) => address === cacheAddress(text));
    const description = { ...store?.description, task: "audio" };
    writeFileSync(join(folder, `${cacheAddress(text)}.json`), JSON.stringify(description));
    const again = (await inspectCache(folder)).find(({ address }) => address === cacheAddress(text));
    expect([again?.description?.task, again?.records.length]).toEqual(["audio", 3]);
  });

  it("tells damaged records from unfinished ones, and says where", async () => {
    const bytes = readFileSync(path());
    bytes[SIZE + 50] ^= 1;
    writeFileSync(path(), Buffer.concat([bytes, recordOf(4).subarray(0, 100)]));
    const stores = await inspectCache(folder);
    expect(stores.find(({ address }) => address === cacheAddress(text))).toMatchObject({
      records: [{ written: 3 }, { written: 2 }],
      damaged: [{ position: SIZE, length: SIZE }],
      unfinished: [{ position: 3 * SIZE, length: 100 }],
    });
  });

  it("finds every flipped byte", async () => {
    const bytes = readFileSync(path());
    for (let byte = 0; byte < bytes.length; byte += 31) {
      bytes[byte] ^= 1;
      writeFileSync(path(), bytes);
      bytes[byte] ^= 1;
      const damaged = (await inspectCache(folder)).flatMap((store) => store.damaged);
      expect(damaged).toEqual([{ position: SIZE * Math.floor(byte / SIZE), length: SIZE }]);
    }
  });

  it("says FILE_NOT_FOUND where there is no cache", async () => {
    await expect(inspectCache(join(folder, "none"))).rejects.toMatchObject({ code: "FILE_NOT_FOUND" });
  });
});

describe("pruning", () => {
  it("without rules drops damaged, unfinished and doubled records, and no vector", async () => {
    const bytes = Buffer.concat([
      readFileSync(path()),
      Buffer.alloc(2 * SIZE, 5),
      recordOf(3),
      recordOf(9).subarray(0, 9),
    ]);
    writeFileSync(path(), bytes);
    expect(await seedsAfter({})).toEqual([1, 2, 3]);
    expect(readFileSync(path())).toEqual(Buffer.concat([1, 2, 3].map(recordOf)));
  });

  it("leaves a store that needs none as it is", async () => {
    const before = readFileSync(path());
    expect(await seedsAfter({})).toEqual([3, 1, 2]);
    expect(readFileSync(path())).toEqual(before);
  });

  it("drops what was written before a time", async () => {
    expect(await seedsAfter({ writtenSince: 2 })).toEqual([3, 2]);
  });

  it("drops the oldest until the rest fits, over all stores together", async () => {
    const young = encodeRecord({ key: inputKey("picture"), vector: new Float32Array(image.dimension) }, 10);
    writeFileSync(path(image), young);
    expect(await seedsAfter({ maximumBytes: young.length + 2 * SIZE })).toEqual([3, 2]);
    expect(readFileSync(path(image))).toEqual(young);
    expect(await seedsAfter({ maximumBytes: 0 })).toEqual([]);
    expect(readdirSync(folder)).toEqual([]);
  });

  it("drops the stores of other encoders than those to be kept, and those that nobody can read", async () => {
    writeFileSync(path(image), "anything");
    writeFileSync(storePath(folder, "f".repeat(64)), "without a description");
    expect(await seedsAfter({ addresses: new Set([cacheAddress(text)]) })).toEqual([3, 1, 2]);
    expect(readdirSync(folder).sort()).toEqual([`${cacheAddress(text)}.json`, `${cacheAddress(text)}.vectors`]);
  });

  it("carries over what was appended since the inspection", async () => {
    const plans = planPruning(await inspectCache(folder), { writtenSince: 2 });
    appendFileSync(path(), recordOf(7));
    await pruneCache(folder, plans);
    expect(readFileSync(path())).toEqual(Buffer.concat([3, 2, 7].map(recordOf)));
  });

  it("leaves a store alone that somebody else has pruned since", async () => {
    const plans = planPruning(await inspectCache(folder), { writtenSince: 2 });
    const other = await seedsAfter({ writtenSince: 3 });
    await pruneCache(folder, plans);
    expect(other).toEqual([3]);
    expect(readFileSync(path())).toEqual(recordOf(3));
  });

  it("removes what a killed pruning left, not what a living one writes", async () => {
    const compiled = pathToFileURL(join(import.meta.dirname, "../../../dist/data/files/staging-folder.js")).href;
    const script = `
      import { openStaging } from ${JSON.stringify(compiled)};
      await openStaging(${JSON.stringify(folder)});
      process.kill(process.pid, "SIGKILL");`;
    spawnSync(process.execPath, ["--input-type=module", "-e", script]);
    const living = await openStaging(folder);
    const hidden = () => readdirSync(folder).filter((name) => name.startsWith(".tailrec-"));
    expect(hidden()).toHaveLength(4);
    await seedsAfter({});
    expect(hidden().sort()).toEqual([basename(living.path), `${basename(living.path)}.alive`]);
    await living.close();
    expect(hidden()).toEqual([]);
  });
});
