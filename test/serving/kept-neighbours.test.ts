/** A recommender that keeps neighbours, beside one that searches: both are told of the same changes, and give the same lists. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { saveRepeated } from "../../bench/service-bundle.ts";
import { loadBundle } from "../../src/bundle/bundle.ts";
import type { HybridModel } from "../../src/hybrid/hybrid.ts";
import { defaultBackend } from "../../src/math/compute/backend.ts";
import { createRandom } from "../../src/math/random.ts";
import { openRecommender, type Recommender } from "../../src/serving/recommender.ts";
import { makeTinyBundle } from "../service/tiny-bundle.ts";

/** As many as make codes worth while. */
const ITEMS = 4200;
/** The thread that fills has the lowest priority: on a busy machine all of them would take long. */
const FILLED = 600;
const isNative = defaultBackend().name === "native";
const random = createRandom(11);
let folder: string;
let keeping: Recommender;
let searching: Recommender;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tailrec-neighbours-"));
  const tiny = await makeTinyBundle();
  const bundle = join(folder, "bundle");
  await saveRepeated(tiny.bundle, bundle, ITEMS);
  await tiny.remove();
  keeping = await openRecommender(bundle, {}, { folder: join(folder, "kept") }, { depth: 16, onFailure: fail });
  searching = await openRecommender(bundle, {}, { folder: join(folder, "searched") });
});

afterAll(async () => {
  await keeping.close();
  await searching.close();
  await rm(folder, { recursive: true, force: true });
});

function fail(error: unknown): never {
  throw error;
}

async function expectSameLists(): Promise<void> {
  const { ids } = keeping.bundle.catalog;
  for (let n = 0; n < 60; n++) {
    const request = { item: ids[random.integer(n % 2 === 0 ? 60 : ITEMS)], count: 1 + random.integer(12) };
    expect(await keeping.similarOrPopular(request)).toEqual(await searching.similarOrPopular(request));
  }
}

async function both(act: (recommender: Recommender) => Promise<unknown>): Promise<void> {
  await act(keeping);
  await act(searching);
}

it.skipIf(!isNative)(
  "fills its table beside everything else",
  async () => {
    expect(searching.neighbours()).toBeUndefined();
    while ((keeping.neighbours()?.filled ?? 0) < FILLED) await delay(50);
    await expectSameLists();
  },
  60_000,
);

it("lists what searches list while items are clicked, put, sold out and taken away", async () => {
  const { ids } = keeping.bundle.catalog;
  const vectors = () => keeping.live?.current().similar().vectors.values.slice();
  const before = vectors();
  for (let round = 0; round < 4; round++) {
    const item = { title: "A bowl", description: "An ash glaze." };
    const clicked = Array.from({ length: 12 }, (_, n) => ({
      id: `${round} ${n}`,
      user: `visitor ${n}`,
      item: ids[random.integer(60)],
      event: "view" as const,
    }));
    await both(async ({ live }) => {
      await live?.count(clicked);
      await live?.putItem(`new ${round}`, item);
      await live?.setAvailable(ids[round], false);
      await live?.removeItem(ids[20 + round]);
      await live?.settled();
    });
    await expectSameLists();
  }
  expect(vectors()?.subarray(0, before?.length)).not.toEqual(before);
});

it("does so after a reload, which leaves the earlier bundle as it was loaded, and after going back", async () => {
  const { model: earlier } = keeping.bundle;
  const { model: loaded } = await loadBundle(join(folder, "bundle"));
  expect(earlier.embeddings.vectors).not.toEqual(loaded.embeddings.vectors);
  await both((recommender) => recommender.reload({}));
  for (const part of [
    (model: HybridModel) => model.embeddings.vectors,
    ({ similar }: HybridModel) => similar?.vectors,
  ]) {
    expect(part(earlier)).toEqual(part(loaded));
  }
  expect([earlier.prior, earlier.behaviour]).toEqual([loaded.prior, loaded.behaviour]);
  await expectSameLists();
  await both((recommender) => recommender.rollback());
  await expectSameLists();
});
