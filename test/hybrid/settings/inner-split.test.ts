/** The inner split on which settings are chosen: it must not leak, and it must be the same every time. */
import { describe, expect, it } from "vitest";
import { type Interactions, itemSupport } from "../../../src/data/interactions.ts";
import { embeddingOptionsSchema } from "../../../src/hybrid/embedding-options.ts";
import { splitValidation } from "../../../src/hybrid/settings/inner-split.ts";
import { coldNdcg, overallNdcg, type Panel } from "../../../src/hybrid/settings/panel.ts";
import type { SparseMatrix } from "../../../src/math/matrix.ts";
import { makeWorld } from "../../helpers/world.ts";

const { interactions } = makeWorld(3, { users: 120, items: 90, perUser: 6 });
const split = (
  validation: { users?: number; seed?: number; itemShare?: number } = {},
  data: Interactions = interactions,
) => splitValidation(data, embeddingOptionsSchema.parse({ validation }));

/** "user item" of every entry; `users` names the rows. */
function pairs(
  matrix: SparseMatrix,
  users: ArrayLike<number> = Array.from({ length: matrix.rows }, (_, u) => u),
): string[] {
  return Array.from({ length: matrix.rows }, (_, row) =>
    Array.from(matrix.indices.subarray(matrix.indptr[row], matrix.indptr[row + 1]), (item) => `${users[row]} ${item}`),
  ).flat();
}

const testPairs = ({ test, users }: Panel) => pairs(test, users);

describe("the validation split", () => {
  const { train, cold, warm } = split();
  const support = itemSupport(train);

  it("hides a share of the items from training altogether: no target of the cold panel has support", () => {
    const hidden = new Set(cold.test.indices);
    const taken = itemSupport(interactions).filter((count) => count > 0).length;
    expect(hidden.size / taken).toBeGreaterThan(0.15);
    expect(hidden.size / taken).toBeLessThan(0.25);
    for (const item of hidden) expect(support[item]).toBe(0);
  });

  it("holds out of the warm panel only items that training knows", () => {
    expect(warm.test.indices.length).toBeGreaterThan(50);
    for (const item of warm.test.indices) expect(support[item]).toBeGreaterThan(0);
  });

  it("keeps targets apart from training and the panels apart from each other, all out of the given interactions", () => {
    const [all, trained] = [new Set(pairs(interactions)), new Set(pairs(train))];
    const targets = [...testPairs(cold), ...testPairs(warm)];
    expect(new Set(targets).size).toBe(targets.length);
    for (const pair of targets) expect([all.has(pair), trained.has(pair)]).toEqual([true, false]);
    for (const pair of trained) expect(all.has(pair)).toBe(true);
  });

  it("gives every panel the training rows of its own users, all of whom have a target", () => {
    for (const panel of [cold, warm]) {
      expect([...panel.users]).toEqual([...panel.users].sort((a, b) => a - b));
      const own = new Set(pairs(panel.train, panel.users));
      expect([...own].sort()).toEqual(
        pairs(train)
          .filter((pair) => panel.users.includes(Number(pair.split(" ")[0])))
          .sort(),
      );
      for (let row = 0; row < panel.users.length; row++) {
        expect(panel.test.indptr[row + 1]).toBeGreaterThan(panel.test.indptr[row]);
      }
    }
  });

  it("asks of hidden items, too, what a user took next, where it asks that of warm ones", () => {
    const times = Float64Array.from(interactions.indices, (_, p) => (p * 7919) % 1000);
    const timed = { ...interactions, times };
    const timeOf = new Map(pairs(interactions).map((pair, p) => [pair, times[p]]));
    const inOrder = splitValidation(timed, embeddingOptionsSchema.parse({}));
    const latest = new Map<number, number>();
    for (const pair of pairs(inOrder.train)) {
      const user = Number(pair.split(" ")[0]);
      latest.set(user, Math.max(latest.get(user) ?? -1, timeOf.get(pair) ?? 0));
    }
    const later = testPairs(inOrder.cold);
    for (const pair of later) expect(timeOf.get(pair)).toBeGreaterThan(latest.get(Number(pair.split(" ")[0])) ?? 0);
    const atRandom = splitValidation(timed, embeddingOptionsSchema.parse({ validation: { warm: "random" } }));
    expect(later.length).toBeLessThan(testPairs(atRandom.cold).length);
    expect(later.length).toBeGreaterThan(10);
  });

  it("measures with no more users than asked for", () => {
    const small = split({ users: 20 });
    expect([small.cold.users.length, small.warm.users.length]).toEqual([20, 20]);
    expect(small.train).toEqual(train);
  });

  it("is the same for the same seed, another for another", () => {
    expect(split()).toEqual({ train, cold, warm });
    expect(split({ seed: 8 }).cold.test).not.toEqual(cold.test);
  });

  it("leaves out a warm target that was its item's only interaction", () => {
    for (let seed = 1; seed <= 20; seed++) {
      const { warm: panel, train: kept } = split(
        { seed, itemShare: 0.01 },
        makeWorld(seed, { users: 12, items: 30, perUser: 3 }).interactions,
      );
      const known = itemSupport(kept);
      for (const item of panel.test.indices) expect(known[item]).toBeGreaterThan(0);
    }
  });
});

describe("the figures of the panels", () => {
  const { cold, warm } = split();
  const hidden = new Set(cold.test.indices);

  /** One contender; `score` of an item for a user, given whether it is a target. */
  function contender({ test }: Panel, score: (isTarget: boolean, item: number) => number) {
    const rowScores = (row: number) => {
      const targets = new Set(test.indices.subarray(test.indptr[row], test.indptr[row + 1]));
      return Array.from({ length: test.columns }, (_, item) => score(targets.has(item), item));
    };
    const scoreAll = (rows: Uint32Array) => Float32Array.from(Array.from(rows, rowScores).flat());
    return [
      {
        name: "made",
        score: (rows: Uint32Array) => ({ rows: rows.length, columns: test.columns, values: scoreAll(rows) }),
      },
    ];
  }

  it("cold: hidden items compete among themselves, so that warm items above them do no harm", async () => {
    const warmFirst = contender(cold, (isTarget, item) => (hidden.has(item) ? Number(isTarget) : 2));
    expect((await coldNdcg(cold, warmFirst))[0]).toBeCloseTo(1, 6);
    expect((await overallNdcg(cold, warmFirst))[0]).toBeLessThan(0.2);
  });

  it("overall: hidden items compete where they are asked to, and by themselves do not crowd out warm targets", async () => {
    const targetsFirst = contender(warm, (isTarget) => Number(isTarget));
    const hiddenFirst = contender(warm, (isTarget, item) => (hidden.has(item) ? 2 : Number(isTarget)));
    expect((await overallNdcg(warm, targetsFirst))[0]).toBeCloseTo(1, 6);
    expect((await overallNdcg(warm, hiddenFirst))[0]).toBeCloseTo(1, 6);
    expect((await overallNdcg({ ...warm, candidates: undefined }, hiddenFirst))[0]).toBeLessThan(0.2);
  });
});
