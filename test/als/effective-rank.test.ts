/** The rank that follows the data: few broad tastes, many narrow ones, and none. */
import { describe, expect, it } from "vitest";
import { fitAls } from "../../src/als/als.ts";
import { effectiveRank } from "../../src/als/effective-rank.ts";
import { itemSupport } from "../../src/data/interactions.ts";
import type { SparseMatrix } from "../../src/math/matrix.ts";
import { createRandom } from "../../src/math/random.ts";
import { sparseBuilder } from "../../src/math/sparse-builder.ts";

const [USERS, ITEMS, TAKEN] = [600, 700, 15];

/** Every user takes items of two of so many topics; a tenth is by chance. */
function tastes(topics: number): SparseMatrix {
  const random = createRandom(5);
  const builder = sparseBuilder(USERS);
  for (let user = 0; user < USERS; user++) {
    const own = [random.integer(topics), random.integer(topics)];
    const items = new Set<number>();
    for (let k = 0; k < TAKEN; k++) {
      const topic = random.next() < 0.1 ? random.integer(topics) : own[random.integer(2)];
      items.add(topic + topics * random.integer(Math.ceil((ITEMS - topic) / topics)));
    }
    for (const item of [...items].sort((a, b) => a - b)) builder.add(item, 1);
    builder.endRow();
  }
  return builder.build(ITEMS);
}

describe("the effective rank", () => {
  it("is high where tastes are many and narrow, the least where they are few", async () => {
    const besideContent = true;
    const narrow = await effectiveRank(tastes(250), { besideContent });
    expect(narrow).toBeGreaterThanOrEqual(96);
    expect(narrow).toBeLessThanOrEqual(256);
    expect(await effectiveRank(tastes(8), { besideContent })).toBe(64);
  });

  it("is higher where no content stands beside the factors, within the same bounds", async () => {
    const data = tastes(150);
    const [alone, beside] = [await effectiveRank(data), await effectiveRank(data, { besideContent: true })];
    expect(alone).toBeGreaterThan(1.5 * beside);
    expect(alone).toBeLessThanOrEqual(256);
    expect(await effectiveRank(tastes(4))).toBeGreaterThanOrEqual(64);
  });

  it("does not see weights, nor users and items without interactions", async () => {
    const plain = tastes(150);
    const besideContent = true;
    const found = await effectiveRank(plain, { besideContent });
    expect(found).toBeGreaterThan(64);
    expect(found).toBeLessThan(256);
    const weighted = { ...plain, values: plain.values.map((_, p) => 1 + (p % 7)) };
    expect(await effectiveRank(weighted, { besideContent })).toBe(found);
    const indptr = new Uint32Array(USERS + 100).fill(plain.indices.length);
    indptr.set(plain.indptr);
    const wider = { ...plain, rows: USERS + 99, columns: ITEMS + 50, indptr };
    expect(itemSupport(wider).at(-1)).toBe(0);
    expect(await effectiveRank(wider, { besideContent })).toBe(found);
  });

  it("is what ALS takes where the options name none", async () => {
    const data = tastes(150);
    const { itemFactors, options } = await fitAls(data, { iterations: 1 });
    expect([itemFactors.columns, options.rank]).toEqual(new Array(2).fill(await effectiveRank(data)));
    const next = await fitAls(
      data,
      { iterations: 1 },
      { start: { ...itemFactors, columns: 1, rows: ITEMS, values: itemFactors.values.slice(0, ITEMS) } },
    );
    expect(next.options.rank).toBe(1);
  });
});
