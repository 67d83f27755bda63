/** The statistics of experiments against integrals, resampling and simulated users. */
import { describe, expect, it } from "vitest";
import { createRandom } from "../../src/math/random.ts";
import { experimentSchema, hashShare, variantOf } from "../../src/traffic/experiment.ts";
import { chiSquareTail, normalCdf, normalQuantile, twoSidedP } from "../../src/traffic/normal.ts";
import { sampleSize, sequentialTest } from "../../src/traffic/sequential-test.ts";
import { teamDraft } from "../../src/traffic/team-draft.ts";
import { adjustedRatios, ratioOf, type UserSums } from "../../src/traffic/user-ratio.ts";

/** By Simpson's rule from far away. */
function integral(density: (x: number) => number, from: number, to: number): number {
  const steps = 20_000;
  const width = (to - from) / steps;
  let sum = density(from) + density(to);
  for (let i = 1; i < steps; i++) sum += (i % 2 === 1 ? 4 : 2) * density(from + i * width);
  return (sum * width) / 3;
}

const bell = (x: number) => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);

describe("distributions", () => {
  it("are the integrals of their densities", () => {
    for (const z of [-3.2, -1, 0, 0.3, 1.96, 4]) expect(normalCdf(z)).toBeCloseTo(integral(bell, -12, z), 6);
    for (const p of [0.001, 0.2, 0.5, 0.975]) expect(normalCdf(normalQuantile(p))).toBeCloseTo(p, 7);
    expect(twoSidedP(1.96)).toBeCloseTo(0.05, 3);
    // Two degrees: exp(-x / 2) / 2.
    for (const x of [0.5, 2, 6, 14]) expect(chiSquareTail(x, 2)).toBeCloseTo(Math.exp(-x / 2), 2);
    expect(chiSquareTail(3.841, 1)).toBeCloseTo(0.05, 3);
  });
});

/** Users of different habits: many lists and few, clicks that hang together within a user. */
function people(count: number, rate: number, seed: number, effect = 0): UserSums[] {
  const random = createRandom(seed);
  return Array.from({ length: count }, () => {
    const lists = 1 + Math.floor(12 * random.next() ** 2);
    const own = Math.min(1, Math.max(0, rate + 0.08 * random.normal()));
    const clicks = Array.from({ length: lists }, () => (random.next() < own + effect ? 1 : 0)).reduce(
      (sum, one) => sum + one,
      0 as number,
    );
    const before = Array.from({ length: 20 }, () => (random.next() < own ? 1 : 0)).reduce(
      (sum, one) => sum + one,
      0 as number,
    );
    return { x: clicks, y: lists, before };
  });
}

describe("a ratio over users", () => {
  it("has the variance that drawing users again and again has", () => {
    const users = people(800, 0.2, 1);
    const random = createRandom(2);
    const drawn = Array.from({ length: 2000 }, () => {
      let [x, y] = [0, 0];
      for (let u = 0; u < users.length; u++) {
        const user = users[Math.floor(random.next() * users.length)];
        x += user.x;
        y += user.y;
      }
      return x / y;
    });
    const centre = drawn.reduce((sum, value) => sum + value, 0) / drawn.length;
    const variance = drawn.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (drawn.length - 1);
    expect(ratioOf(users).variance / variance).toBeGreaterThan(0.9);
    expect(ratioOf(users).variance / variance).toBeLessThan(1.1);
  });

  it("with CUPED stays where it is on average and varies less", () => {
    const gaps: number[] = [];
    const plain: number[] = [];
    const shares: number[] = [];
    for (let seed = 0; seed < 200; seed++) {
      const [a, b] = [people(300, 0.2, 2 * seed), people(300, 0.2, 2 * seed + 1, 0.03)];
      const [first, second] = adjustedRatios(a, b);
      gaps.push(second.value - first.value);
      plain.push(ratioOf(b).value - ratioOf(a).value);
      shares.push(first.variance / ratioOf(a).variance);
    }
    const meanOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    const varianceOf = (values: readonly number[]) => meanOf(values.map((value) => (value - meanOf(values)) ** 2));
    expect(Math.abs(meanOf(gaps) - meanOf(plain))).toBeLessThan(0.002);
    expect(varianceOf(gaps)).toBeLessThan(0.95 * varianceOf(plain));
    expect(meanOf(shares)).toBeLessThan(0.95);
    const bare = people(5, 0.2, 9).map(({ x, y }) => ({ x, y }));
    expect(adjustedRatios(bare, bare)).toEqual([ratioOf(bare), ratioOf(bare)]);
  });
});

describe("the sequential test", () => {
  const LOOKS = 20;

  /** Whether any of twenty looks, or the last one alone, says that there is a difference. */
  function looked(effect: number, users: number, seed: number): { readonly any: boolean; readonly last: number } {
    const random = createRandom(seed);
    const sums = [0, 1].map(() => ({ n: 0, sum: 0, squares: 0 }));
    let [any, last] = [false, 1];
    for (let look = 1; look <= LOOKS; look++) {
      for (const [side, kept] of sums.entries()) {
        for (; kept.n < (look * users) / LOOKS; kept.n++) {
          const value = random.normal() + side * effect;
          kept.sum += value;
          kept.squares += value * value;
        }
      }
      const means = sums.map(({ n, sum }) => sum / n);
      const variance = sums.reduce((all, { n, squares }, side) => all + (squares / n - means[side] ** 2) / n, 0);
      last = sequentialTest(means[1] - means[0], variance, 0.2).p;
      any ||= last < 0.05;
    }
    return { any, last };
  }

  it("gives at most 5 % false alarms over 1,000 experiments without an effect, looked at twenty times each", () => {
    const alarms = Array.from({ length: 1000 }, (_, seed) => looked(0, 400, seed)).filter(({ any }) => any).length;
    // Three standard errors above 5 %.
    expect(alarms).toBeLessThanOrEqual(50 + 3 * Math.sqrt(1000 * 0.05 * 0.95));
  });

  it("finds an effect with fewer than twice the users of a test of one look", () => {
    const users = sampleSize(0.2, 1);
    expect(users).toBe(393);
    const found = Array.from({ length: 200 }, (_, seed) => looked(0.2, 2 * users, seed)).filter(
      ({ any }) => any,
    ).length;
    expect(found / 200).toBeGreaterThan(0.8);
  });

  it("has the computed power at the computed size for one look", () => {
    const users = sampleSize(0.2, 1, { power: 0.8 });
    const random = createRandom(5);
    let found = 0;
    for (let run = 0; run < 1000; run++) {
      let gap = 0;
      for (let u = 0; u < users; u++) gap += 0.2 + random.normal() - random.normal();
      found += twoSidedP(gap / users / Math.sqrt(2 / users)) < 0.05 ? 1 : 0;
    }
    expect(Math.abs(found / 1000 - 0.8)).toBeLessThan(0.04);
  });

  it("has an interval that leaves 0 out exactly where p is below 0.05", () => {
    for (const gap of [0.01, 0.05, 0.1, 0.2, 0.4]) {
      const { p, interval } = sequentialTest(gap, 0.003, 0.1);
      expect(interval[0] > 0).toBe(p < 0.05);
    }
    expect(sequentialTest(0.3, 0, 0.1).p).toBe(1);
  });
});

describe("assignment", () => {
  const experiment = (salt: string) =>
    experimentSchema.parse({
      name: "t",
      salt,
      variants: [
        { name: "a", share: 3 },
        { name: "b", share: 1 },
      ],
    });

  it("keeps a user's variant, keeps the shares, and does not repeat another experiment's halves", () => {
    const users = Array.from({ length: 8000 }, (_, u) => `user ${u}`);
    const [one, two] = ["x", "y"].map((salt) => users.map((user) => variantOf(experiment(salt), user).name));
    expect(users.map((user) => variantOf(experiment("x"), user).name)).toEqual(one);
    const share = one.filter((name) => name === "a").length / users.length;
    expect(Math.abs(share - 0.75)).toBeLessThan(0.015);
    const both = one.filter((name, u) => name === "a" && two[u] === "a").length / users.length;
    expect(Math.abs(both - 0.75 ** 2)).toBeLessThan(0.02);
  });
});

describe("team draft", () => {
  const ranking = (ids: string) => [...ids].map((id) => ({ id }));

  it("takes each team's best item that is left, no item twice, and teams differ by one at most", () => {
    const { items, teams } = teamDraft(ranking("abcdef"), ranking("bxayz"), 6, () => 0);
    expect(items.map(({ id }) => id).join("")).toBe("abcxdy");
    expect(teams.join("")).toBe("ababab");
    const second = teamDraft(ranking("abc"), ranking("bxa"), 4, () => 0.9);
    expect(second.items.map(({ id }) => id).join("")).toBe("baxc");
  });

  it("ends where both have no more", () => {
    expect(teamDraft(ranking("ab"), ranking("ba"), 9, () => 0).items).toHaveLength(2);
  });

  it("gives equal rankings equal chances at each place", () => {
    let first = 0;
    for (let n = 0; n < 4000; n++)
      first +=
        teamDraft(ranking("ab"), ranking("ab"), 1, (round) => hashShare(`r${n}`, String(round))).teams[0] === "a"
          ? 1
          : 0;
    expect(Math.abs(first / 4000 - 0.5)).toBeLessThan(0.03);
  });
});
