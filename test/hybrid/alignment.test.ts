/** Continuity: axes turned to an earlier model's, from runs of the pipeline. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Bundle, loadBundle } from "../../src/bundle/bundle.ts";
import { runPipeline } from "../../src/experiment/pipeline.ts";
import type { Matrix } from "../../src/math/matrix.ts";
import { distances } from "../../src/serving/compare/moved-vectors.ts";
import { exportedVectors, similarVectors } from "../../src/serving/vectors/exported-vectors.ts";
import { distance, largestDifference } from "../helpers/comparisons.ts";
import { tinyExperiment } from "../helpers/tiny-experiment.ts";

let base: string;
let [earlier, plain, aligned]: Bundle[] = [];

async function run(name: string, seed: number, alignTo: string | null = null): Promise<Bundle> {
  const config = tinyExperiment(join(base, name), "{}");
  const { collaborative, embeddings } = config;
  const seeded = { ...config, collaborative: { ...collaborative, seed }, embeddings: { ...embeddings, alignTo } };
  return loadBundle((await runPipeline(seeded, { folder: base, evaluate: false })).bundleFolder);
}

beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), "tailrec-align-"));
  earlier = await run("earlier", 1);
  plain = await run("plain", 2);
  aligned = await run("aligned", 2, join(base, "earlier", "bundle"));
});

afterAll(() => rm(base, { recursive: true, force: true }));

const dots = async ({ items, users }: Awaited<ReturnType<typeof exportedVectors>>) => {
  const { rows, columns, values } = users.vectors;
  const scores: number[] = [];
  for (let u = 0; u < rows; u++) {
    for (let i = 0; i < items.vectors.rows; i++) {
      let score = 0;
      for (let d = 0; d < columns; d++) score += values[u * columns + d] * items.vectors.values[i * columns + d];
      scores.push(score);
    }
  }
  return scores;
};

function productsOf({ rows, columns, values }: Matrix): number[] {
  const row = (i: number) => values.subarray(i * columns, (i + 1) * columns);
  return Array.from({ length: rows * rows }, (_, p) =>
    row(Math.floor(p / rows)).reduce((sum, value, d) => sum + value * row(p % rows)[d], 0),
  );
}

describe("a run that is aligned to an earlier bundle", () => {
  it("gives exported vectors the scores that they have without", async () => {
    const [before, after] = [await exportedVectors(plain), await exportedVectors(aligned)];
    expect(largestDifference(await dots(after), await dots(before))).toBeLessThan(1e-5);
    expect(aligned.model.embeddings.vectors).toEqual(plain.model.embeddings.vectors);
  });

  it("lies nearer to it than without", async () => {
    const old = (await exportedVectors(earlier)).items.vectors.values;
    const [without, within] = [await exportedVectors(plain), await exportedVectors(aligned)];
    const far = distance(without.items.vectors.values, old);
    expect(distance(within.items.vectors.values, old)).toBeLessThan(0.7 * far);
  });

  it("gives the vectors by which items are compared likewise: nearer, and every product as it was", async () => {
    const old = (await similarVectors(earlier)).vectors;
    const [without, within] = [(await similarVectors(plain)).vectors, (await similarVectors(aligned)).vectors];
    const pairs = earlier.catalog.ids.map((_, row) => [row, row] as const);
    const far = (vectors: Matrix) => distances(vectors, old, pairs).reduce((sum, one) => sum + one, 0);
    expect(far(within)).toBeLessThan(0.7 * far(without));
    expect(largestDifference(productsOf(within), productsOf(without))).toBeLessThan(1e-5);
    expect(aligned.model.similar).toEqual(plain.model.similar);
  });

  it("names a bundle that is there", async () => {
    await expect(run("none", 2, join(base, "nowhere"))).rejects.toMatchObject({ code: "BUNDLE_MISSING" });
  });
});
