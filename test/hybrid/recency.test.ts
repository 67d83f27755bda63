/** Weights by recency: places in time, ties, and totals. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createInteractions } from "../../src/data/interactions.ts";
import { weighByRecency } from "../../src/hybrid/recency.ts";

const one = (times: readonly number[], values: readonly number[] = times.map(() => 1)) =>
  createInteractions(1, times.length, { users: times.map(() => 0), items: times.map((_, i) => i), values, times });

describe("weighByRecency", () => {
  it("halves the weight with every later interaction at decay .5, and keeps the total", () => {
    const { values } = weighByRecency(one([30, 10, 20]), 0.5);
    const share = 3 / (1 + 0.5 + 0.25);
    [share, 0.25 * share, 0.5 * share].forEach((expected, p) => {
      expect(values[p]).toBeCloseTo(expected, 6);
    });
  });

  it("weighs interactions of one moment alike, and unknown times as the earliest", () => {
    const { values } = weighByRecency(one([20, 20, Number.NaN, 10]), 0.5);
    expect(values[0]).toBe(values[1]);
    expect(values[3] / values[0]).toBeCloseTo(0.25, 6);
    expect(values[2] / values[0]).toBeCloseTo(0.125, 6);
  });

  it("changes nothing without decay or without times, and never the given interactions", () => {
    const timed = one([1, 2, 3]);
    const before = timed.values.slice();
    const { times: _, ...timeless } = timed;
    expect(weighByRecency(timed, 0)).toBe(timed);
    expect(weighByRecency(timeless, 0.5)).toBe(timeless);
    weighByRecency(timed, 0.5);
    expect(timed.values).toEqual(before);
  });

  it("gives every interaction a positive weight, never more to the earlier of equal ones, and every user the same total", () => {
    const event = fc.tuple(fc.nat(3), fc.nat(400), fc.integer({ min: 1, max: 5 }), fc.nat(20));
    fc.assert(
      fc.property(
        fc.array(event, { minLength: 1, maxLength: 300 }),
        fc.double({ min: 0, max: 0.99, noNaN: true }),
        (events, decay) => {
          const column = (c: 0 | 1 | 2 | 3) => events.map((e) => e[c]);
          const timed = createInteractions(4, 401, {
            users: column(0),
            items: column(1),
            values: column(2),
            times: column(3),
          });
          const { values } = weighByRecency(timed, decay);
          for (let user = 0; user < 4; user++) {
            const [begin, end] = [timed.indptr[user], timed.indptr[user + 1]];
            const sum = (of: Float32Array) => of.subarray(begin, end).reduce((total, value) => total + value, 0);
            expect(sum(values)).toBeCloseTo(sum(timed.values), 3);
            for (let p = begin; p < end; p++) {
              expect(values[p]).toBeGreaterThan(0);
              for (let q = begin; q < end; q++) {
                if ((timed.times?.[p] ?? 0) > (timed.times?.[q] ?? 0) && timed.values[p] >= timed.values[q]) {
                  expect(values[p]).toBeGreaterThanOrEqual(values[q]);
                }
              }
            }
          }
        },
      ),
      { numRuns: 50 },
    );
  });
});
