import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createInteractions } from "../../../src/data/interactions.ts";
import { splitWarmTail } from "../../../src/data/splits/split.ts";
import { createRandom } from "../../../src/math/random.ts";

function timedInteractions(seed: number) {
  const random = createRandom(seed);
  const draw = (n: number) => Array.from({ length: 200 }, () => random.integer(n));
  return createInteractions(20, 15, {
    users: draw(20),
    items: draw(15),
    values: draw(1).map(() => 1),
    times: draw(1000),
  });
}

describe("the global cut in time", () => {
  it("puts nothing after the cut into training, and nothing before it into the test", () => {
    fc.assert(
      fc.property(fc.nat(1e6), fc.double({ min: 0.05, max: 0.5, noNaN: true }), (seed, share) => {
        const whole = timedInteractions(seed);
        const { train, test, description } = splitWarmTail(whole, { kind: "time", share });
        const cutoff = Number(description.cutoff);
        expect(Math.max(...(train.times ?? []))).toBeLessThanOrEqual(cutoff);
        expect(Math.min(...(test.times ?? []))).toBeGreaterThan(cutoff);
        const kept = train.indices.length + test.indices.length;
        expect(kept + Number(description.withoutHistory)).toBe(whole.indices.length);
        expect(test.indices.length / whole.indices.length).toBeLessThanOrEqual(share + 0.01);
      }),
      { numRuns: 30 },
    );
  });

  it("asks nothing of users that nobody knew before the cut, and counts what that leaves out", () => {
    const whole = createInteractions(3, 4, {
      users: [0, 0, 1, 1, 2, 2],
      items: [0, 1, 1, 2, 2, 3],
      values: [1, 1, 1, 1, 1, 1],
      times: [1, 9, 2, 8, 10, 11],
    });
    const { test, description } = splitWarmTail(whole, { kind: "time", share: 0.6 });
    expect([...test.indptr]).toEqual([0, 1, 2, 2]);
    expect(description).toMatchObject({ order: "time", withoutHistory: 2, testUsers: 2 });
  });

  it("needs times, and somebody on both sides of the cut", () => {
    const { times: _, ...untimed } = timedInteractions(1);
    expect(() => splitWarmTail(untimed, { kind: "time" })).toThrow(/needs times/);
    const apart = createInteractions(2, 2, { users: [0, 1], items: [0, 1], values: [1, 1], times: [1, 2] });
    expect(() => splitWarmTail(apart, { kind: "time", share: 0.5 })).toThrow(/before and after the time 1/);
  });
});
