/** Whether factors follow interactions: those of a fit do, and the same ones under wrong ids do not. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { fitAls } from "../../src/als/als.ts";
import { itemAgreement, userAgreement } from "../../src/als/factor-agreement.ts";
import { loadPipeline } from "../../src/config.ts";
import { ingest } from "../../src/data/ingest/ingest.ts";
import { type Matrix, type SparseMatrix, takeRows } from "../../src/math/matrix.ts";
import { createRandom } from "../../src/math/random.ts";
import { randomMatrix, randomSparse } from "../helpers/matrices.ts";

const root = join(import.meta.dirname, "../..");
const shared = existsSync(join(root, "../shared/data"));
const datasets = ["shop", ...(shared ? ["amazon-scientific", "movielens-small"] : [])];

/** The rows of the matrix under each other's numbers. */
function dealt(matrix: Matrix, seed: number): Matrix {
  const rows = Array.from({ length: matrix.rows }, (_, row) => row);
  createRandom(seed).shuffle(rows);
  return takeRows(matrix, rows);
}

const given = (factors: Matrix) => ({ factors, isGiven: new Uint8Array(factors.rows).fill(1) });

function agreements(interactions: SparseMatrix, users: Matrix, items: Matrix): (number | undefined)[] {
  const [userSide, itemSide] = [given(users), given(items)];
  return [itemAgreement(interactions, itemSide), userAgreement(interactions, userSide, itemSide)];
}

describe("the agreement of factors with interactions", () => {
  it.each(datasets)(
    "is far above chance for those of a fit, and chance under wrong ids: %s",
    async (name) => {
      const { config, folder } = await loadPipeline(join(root, "pipelines", `${name}.yaml`));
      const { interactions } = await ingest(config.data, { folder });
      for (const rank of [16, 64]) {
        const als = await fitAls(interactions, { ...config.collaborative, rank });
        const [ofItems, ofUsers] = agreements(interactions, als.userFactors, als.itemFactors);
        expect(ofItems).toBeGreaterThan(0.7);
        expect(ofUsers).toBeGreaterThan(0.85);
        const wrong = [
          ...agreements(interactions, als.userFactors, dealt(als.itemFactors, 5)),
          userAgreement(interactions, given(dealt(als.userFactors, 7)), given(als.itemFactors)),
        ];
        for (const value of wrong) expect(Math.abs((value ?? 0) - 0.5)).toBeLessThan(0.06);
      }
    },
    60_000,
  );

  const random = createRandom(3);
  const interactions = randomSparse(random, 300, 40, 12);
  const [users, items] = [randomMatrix(random, 300, 4), randomMatrix(random, 40, 4)];

  it("is half where all vectors are zeros: a tie is no win", () => {
    const [ofItems, ofUsers] = agreements(
      interactions,
      { ...users, values: new Float32Array(300 * 4) },
      { ...items, values: new Float32Array(40 * 4) },
    );
    expect([ofItems, ofUsers]).toEqual([0.5, 0.5]);
  });

  it("is not told from few vectors", () => {
    const few = { factors: items, isGiven: Uint8Array.from({ length: 40 }, (_, item) => (item < 9 ? 1 : 0)) };
    expect(itemAgreement(interactions, few)).toBeUndefined();
    expect(userAgreement(interactions, given(users), few)).toBeUndefined();
  });

  it("is not told from few interactions, nor without any", () => {
    const none = { ...interactions, indptr: new Uint32Array(301), indices: new Uint32Array() };
    for (const small of [randomSparse(random, 300, 40, 3), none]) {
      expect(agreements(small, users, items)).toEqual([undefined, undefined]);
    }
  });
});
