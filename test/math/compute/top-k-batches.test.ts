import { describe, expect, it } from "vitest";
import type { ComputeBackend, TopKRequest } from "../../../src/math/compute/compute-backend.ts";
import { createReferenceBackend } from "../../../src/math/compute/reference/reference-backend.ts";
import { topKTogether } from "../../../src/math/compute/search/top-k-batches.ts";
import { createRandom } from "../../../src/math/random.ts";

const random = createRandom(3);
const matrix = (rows: number, columns: number) => ({
  rows,
  columns,
  values: Float32Array.from({ length: rows * columns }, () => random.normal()),
});
const items = matrix(60, 6);
const scale = Float32Array.from({ length: 60 }, () => random.next());

function request(n: number): TopKRequest {
  const indices = Uint32Array.from([...new Set([random.integer(60), random.integer(60)])].sort((a, b) => a - b));
  const exclude = {
    rows: 1,
    columns: 60,
    indptr: Uint32Array.of(0, indices.length),
    indices,
    values: new Float32Array(indices.length).fill(1),
  };
  return {
    items,
    queries: matrix(1, 6),
    count: 1 + (n % 7),
    ...(n % 3 > 0 && { exclude }),
    ...(n % 2 > 0 && { itemScale: scale }),
  };
}

function counted(): { readonly backend: ComputeBackend; readonly passes: number[] } {
  const reference = createReferenceBackend();
  const passes: number[] = [];
  const topK: ComputeBackend["topK"] = (asked) => {
    passes.push(asked.queries.rows);
    return reference.topK(asked);
  };
  return { backend: { ...reference, topK }, passes };
}

describe("searches that go together", () => {
  it("find what each finds alone, in fewer passes", async () => {
    const { backend, passes } = counted();
    const requests = Array.from({ length: 40 }, (_, n) => request(n));
    const together = await Promise.all(requests.map((one) => topKTogether(backend, one)));
    const joinedPasses = passes.length;
    const alone = [];
    for (const one of requests) alone.push(await backend.topK(one));
    expect(together).toEqual(alone);
    expect(joinedPasses).toBeLessThan(6);
  });

  it("do not fail by a neighbour that is unsound", async () => {
    const { backend } = counted();
    const [first, unsound, third] = [
      request(0),
      { ...request(0), queries: { rows: 1, columns: 6, values: new Float32Array(5) } },
      request(0),
    ];
    const settled = await Promise.allSettled([first, unsound, third].map((one) => topKTogether(backend, one)));
    expect(settled.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  });
});
