import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createInteractions, type Interactions, itemSupport } from "../../../src/data/interactions.ts";
import { splitWarmUp, type WarmUpOptions } from "../../../src/data/splits/warm-up-split.ts";
import { makeWorld } from "../../helpers/world.ts";

const { interactions } = makeWorld(5, { users: 120, items: 30, perUser: 8 });
const options: WarmUpOptions = { reveal: [0, 1, 3, 10], targets: 5, minimumItems: 8, share: 0.5 };

describe("splitWarmUp", () => {
  it("shows training exactly n interactions of every warm-up item, and all of the others", () => {
    const { levels, items } = splitWarmUp(interactions, options);
    const whole = itemSupport(interactions);
    expect(levels.map(({ revealed }) => revealed)).toEqual([0, 1, 3, 10]);
    for (const { revealed, train } of levels) {
      const expected = Array.from(whole, (count, item) => (items.includes(item) ? revealed : count));
      expect(Array.from(itemSupport(train))).toEqual(expected);
    }
  });

  it("nests the levels and keeps every target out of all of them, whatever the seed", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e6 }), (seed) => {
        const { levels, test } = splitWarmUp(interactions, { ...options, seed });
        const [whole, targets] = [entriesOf(interactions), entriesOf(test)];
        let earlier = new Set<string>();
        for (const { train } of levels) {
          const shown = entriesOf(train);
          expect([...earlier].filter((entry) => !shown.has(entry))).toEqual([]);
          expect([...targets].filter((entry) => shown.has(entry))).toEqual([]);
          earlier = shown;
        }
        expect([...targets, ...earlier].filter((entry) => !whole.has(entry))).toEqual([]);
      }),
      { numRuns: 20 },
    );
  });

  it("holds out at least `targets` interactions of every warm-up item, all of its items being such", () => {
    const { test, items } = splitWarmUp(interactions, options);
    const held = itemSupport(test);
    for (const [item, count] of held.entries()) {
      if (items.includes(item)) expect(count).toBeGreaterThanOrEqual(5);
      else expect(count).toBe(0);
    }
  });

  it("leaves out levels that too few items can reach, and names them", () => {
    const { levels, unreached } = splitWarmUp(interactions, { ...options, reveal: [500, 0, 3, 100, 3] });
    expect(levels.map(({ revealed }) => revealed)).toEqual([0, 3]);
    expect(unreached).toEqual([100, 500]);
  });

  it("is the same for the same seed, and another for another", () => {
    expect(splitWarmUp(interactions, options)).toEqual(splitWarmUp(interactions, options));
    expect(splitWarmUp(interactions, { ...options, seed: 2 }).items).not.toEqual(
      splitWarmUp(interactions, options).items,
    );
  });

  it("does not ask for users who would be unknown at n = 0, and counts what that costs", () => {
    // Users 0-5 know both items, users 6-8 item 0 alone.
    const users = [0, 1, 2, 3, 4, 5, 6, 7, 8, 0, 1, 2, 3, 4, 5];
    const items = [0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1];
    const pairs = createInteractions(9, 2, { users, items, values: users.map(() => 1) });
    const wanted = { reveal: [0], targets: 6, minimumItems: 2, share: 0.5 };
    const seed = [1, 2, 3, 4, 5, 6, 7, 8].find((s) => splitWarmUp(pairs, { ...wanted, seed: s }).items[0] === 0);
    const { test, description } = splitWarmUp(pairs, { ...wanted, seed });
    expect([...entriesOf(test)]).toEqual(["0 0", "1 0", "2 0", "3 0", "4 0", "5 0"]);
    expect(description).toMatchObject({ warmUpItems: 1, testInteractions: 6, targetsWithoutHistory: 3 });
  });

  it("says how many items would be needed when there are too few", () => {
    expect(() => splitWarmUp(interactions, { minimumItems: 31 })).toThrow(
      /expected at least 31 items with 10 or more interactions, received \d+; lower minimumItems or targets/,
    );
    expect(() => splitWarmUp(interactions, { ...options, minimumItems: 8, share: 1, reveal: [0], targets: 1 })).toThrow(
      "lower the share",
    );
  });
});

function entriesOf({ rows, indptr, indices }: Interactions): Set<string> {
  const entries = new Set<string>();
  for (let u = 0; u < rows; u++) for (let p = indptr[u]; p < indptr[u + 1]; p++) entries.add(`${u} ${indices[p]}`);
  return entries;
}
