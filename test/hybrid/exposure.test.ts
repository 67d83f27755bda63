import { describe, expect, it } from "vitest";
import { createInteractions, itemSupport } from "../../src/data/interactions.ts";
import { type ExposureOptions, exposureOf } from "../../src/hybrid/exposure.ts";

/** Four users, three items: item 0 from the first day, item 1 from day 5 on, item 2 never met. */
const users = [0, 1, 2, 0, 3];
const items = [0, 0, 0, 1, 1];

function exposures(times: readonly number[] | undefined, exposureFrom: ExposureOptions["exposureFrom"], exposure = 1) {
  const data = { users, items, values: users.map(() => 1), times };
  const interactions = createInteractions(4, 3, data);
  return Array.from(exposureOf(interactions, itemSupport(interactions), { exposure, exposureFrom }));
}

describe("exposure", () => {
  it("is half at the support that the option names, and nothing for an item nobody met", () => {
    expect(exposures(undefined, "auto")).toEqual([3 / 4, 2 / 3, 0]);
    expect(exposures(undefined, "auto", 2)[1]).toBe(1 / 2);
  });

  it("counts the interactions since an item was first seen, its own among them", () => {
    const [old, recent] = exposures([1, 2, 3, 5, 9], "auto");
    expect(old).toBe(3 / 4);
    expect(recent).toBeCloseTo((2 / 3) * (2 / 5), 12);
    expect(exposures([1, 2, 3, 5, 9], "support")).toEqual([3 / 4, 2 / 3, 0]);
  });

  it("takes times at which most users begin for an order within users, unless told otherwise", () => {
    const positions = [0, 0, 0, 1, 0];
    expect(exposures(positions, "auto")).toEqual([3 / 4, 2 / 3, 0]);
    expect(exposures([0, 0, 0, 1, 1], "first-seen")[1]).toBeCloseTo((2 / 3) * (2 / 5), 12);
  });

  it("lets an item whose times are unknown count by its support", () => {
    expect(exposures([1, 2, 3, Number.NaN, Number.NaN], "first-seen")).toEqual([3 / 4, 2 / 3, 0]);
  });
});
