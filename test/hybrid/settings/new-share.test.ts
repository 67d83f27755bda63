/** The share of what comes next that goes to new items, counted by hand. */
import { describe, expect, it } from "vitest";
import { createInteractions } from "../../../src/data/interactions.ts";
import { newShareOf } from "../../../src/hybrid/settings/new-share.ts";

/** Twenty users, one interaction each at times 0 to 19; `items` names the items in that order. */
function timeline(items: readonly number[], timeOf: (user: number) => number = (user) => user) {
  const users = items.map((_, user) => user);
  return createInteractions(items.length, 30, {
    users,
    items,
    values: users.map(() => 1),
    times: users.map(timeOf),
  });
}

const old = Array.from({ length: 18 }, (_, i) => i % 5);

describe("newShareOf", () => {
  it("is the share of the last tenth that goes to items first seen in it", () => {
    expect(newShareOf(timeline([...old, 20, 1]))).toBe(0.5);
    expect(newShareOf(timeline([...old, 20, 20]))).toBe(1);
    expect(newShareOf(timeline([...old, 2, 1]))).toBe(0);
  });

  it("is unknown without times, and where most of them are unknown", () => {
    const { times: _, ...timeless } = timeline([...old, 20, 1]);
    expect(newShareOf(timeless)).toBeUndefined();
    expect(newShareOf(timeline([...old, 20, 1], (user) => (user < 15 ? Number.NaN : user)))).toBeUndefined();
  });

  it("is unknown where times are positions in each user's history", () => {
    expect(newShareOf(timeline([...old, 20, 1], () => 0))).toBeUndefined();
  });
});
