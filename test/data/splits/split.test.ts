import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createInteractions, type Interactions, itemSupport } from "../../../src/data/interactions.ts";
import { hideItems, type Split, splitColdItems, splitWarmTail } from "../../../src/data/splits/split.ts";
import { TailrecError } from "../../../src/errors.ts";
import { createRandom } from "../../../src/math/random.ts";

/** `count` random triplets over 30 users and 20 items; times within 0..9, so that ties occur. */
function randomInteractions(seed: number, count: number, timed = true): Interactions {
  const random = createRandom(seed);
  const draw = (n: number) => Array.from({ length: count }, () => random.integer(n));
  const triplets = { users: draw(30), items: draw(20), values: draw(5).map((n) => n + 1) };
  return createInteractions(30, 20, timed ? { ...triplets, times: draw(10) } : triplets);
}

function entriesOf({ rows, indptr, indices, values, times }: Interactions): string[] {
  const entries: string[] = [];
  for (let u = 0; u < rows; u++) {
    for (let p = indptr[u]; p < indptr[u + 1]; p++) entries.push(`${u} ${indices[p]} ${values[p]} ${times?.[p]}`);
  }
  return entries;
}

function expectPartition(whole: Interactions, { train, test }: Split): void {
  for (const part of [train, test]) expect([part.rows, part.columns]).toEqual([whole.rows, whole.columns]);
  expect([...entriesOf(train), ...entriesOf(test)].sort()).toEqual(entriesOf(whole).sort());
}

const seeds = fc.integer({ min: 0, max: 1e6 });

describe("every split", () => {
  it("parts the interactions exactly: none lost, none twice", () => {
    fc.assert(
      fc.property(seeds, fc.boolean(), fc.constantFrom(null, 0.3), (seed, timed, share) => {
        const whole = randomInteractions(seed, 200, timed);
        expectPartition(whole, splitColdItems(whole, { seed }));
        expectPartition(whole, splitWarmTail(whole, { seed, share, count: 2 }));
        expectPartition(whole, splitWarmTail(whole, { kind: "random", seed, share }));
        expectPartition(whole, hideItems(whole, [0, 3, 3]));
      }),
      { numRuns: 40 },
    );
  });

  it("is the same for the same seed and another for another", () => {
    const whole = randomInteractions(1, 300);
    for (const split of [splitColdItems, splitWarmTail]) {
      expect(split(whole, { seed: 5 })).toEqual(split(whole, { seed: 5 }));
      expect(split(whole, { seed: 5 })).not.toEqual(split(whole, { seed: 6 }));
    }
  });

  it("describes itself in plain JSON", () => {
    const whole = randomInteractions(1, 300);
    const { description, train, test } = splitColdItems(whole, { seed: 3 });
    expect(JSON.parse(JSON.stringify(description))).toEqual(description);
    expect(description).toMatchObject({ kind: "cold-items", seed: 3, share: 0.2, coldItems: 4 });
    expect(description.trainInteractions).toBe(train.indices.length);
    expect(description.testInteractions).toBe(test.indices.length);
    expect(splitWarmTail(whole).description).toMatchObject({
      kind: "warm-tail",
      order: "latest",
      count: 1,
      testUsers: 30,
    });
  });
});

describe("splitColdItems", () => {
  it("hides all interactions of the share of items that had any", () => {
    const whole = randomInteractions(2, 300);
    const { train, test, coldItems } = splitColdItems(whole, { share: 0.25 });
    expect(coldItems.length).toBe(5);
    const trainSupport = itemSupport(train);
    const testSupport = itemSupport(test);
    for (let item = 0; item < 20; item++) {
      expect(coldItems.includes(item) ? trainSupport[item] : testSupport[item]).toBe(0);
    }
  });

  it("spares items below the minimum support", () => {
    const whole = createInteractions(3, 4, {
      users: [0, 1, 2, 0, 1, 0],
      items: [0, 0, 0, 1, 1, 2],
      values: [1, 1, 1, 1, 1, 1],
    });
    for (let seed = 0; seed < 20; seed++) {
      const { coldItems } = splitColdItems(whole, { seed, share: 0.5, minimumSupport: 2 });
      expect([[0], [1]]).toContainEqual([...coldItems]);
    }
    expect(() => splitColdItems(whole, { minimumSupport: 3 })).toThrow("at least 2 items");
  });

  it("hides given items in ascending order and refuses ones out of range", () => {
    const whole = randomInteractions(2, 300);
    expect([...hideItems(whole, [7, 2, 7]).coldItems]).toEqual([2, 7]);
    expect(() => hideItems(whole, [20])).toThrow(TailrecError);
  });
});

describe("splitWarmTail", () => {
  it("holds out the latest of each user, and leaves at least one", () => {
    const whole = randomInteractions(3, 150);
    const { train, test } = splitWarmTail(whole, { kind: "latest", count: 3 });
    for (let u = 0; u < 30; u++) {
      const kept = train.times?.subarray(train.indptr[u], train.indptr[u + 1]) ?? new Float64Array(0);
      const held = test.times?.subarray(test.indptr[u], test.indptr[u + 1]) ?? new Float64Array(0);
      const size = kept.length + held.length;
      expect(held.length).toBe(size < 2 ? 0 : Math.min(3, size - 1));
      if (held.length > 0) expect(Math.min(...held)).toBeGreaterThanOrEqual(Math.max(...kept));
    }
  });

  it("takes unknown times for the earliest", () => {
    const times = [Number.NaN, 5, Number.NaN];
    const whole = createInteractions(1, 3, { users: [0, 0, 0], items: [0, 1, 2], values: [1, 1, 1], times });
    for (let seed = 0; seed < 10; seed++) expect([...splitWarmTail(whole, { seed }).test.indices]).toEqual([1]);
  });

  it("does not favour any item among equal times", () => {
    const whole = createInteractions(1, 2, { users: [0, 0], items: [0, 1], values: [1, 1], times: [5, 5] });
    const held = Array.from({ length: 200 }, (_, seed) => splitWarmTail(whole, { seed }).test.indices[0]);
    const ones = held.filter((item) => item === 1).length;
    expect(ones).toBeGreaterThan(60);
    expect(ones).toBeLessThan(140);
  });

  it("holds out a share of each user's, at least one", () => {
    const users = [...Array(10).fill(0), 1, 1, 2];
    const items = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 0];
    const whole = createInteractions(3, 10, { users, items, values: items.map(() => 1) });
    const { test } = splitWarmTail(whole, { share: 0.3 });
    expect([...test.indptr]).toEqual([0, 3, 4, 4]);
    expect(splitWarmTail(whole, { share: 0.3 }).description).toMatchObject({
      order: "random",
      share: 0.3,
      count: null,
    });
  });

  it("refuses latest without times, and users with one interaction each", () => {
    const whole = createInteractions(2, 2, { users: [0, 1], items: [0, 1], values: [1, 1] });
    expect(() => splitWarmTail(whole, { kind: "latest" })).toThrow("needs times");
    expect(() => splitWarmTail(whole)).toThrow("at least 2 interactions");
  });
});
