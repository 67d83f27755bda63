import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { defaultBackend } from "../../../src/math/compute/backend.ts";
import { buildGraph, hasGraphs, loadGraph } from "../../../src/math/compute/search/neighbour-graph.ts";
import { type Matrix, takeRows, zeros } from "../../../src/math/matrix.ts";
import { createRandom } from "../../../src/math/random.ts";
import { squaredNorms } from "../../../src/math/row-norms.ts";

const folder = mkdtempSync(join(tmpdir(), "tailrec-graph-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const vectors = clustered(4000, 32);

/** Vectors around forty centres, of many lengths. */
function clustered(rows: number, columns: number): Matrix {
  const random = createRandom(7);
  const centres = Array.from({ length: 40 }, () => Float64Array.from({ length: columns }, () => random.normal()));
  const matrix = zeros(rows, columns);
  for (let i = 0; i < rows; i++) {
    const [centre, length] = [centres[random.integer(40)], Math.exp(random.normal() / 2)];
    for (let d = 0; d < columns; d++) matrix.values[i * columns + d] = length * (centre[d] + 0.6 * random.normal());
  }
  return matrix;
}

describe.skipIf(!hasGraphs())("a graph of neighbours", () => {
  it.each([0, 0.4, 1])("proposes nearly all of the best ten by q.h / |h|^e, e = %s", async (normExponent) => {
    const graph = await buildGraph(vectors, normExponent);
    const queries = takeRows(
      vectors,
      Uint32Array.from({ length: 100 }, (_, i) => 40 * i),
    );
    const itemScale = Float32Array.from(squaredNorms(vectors), (square) => square ** (-normExponent / 2));
    const exact = await defaultBackend().topK({ queries, items: vectors, count: 10, itemScale });
    const near = graph.nearest(queries, 64);
    const found = near.map((rows, i) =>
      [...exact.items.subarray(10 * i, 10 * i + 10)].filter((row) => rows.includes(row)),
    );
    expect(found.flat().length / 1000).toBeGreaterThan(0.95);
    for (const rows of near) expect([...rows]).toEqual([...new Set(rows)].sort((a, b) => a - b));
  });

  it("is the same bytes for the same vectors, and the same graph when it is read", async () => {
    const files = [join(folder, "a"), join(folder, "b")];
    const few = { ...vectors, rows: 500, values: vectors.values.subarray(0, 500 * 32) };
    const graph = await buildGraph(few, 0);
    graph.save(files[0]);
    (await buildGraph(few, 0)).save(files[1]);
    expect(readFileSync(files[0]).equals(readFileSync(files[1]))).toBe(true);
    const [query] = [takeRows(few, [3])];
    const shape = { rows: 500, columns: 32, normExponent: 0 };
    expect(loadGraph(files[0], shape).nearest(query, 20)).toEqual(graph.nearest(query, 20));
    expect(() => loadGraph(files[0], { ...shape, rows: 501 })).toThrow("expected a graph of 501 rows, received 500");
  });
});
