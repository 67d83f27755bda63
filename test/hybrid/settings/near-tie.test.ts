/** The choice among measured settings: noise is told from gain by pairs of users. */
import { describe, expect, it } from "vitest";
import { chooseTrial, isNearTie } from "../../../src/hybrid/settings/near-tie.ts";
import { createRandom } from "../../../src/math/random.ts";

const users = 400;
const q = 0.2;
const mean = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** A trial whose users score `known` and `launched` in mean, exactly, each of them off by noise of its own. */
function trial(name: string, known: number, launched: number, noise: number, seed: number) {
  const random = createRandom(seed);
  const values = (level: number) => {
    const drawn = Float64Array.from({ length: users }, () => noise * random.normal());
    const centre = mean(drawn);
    return drawn.map((value) => level + value - centre);
  };
  const byUser = { known: values(known), launched: values(launched) };
  const parts = { known: mean(byUser.known), launched: mean(byUser.launched) };
  return { name, figures: { ...parts, objective: (1 - q) * parts.known + q * parts.launched, byUser } };
}

describe("chooseTrial", () => {
  it("takes the best where the others are clearly worse", () => {
    const trials = [trial("a", 0.3, 0.1, 0.01, 1), trial("b", 0.31, 0.1, 0.01, 2), trial("c", 0.28, 0.15, 0.01, 3)];
    expect(chooseTrial(trials, q).name).toBe("b");
  });

  it("takes a near-tie that clearly shows more of new items", () => {
    const trials = [trial("best", 0.3, 0.1, 0.1, 1), trial("fair", 0.294, 0.12, 0.1, 2)];
    expect(trials[0].figures.objective).toBeGreaterThan(trials[1].figures.objective);
    expect(chooseTrial(trials, q).name).toBe("fair");
  });

  it("stays with the best where known items would pay for it", () => {
    const [best, dear] = [trial("best", 0.3, 0.1, 0.1, 1), trial("dear", 0.285, 0.155, 0.1, 2)];
    expect(best.figures.objective - dear.figures.objective).toBeCloseTo(0.001, 6);
    expect(isNearTie(best, dear, q)).toBe(false);
    expect(chooseTrial([best, dear], q).name).toBe("best");
  });

  it("stays with the best where more of new items is within noise too", () => {
    const trials = [trial("best", 0.305, 0.1, 0.1, 1), trial("alike", 0.3, 0.103, 0.1, 4)];
    expect(trials[1].figures.launched).toBeGreaterThan(trials[0].figures.launched);
    expect(chooseTrial(trials, q).name).toBe("best");
  });

  it("looks at one part alone where nobody is asked for the other", () => {
    const withoutNew = (name: string, known: number, seed: number) => {
      const { figures } = trial(name, known, 0, 0.01, seed);
      const byUser = { known: figures.byUser.known, launched: new Float64Array(users).fill(Number.NaN) };
      return { name, figures: { known: figures.known, launched: 0, objective: figures.known, byUser } };
    };
    expect(chooseTrial([withoutNew("a", 0.2, 1), withoutNew("b", 0.3, 2)], q).name).toBe("b");
  });

  it("takes the first of equals", () => {
    const one = trial("first", 0.3, 0.1, 0.1, 1);
    expect(chooseTrial([one, { ...one, name: "second" }], q).name).toBe("first");
  });
});
