/** New items: unseen ones, and those first seen among the latest tenth of the interactions. */
import { describe, expect, it } from "vitest";
import { createInteractions } from "../../src/data/interactions.ts";
import { newItemFlags } from "../../src/data/recent-items.ts";

/** Twenty users in a row of time; `items[t]` is what is taken at time t. */
function taken(items: readonly number[], timeOf?: (t: number) => number) {
  return createInteractions(20, 6, {
    users: items.map((_, t) => t),
    items,
    values: items.map(() => 1),
    ...(timeOf && { times: items.map((_, t) => timeOf(t)) }),
  });
}

const items = [0, 0, 1, 1, 0, 1, 0, 1, 2, 0, 1, 0, 1, 0, 2, 0, 1, 0, 3, 4];

describe("new items", () => {
  it("were first seen in the latest tenth, or never", () => {
    expect([...newItemFlags(taken(items, (t) => t))]).toEqual([0, 0, 0, 1, 1, 1]);
  });

  it("are those that nobody has met where there are no times", () => {
    expect([...newItemFlags(taken(items))]).toEqual([0, 0, 0, 0, 0, 1]);
  });

  it("are none that somebody met at an unknown time", () => {
    expect([...newItemFlags(taken([...items.slice(0, -1), 3], (t) => (t === 19 ? Number.NaN : t)))]).toEqual([
      0, 0, 0, 0, 1, 1,
    ]);
  });
});
