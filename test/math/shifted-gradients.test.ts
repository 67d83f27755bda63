/** Conjugate gradients for several shifts against dense solves. */
import { describe, expect, it } from "vitest";
import { defaultBackend } from "../../src/math/compute/backend.ts";
import { transpose } from "../../src/math/linear-map.ts";
import type { Matrix } from "../../src/math/matrix.ts";
import { createRandom } from "../../src/math/random.ts";
import { solveShiftedBy } from "../../src/math/shifted-gradients.ts";
import { largestDifference } from "../helpers/comparisons.ts";
import { denseSolve, randomMatrix } from "../helpers/matrices.ts";

const random = createRandom(2);
const n = 30;
const root = randomMatrix(random, n, 12);
const b = randomMatrix(random, n, 3);
const backend = defaultBackend();
const gram = await backend.multiplyTransposed(root, root);
const times = (v: Matrix) => backend.multiplyTransposed(gram, transpose(v));
const exactly = { iterations: 60, tolerance: 1e-6 };

function denseSolution(shift: number): number[] {
  const system = Array.from(gram.values, (value, p) => value + (p % (n + 1) === 0 ? shift : 0));
  const columns = [0, 1, 2].map((d) =>
    denseSolve(
      system,
      Array.from({ length: n }, (_, i) => b.values[i * 3 + d]),
    ),
  );
  return Array.from({ length: 3 * n }, (_, p) => columns[p % 3][Math.floor(p / 3)]);
}

describe("conjugate gradients for several shifts", () => {
  it("solve every system, in whatever order the shifts are given, by the products of one", async () => {
    const shifts = [3, 0.2, 40, 0.9];
    let products = 0;
    const counted = (v: Matrix) => {
      products++;
      return times(v);
    };
    const solutions = await solveShiftedBy(counted, b, shifts, exactly);
    for (const [s, shift] of shifts.entries()) {
      expect(largestDifference(solutions[s].values, denseSolution(shift))).toBeLessThan(2e-4);
    }
    expect(products).toBeLessThan(30);
  });

  it("give the same bits wherever a row lies among those that are taken four at a time", async () => {
    const solved = async (above: number) => {
      const [rows, at] = [n + above, (p: number) => p - above * 3];
      const shifted = Float32Array.from({ length: rows * 3 }, (_, p) => b.values[at(p)] ?? 0);
      const among = async (v: Matrix) => {
        const product = await times({ ...v, rows: n, values: v.values.slice(above * 3) });
        return { ...v, values: Float32Array.from({ length: rows * 3 }, (_, p) => product.values[at(p)] ?? 0) };
      };
      const solutions = await solveShiftedBy(among, { rows, columns: 3, values: shifted }, [0.2, 3], exactly);
      return solutions.map(({ values }) => values.slice(above * 3));
    };
    const first = await solved(0);
    for (const above of [1, 2, 3, 4]) expect(await solved(above)).toEqual(first);
  });

  it("give a column of zeros zeros, and stop where the tolerance is met", async () => {
    const values = b.values.map((value, p) => (p % 3 === 1 ? 0 : value));
    let products = 0;
    const counted = (v: Matrix) => {
      products++;
      return times(v);
    };
    const [solution] = await solveShiftedBy(counted, { ...b, values }, [1], { iterations: 60, tolerance: 0.1 });
    expect(solution.values.filter((_, p) => p % 3 === 1).every((value) => value === 0)).toBe(true);
    expect(products).toBeLessThan(14);
  });
});
