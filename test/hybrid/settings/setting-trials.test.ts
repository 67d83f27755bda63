/** The rules that choose among the trials of one setting, on made figures. */
import { describe, expect, it } from "vitest";
import { bestCompromise, budgetLeft, fairestTail, furthest } from "../../../src/hybrid/settings/setting-trials.ts";

const trial = (value: number, cold: number, warm: number) => ({ value, cold, warm });

describe("the weight of the channel", () => {
  it("is the best mean of cold and warm figures, each as a share of its own best", () => {
    // Warm figures are ten times smaller; only as shares do they count.
    const trials = [trial(0, 0.5, 0.1), trial(0.4, 0.6, 0.095), trial(1.5, 0.8, 0.02)];
    expect(bestCompromise(trials)).toBe(0.4);
    expect(bestCompromise([...trials].reverse())).toBe(0.4);
  });

  it("is the first of equals, also when nothing was found", () => {
    expect(bestCompromise([trial(0.2, 0.3, 0.3), trial(0.4, 0.3, 0.3)])).toBe(0.2);
    expect(bestCompromise([trial(0, 0, 0), trial(0.4, 0, 0)])).toBe(0);
    expect(bestCompromise([trial(0, 0, 0.1), trial(0.4, 0, 0.2)])).toBe(0.4);
  });
});

describe("the calibration of cold items", () => {
  const trials = [trial(0, 0.5, 0.1), trial(0.25, 0.9, 0.0995), trial(0.5, 0.7, 0.0985), trial(1, 0.6, 0.05)];

  it("goes as far as the budget allows, whatever that does among cold items", () => {
    expect(furthest(trials, 0)).toBe(0);
    expect(furthest(trials, 0.01)).toBe(0.25);
    expect(furthest(trials, 0.02)).toBe(0.5);
    expect(furthest([...trials].reverse(), 1)).toBe(1);
  });

  it("takes its cost off the budget, and never more than all of it", () => {
    expect(budgetLeft(trials, 0.01, 0)).toBeCloseTo(0.01, 12);
    expect(budgetLeft(trials, 0.01, 0.25)).toBeCloseTo(0.005, 12);
    expect(budgetLeft(trials, 0.01, 1)).toBe(0);
    expect(budgetLeft([trial(0, 0, 0), trial(1, 0, 0)], 0.01, 1)).toBe(0.01);
  });
});

describe("the default of the dial", () => {
  const trials = [
    { tail: 0, ndcg: 0.1 },
    { tail: 0.4, ndcg: 0.0995 },
    { tail: 0.6, ndcg: 0.098 },
    { tail: 1, ndcg: 0.06 },
  ];

  it("is the largest exponent whose figure is within tolerance of the best", () => {
    expect(fairestTail(trials, 0)).toBe(0);
    expect(fairestTail(trials, 0.01)).toBe(0.4);
    expect(fairestTail(trials, 0.03)).toBe(0.6);
    expect(fairestTail(trials, 1)).toBe(1);
  });

  it("does not depend on the order of the trials, and takes the fairest of equals", () => {
    expect(fairestTail([...trials].reverse(), 0.01)).toBe(0.4);
    expect(
      fairestTail(
        trials.map(({ tail }) => ({ tail, ndcg: 0.5 })),
        0,
      ),
    ).toBe(1);
  });
});
