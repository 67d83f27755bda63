/** Vectors by which clicked items are compared, against those of the training that knew the clicks. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Bundle, loadBundle } from "../../src/bundle/bundle.ts";
import { takeInteractions } from "../../src/data/interactions.ts";
import { createItemSolver, type LiveItem } from "../../src/hybrid/live-items.ts";
import { movedSimilar } from "../../src/hybrid/similar/moved-similar.ts";
import { fitSimilar, type SimilarModel } from "../../src/hybrid/similar/similar-model.ts";
import { MIXTURE } from "../../src/hybrid/similar/similar-settings.ts";
import { defaultBackend } from "../../src/math/compute/backend.ts";
import { rowOf } from "../../src/math/matrix.ts";
import { makeTinyBundle, type TinyBundle } from "../service/tiny-bundle.ts";

let tiny: TinyBundle;
let bundle: Bundle;
let similar: SimilarModel;
beforeAll(async () => {
  tiny = await makeTinyBundle();
  bundle = await loadBundle(tiny.bundle);
  const { model, interactions } = bundle;
  const source = { als: model.als, interactions, prior: model.prior, support: model.embeddings.support };
  similar = await fitSimilar(source, MIXTURE, defaultBackend());
}, 60_000);
afterAll(() => tiny.remove());

async function trainedItems(): Promise<LiveItem[]> {
  const { rows, indptr, indices, values } = await defaultBackend().transpose(bundle.interactions);
  return Array.from({ length: rows }, (_, row) => {
    const places = Array.from({ length: indptr[row + 1] - indptr[row] }, (_, p) => indptr[row] + p);
    const meetings = places.map((p) => ({ user: indices[p], weight: values[p] }));
    return { prior: rowOf(bundle.model.prior, row), confidenceInPrior: 1, meetings, share: 1 };
  });
}

describe("the vector by which a clicked item is compared", () => {
  it("is that of the training, where the clicks are those that training saw", async () => {
    const { model } = bundle;
    if (model.itemSolve === undefined) throw new Error("expected a bundle that can be updated");
    const items = await trainedItems();
    const plain = await createItemSolver(model, model.itemSolve, 1).solvePlain(items);
    for (const [row, { meetings }] of items.entries()) {
      const factors = rowOf(plain, row);
      for (const [d, value] of factors.entries()) expect(value).toBeCloseTo(rowOf(model.als.itemFactors, row)[d], 3);
      const stored = rowOf(similar.vectors, row);
      const moved = movedSimilar(similar, stored, { factors, support: meetings.length });
      for (const [d, value] of moved.entries()) expect(value).toBeCloseTo(stored[d], 3);
    }
  });

  it("has no factors before the first click and has them after it, and content weighs less then", () => {
    const factors = rowOf(bundle.model.als.itemFactors, 0);
    const cold = movedSimilar(similar, rowOf(similar.vectors, 0), { factors, support: 0 });
    const clicked = movedSimilar(similar, cold, { factors, support: 3 });
    const share = (vector: Float32Array) => Math.hypot(...vector.subarray(0, factors.length)) / Math.hypot(...vector);
    expect(share(cold)).toBe(0);
    expect(share(clicked)).toBeGreaterThan(0.1);
  });
});

describe("somebody whom training did not know", () => {
  it("is solved against items as training left them, wherever these have moved", async () => {
    const { model, interactions } = bundle;
    const { itemSolve } = model;
    if (itemSolve === undefined) throw new Error("expected a bundle that can be updated");
    const row = takeInteractions(interactions, [0]);
    const still = await createItemSolver(model, itemSolve, 1).stranger(row);
    const vectors = { ...model.embeddings.vectors, values: model.embeddings.vectors.values.slice() };
    const moving = { ...model, embeddings: { ...model.embeddings, vectors } };
    const trainedRow = (item: number) => rowOf(model.embeddings.vectors, item);
    const solver = createItemSolver(moving, itemSolve, 1, trainedRow);
    expect(await solver.stranger(row)).toEqual(still);
    for (const item of row.indices) rowOf(vectors, item).fill(7);
    expect(await solver.stranger(row)).toEqual(still);
    expect(Math.hypot(...still.served)).toBeGreaterThan(0);
  });
});
