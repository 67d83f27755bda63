/** A launch as it happened: what is before the moment, what is after it, and which items are new. */
import { describe, expect, it } from "vitest";
import { createInteractions, itemSupport } from "../../../src/data/interactions.ts";
import { splitTimedLaunch } from "../../../src/data/splits/timed-launch.ts";

/** Users 0 and 1 take old items at times 0 to 15, item 8 comes at 15, item 9 at 16; user 2 comes at 17. */
const triplets = [
  ...Array.from({ length: 15 }, (_, time) => ({ user: time % 2, item: Math.floor(time / 2), time })),
  { user: 0, item: 8, time: 15 },
  { user: 0, item: 9, time: 16 },
  { user: 1, item: 8, time: 17 },
  { user: 1, item: 0, time: 18 },
  { user: 2, item: 9, time: 17 },
];
const world = (times: boolean) =>
  createInteractions(3, 11, {
    users: Uint32Array.from(triplets, ({ user }) => user),
    items: Uint32Array.from(triplets, ({ item }) => item),
    values: new Float32Array(triplets.length).fill(1),
    ...(times && { times: triplets.map(({ time }) => time) }),
  });

describe("a launch in time", () => {
  const split = splitTimedLaunch(world(true), 0.2, 1);

  it("asks for what comes after the moment, of users who were there before it", () => {
    expect(split.description).toMatchObject({ order: "time", cutoff: 15, withoutHistory: 1, testUsers: 2 });
    expect(Math.max(...(split.train.times ?? []))).toBe(15);
    expect([...(split.test.times ?? [])].sort()).toEqual([16, 17, 18].slice(0, split.test.indices.length));
    expect(split.train.indices.length + split.heldBack.indices.length).toBe(world(true).indices.length);
  });

  it("launches items that are first seen after the moment with nothing, and those just before it with what they have", () => {
    const support = itemSupport(split.train);
    expect([...split.launched]).toEqual([7, 8, 9]);
    expect([...split.coldItems]).toEqual([9]);
    expect([split.revealed[8], support[8], split.revealed[9], split.revealed[0], split.revealed[10]]).toEqual([
      1, 1, 0, -1, -1,
    ]);
  });

  it("needs times", () => {
    expect(() => splitTimedLaunch(world(false), 0.2, 1)).toThrow(/needs times/);
  });
});
