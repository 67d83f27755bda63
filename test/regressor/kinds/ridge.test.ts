/** Ridge in closed form: both forms against dense normal equations. */
import { describe, expect, it } from "vitest";
import { defaultBackend } from "../../../src/math/compute/backend.ts";
import type { Matrix } from "../../../src/math/matrix.ts";
import { createRandom } from "../../../src/math/random.ts";
import { solveRidge } from "../../../src/regressor/kinds/ridge/ridge-regression.ts";
import { largestDifference } from "../../helpers/comparisons.ts";
import { denseSolve, randomMatrix } from "../../helpers/matrices.ts";

const at = ({ values, columns }: Matrix, i: number, j: number) => values[i * columns + j];
const span = (n: number) => Array.from({ length: n }, (_, i) => i);
const sumOver = (n: number, term: (i: number) => number) => span(n).reduce((sum, i) => sum + term(i), 0);

/** (X'X + s I)^-1 X'Y, one output at a time: features x outputs. */
function primal(x: Matrix, y: Matrix, shift: number): number[] {
  const d = x.columns;
  const left = span(d * d).map((p) => {
    const [a, b] = [Math.floor(p / d), p % d];
    return sumOver(x.rows, (i) => at(x, i, a) * at(x, i, b)) + (a === b ? shift : 0);
  });
  const columns = span(y.columns).map((output) => {
    const right = span(d).map((a) => sumOver(x.rows, (i) => at(x, i, a) * at(y, i, output)));
    return denseSolve(left, right);
  });
  return span(d).flatMap((a) => columns.map((column) => column[a]));
}

/** X'(XX' + s I)^-1 Y. */
function dual(x: Matrix, y: Matrix, shift: number): number[] {
  const n = x.rows;
  const left = span(n * n).map((p) => {
    const [i, j] = [Math.floor(p / n), p % n];
    return sumOver(x.columns, (a) => at(x, i, a) * at(x, j, a)) + (i === j ? shift : 0);
  });
  const columns = span(y.columns).map((output) => {
    const right = span(n).map((i) => at(y, i, output));
    return denseSolve(left, right);
  });
  return span(x.columns).flatMap((a) => columns.map((column) => sumOver(n, (i) => at(x, i, a) * column[i])));
}

describe.each([
  ["more items than features", 30, 6],
  ["more features than items", 7, 24],
  ["as many features as items", 9, 9],
])("ridge with %s", (_case, rows, columns) => {
  it("solves the normal equations in their primal and in their dual form, for every shift", async () => {
    const random = createRandom(5);
    const x = randomMatrix(random, rows, columns);
    const y = randomMatrix(random, rows, 3);
    const shifts = [0.3, 20];
    const maps = await solveRidge(x, y, shifts, defaultBackend());
    for (const [s, shift] of shifts.entries()) {
      expect(largestDifference(maps[s].values, primal(x, y, shift))).toBeLessThan(2e-5);
      expect(largestDifference(maps[s].values, dual(x, y, shift))).toBeLessThan(2e-5);
    }
  });
});
