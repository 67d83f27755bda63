import { describe, expect, it } from "vitest";
import { applyProjection, fitProjection } from "../../../src/features/blocks/projection.ts";
import { type Matrix, rowOf } from "../../../src/math/matrix.ts";
import { createRandom } from "../../../src/math/random.ts";
import { randomMatrix } from "../../helpers/matrices.ts";

const present = (rows: number): Uint8Array => new Uint8Array(rows).fill(1);

/** Points of a plane in ten dimensions, away from the origin. */
function planePoints(rows: number): Matrix {
  const [u, v, offset] = [1, 2, 3].map((seed) => randomMatrix(createRandom(seed), 1, 10).values);
  const random = createRandom(4);
  const values = new Float32Array(rows * 10);
  for (let i = 0; i < rows; i++) {
    const [a, b] = [random.normal(), random.normal()];
    for (let j = 0; j < 10; j++) values[i * 10 + j] = 5 * offset[j] + a * u[j] + b * v[j];
  }
  return { rows, columns: 10, values };
}

const distance = (m: Matrix, i: number, j: number): number =>
  Math.hypot(...rowOf(m, i).map((value, p) => value - rowOf(m, j)[p]));

describe("projection of a block", () => {
  it("keeps all distances of points that lie in a plane, and centres them", async () => {
    const block = { vectors: planePoints(50), presence: present(50) };
    const projection = await fitProjection(block, [...block.presence.keys()], { components: 2, whitening: 0 });
    const { vectors } = await applyProjection(projection!, block);
    expect(vectors.columns).toBe(2);
    for (let i = 1; i < 50; i++) expect(distance(vectors, 0, i)).toBeCloseTo(distance(block.vectors, 0, i), 3);
    const sums = [0, 1].map((j) =>
      Array.from({ length: 50 }, (_, i) => vectors.values[2 * i + j]).reduce((a, b) => a + b),
    );
    for (const sum of sums) expect(sum).toBeCloseTo(0, 2);
  });

  it("learns from training rows that have the block alone, and leaves missing rows zero", async () => {
    const vectors = planePoints(20);
    const presence = present(20);
    presence[3] = 0;
    const rows = [0, 1, 2, 3, 4, 5, 6, 7];
    const fitted = await fitProjection({ vectors, presence }, rows, { components: 2, whitening: 0 });
    const altered = { ...vectors, values: vectors.values.slice() };
    for (const row of [3, 12]) rowOf(altered, row).fill(100);
    expect(await fitProjection({ vectors: altered, presence }, rows, { components: 2, whitening: 0 })).toEqual(fitted);
    expect(Array.from(rowOf((await applyProjection(fitted!, { vectors, presence })).vectors, 3))).toEqual([0, 0]);
  });

  it("leaves a block alone that has no more columns than asked for, or that no training row has", async () => {
    const vectors = planePoints(5);
    expect(
      await fitProjection({ vectors, presence: present(5) }, [0, 1, 2], { components: 10, whitening: 0 }),
    ).toBeNull();
    expect(
      await fitProjection({ vectors, presence: new Uint8Array(5) }, [0, 1, 2], { components: 2, whitening: 0 }),
    ).toBeNull();
  });

  it("brings its axes to equal variance when whitened, and half of the way at one half", async () => {
    const random = createRandom(5);
    const scales = [8, 2, 0.5];
    const values = Float32Array.from({ length: 300 }, (_, i) => scales[i % 3] * random.normal());
    const block = { vectors: { rows: 100, columns: 3, values }, presence: present(100) };
    const deviations = async (whitening: number): Promise<number[]> => {
      const projection = await fitProjection(block, [...block.presence.keys()], { components: null, whitening });
      const { vectors } = await applyProjection(projection!, block);
      return [0, 1, 2].map((j) => Math.hypot(...Array.from(block.presence, (_, row) => vectors.values[3 * row + j])));
    };
    const [plain, half, full] = [await deviations(1e-9), await deviations(0.5), await deviations(1)];
    for (const j of [1, 2]) {
      expect(full[j] / full[0]).toBeCloseTo(1, 3);
      expect(half[j] / half[0]).toBeCloseTo(Math.sqrt(plain[j] / plain[0]), 3);
    }
  });
});
