/** Features that grow, against a matrix that is put together anew. */
import { expect, it } from "vitest";
import { featureRow } from "../../../src/data/feature-matrix.ts";
import { rowOf } from "../../../src/math/matrix.ts";
import { createRandom } from "../../../src/math/random.ts";
import { createGrowingFeatures } from "../../../src/serving/live/growing-features.ts";
import { randomMatrix } from "../../helpers/matrices.ts";

it("features hold what was put last, and leave those they began with as they were", () => {
  const random = createRandom(6);
  const blocks = [{ name: "text", kind: "text", offset: 0, dimension: 4, weight: 1 }];
  const draw = (rows: number) => ({
    blocks,
    values: randomMatrix(random, rows, 4),
    presence: randomMatrix(random, rows, 1),
  });
  const base = draw(6);
  const before = structuredClone(base);
  const growing = createGrowingFeatures(base);
  const expected = Array.from({ length: 6 }, (_, row) => ({
    values: rowOf(base.values, row).slice(),
    presence: rowOf(base.presence, row).slice(),
  }));
  for (const row of [2, 6, 7, 2, 7]) {
    const others = draw(3);
    growing.put(row, others, 1);
    expected[row] = { values: rowOf(others.values, 1).slice(), presence: rowOf(others.presence, 1).slice() };
    const now = growing.view();
    expect(now.values.rows).toBe(expected.length);
    for (const [i, { values, presence }] of expected.entries()) {
      expect(featureRow(now, i)).toEqual(values);
      expect(rowOf(now.values, i)).toEqual(values);
      expect(rowOf(now.presence, i)).toEqual(presence);
    }
  }
  expect(base).toEqual(before);
});
