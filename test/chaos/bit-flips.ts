/**
 * Single bits that have turned over in a bundle, in the cache of encoded texts and in inputs. A bundle with one is refused. From the
 * cache no other vector ever comes than the encoder's own. Inputs are read or refused, as other damaged inputs are.
 */
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { loadBundle } from "../../src/bundle/bundle.ts";
import { ingestItems } from "../../src/data/ingest/ingest.ts";
import { TailrecError } from "../../src/errors.ts";
import { encodeCatalog } from "../../src/features/encode-catalog.ts";
import { messageOf } from "../../src/file-errors.ts";
import type { Random } from "../../src/math/random.ts";
import { type FaultKind, pick, type Trial } from "./fault-kind.ts";
import { harmed, type Toll } from "./toll.ts";

/** Of ten flips, how many are in the cache; the rest are in the bundle. Those in inputs are among the damaged inputs, too. */
const IN_CACHE = 3;

export const bitFlips: FaultKind = {
  name: "bit flips",
  tries: { full: 600, short: 10 },
  inflict: async ({ scene, count, random, toll, isTimeUp }: Trial) => {
    const bundle = join(scene.folder, "bundles", "a");
    const cache = join(scene.folder, "cache");
    const encode = await encoderOf(scene.folder, cache);
    const right = await encode();
    for (let i = 0; i < count && !isTimeUp(); i++) {
      const inCache = i % 10 < IN_CACHE;
      const folder = inCache ? cache : bundle;
      const path = join(folder, pick(random, await readdir(folder)));
      await withFlippedBit(path, random, async (words) => {
        toll.tried++;
        if (!inCache) return refused(toll, words, loadBundle(bundle));
        const found = await encode().catch((error: unknown) => blame(toll, words, error));
        if (found !== undefined && found !== right) harmed(toll, "lost", `${words}: other vectors`);
      });
    }
  },
};

/** The text vectors of the scene's items, as text. */
async function encoderOf(folder: string, cacheFolder: string): Promise<() => Promise<string>> {
  const { catalog } = await ingestItems({ path: join(folder, "items.csv"), columns: { title: "title" } });
  return async () => {
    const { text } = await encodeCatalog(catalog, { text: {} }, { cacheFolder });
    return Array.from(text?.vectors.values ?? []).join();
  };
}

/** Does `work` while one bit of the file is another, and puts the file back as it was. */
async function withFlippedBit(path: string, random: Random, work: (words: string) => Promise<void>): Promise<void> {
  const whole = await readFile(path);
  const flipped = Buffer.from(whole);
  const [at, bit] = [random.integer(whole.length), random.integer(8)];
  flipped[at] ^= 1 << bit;
  await writeFile(path, flipped);
  await work(`bit ${bit} of byte ${at} of ${path}`);
  await writeFile(path, whole);
}

async function refused(toll: Toll, words: string, loading: Promise<unknown>): Promise<void> {
  await loading.then(
    () => harmed(toll, "lost", `${words}: loaded`),
    (error: unknown) => blame(toll, words, error),
  );
}

function blame(toll: Toll, words: string, error: unknown): undefined {
  const isOurs = error instanceof TailrecError && error.code !== "INTERNAL";
  if (!isOurs) harmed(toll, "INTERNAL", `${words}: ${messageOf(error)}`);
}
