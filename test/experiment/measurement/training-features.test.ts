/** Features of a training side: those of all items are made once, and only where they are the same. */
import { describe, expect, it } from "vitest";
import { createInteractions } from "../../../src/data/interactions.ts";
import type { Prepared } from "../../../src/experiment/measurement/training-features.ts";
import { featuresFor } from "../../../src/experiment/measurement/training-features.ts";
import type { BlockKind } from "../../../src/features/block-kind.ts";
import { featureOptionsSchema } from "../../../src/features/feature-options.ts";
import { catalogOf, nothingEncoded } from "../../encoders/encoding-fixtures.ts";
import { titleLength } from "../../helpers/own-blocks.ts";

const catalog = catalogOf({ titles: ["red lamp", "red lamp", "blue mug", "blue mug", "red mug"] });
const options = { ...featureOptionsSchema.parse({ fields: {} }), text: null, image: null, lexical: null };

/** One user who took these items. */
function takenBy(items: readonly number[]) {
  const entries = { users: new Uint32Array(items.length), items: Uint32Array.from(items) };
  return createInteractions(1, 5, { ...entries, values: new Float64Array(items.length).fill(1) });
}

const everything = takenBy([0, 1, 2, 3]);

function prepared(blockKinds: readonly BlockKind[] = []): Prepared {
  const ingested = { catalog, interactions: everything } as unknown as Prepared["ingested"];
  return { ingested, encoded: nothingEncoded, blockKinds };
}

describe("features of a training side", () => {
  it("are those of the last one where blocks are weighed and both know all items", async () => {
    const run = prepared();
    const { blocks } = (await featuresFor(run, takenBy([0, 1, 2]), options)).features;
    const first = await featuresFor(run, everything, options, blocks);
    expect(await featuresFor(run, takenBy([3, 2, 1, 0]), options, blocks)).toBe(first);
    expect(await featuresFor(prepared(), everything, options, blocks)).toEqual(first);
  });

  it("are made again for other items, weights or options, and with a kind of the caller's, which may look at who took what", async () => {
    const run = prepared();
    const { blocks } = (await featuresFor(run, everything, options)).features;
    const first = await featuresFor(run, everything, options, blocks);
    const fewer = await featuresFor(run, takenBy([0, 1]), options, blocks);
    expect(fewer.fittedOn).toEqual([0, 1]);
    expect(fewer.features.values.columns).toBeLessThan(first.features.values.columns);
    expect(await featuresFor(run, everything, options, [...blocks])).not.toBe(first);
    expect(await featuresFor(run, everything, { ...options }, blocks)).not.toBe(first);
    const own = prepared([titleLength]);
    const withOwn = { ...options, titleLength: { weight: 1 } };
    const before = await featuresFor(own, everything, withOwn, blocks);
    expect(await featuresFor(own, everything, withOwn, blocks)).not.toBe(before);
  });
});
