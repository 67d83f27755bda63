import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { TailrecError } from "../../../src/errors.ts";
import { contentDirections, type ListWorld } from "../../../src/evaluation/metrics/list-metric.ts";
import { listFigure, listKinds, metricKinds } from "../../../src/evaluation/metrics/metric-kinds.ts";
import { createRandom } from "../../../src/math/random.ts";

const ITEMS = 12;
const LENGTH = 4;

/** Lists of different lengths out of the first ten items. */
function randomWorld(seed: number): ListWorld {
  const random = createRandom(seed);
  const users = 1 + random.integer(30);
  const lists = new Int32Array(users * LENGTH).fill(-1);
  for (let u = 0; u < users; u++) {
    const order = Array.from({ length: 10 }, (_, item) => item);
    random.shuffle(order);
    lists.set(order.slice(0, random.integer(LENGTH + 1)), u * LENGTH);
  }
  const content = { rows: ITEMS, columns: 3, values: Float32Array.from({ length: ITEMS * 3 }, () => random.normal()) };
  return {
    lists,
    length: LENGTH,
    candidates: Uint32Array.from({ length: 10 }, (_, item) => item),
    support: Uint32Array.from({ length: ITEMS }, () => random.integer(20)),
    population: 40,
    tailSupport: 10,
    content: contentDirections(content),
    launched: Uint8Array.from({ length: ITEMS }, (_, item) => Number(item % 3 === 1)),
  };
}

function listsOf({ lists, length }: ListWorld, k: number): number[][] {
  return Array.from({ length: lists.length / length }, (_, u) =>
    Array.from(lists.subarray(u * length, u * length + Math.min(k, length))).filter((item) => item >= 0),
  );
}

function average(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}

const oracles: Record<string, (world: ListWorld, k: number) => number> = {
  "item-coverage": (world, k) => new Set(listsOf(world, k).flat()).size / 10,
  "user-coverage": (world, k) => average(listsOf(world, k).map((list) => (list.length >= k ? 1 : 0))),
  // The mean absolute difference of all pairs over twice the mean.
  gini: (world, k) => {
    const counts = Array.from(
      world.candidates,
      (item) =>
        listsOf(world, k)
          .flat()
          .filter((i) => i === item).length,
    );
    const differences = counts.flatMap((a) => counts.map((b) => Math.abs(a - b)));
    return average(counts) === 0 ? 0 : average(differences) / (2 * average(counts));
  },
  novelty: (world, k) =>
    average(listsOf(world, k).map((list) => average(list.map((i) => -Math.log2((world.support[i] + 1) / 41))))),
  "tail-share": (world, k) =>
    average(listsOf(world, k).map((list) => average(list.map((i) => (world.support[i] <= 10 ? 1 : 0))))),
  "launched-share": (world, k) =>
    average(listsOf(world, k).map((list) => average(list.map((item) => (item % 3 === 1 ? 1 : 0))))),
  diversity: (world, k) =>
    average(
      listsOf(world, k).map((list) =>
        average(
          list.flatMap((a, i) =>
            list.slice(i + 1).map((b) => {
              const values = world.content?.values ?? [];
              return 1 - [0, 1, 2].reduce((sum, d) => sum + values[a * 3 + d] * values[b * 3 + d], 0);
            }),
          ),
        ),
      ),
    ),
};

function figureNamed(name: string, world: ListWorld): number {
  const figure = listFigure(name, world);
  return "perUser" in figure ? average(Array.from(figure.perUser)) : figure.value;
}

describe("what lists are like", () => {
  it("every figure of lists has an oracle here", () => {
    expect(
      listKinds(metricKinds)
        .map(({ name }) => name)
        .sort(),
    ).toEqual(Object.keys(oracles).sort());
  });

  it.each(["serendipity@2", "gini", "gini@0", "gini@ten", "ndcg@10", "@5", "tail-share"])(
    "an unknown name is refused, and the known ones are named: %j",
    (name) => {
      const known = "item-coverage, user-coverage, gini, novelty, diversity, tail-share, launched-share";
      expect(() => listFigure(name, randomWorld(1))).toThrowError(
        new TailrecError("INVALID_OPTIONS", `expected a figure such as "gini@10" (${known}), received "${name}"`),
      );
    },
  );

  it.each(Object.keys(oracles))("%s equals its definition over the lists, one by one", (kind) => {
    fc.assert(
      fc.property(fc.nat(1e6), fc.integer({ min: 1, max: LENGTH }), (seed, k) => {
        const world = randomWorld(seed);
        expect(figureNamed(`${kind}@${k}`, world)).toBeCloseTo(oracles[kind](world, k), 6);
      }),
      { numRuns: 40 },
    );
  });

  it("Gini is 0 where all items are shown alike and near 1 where one item is", () => {
    const base = randomWorld(1);
    const alike = { ...base, length: 1, lists: Int32Array.from({ length: 10 }, (_, u) => u) };
    expect(figureNamed("gini@1", alike)).toBe(0);
    expect(figureNamed("gini@1", { ...alike, lists: new Int32Array(10) })).toBeCloseTo(0.9, 12);
  });

  it("the jackknife interval of coverage holds its value and narrows with users", () => {
    const figureOf = (users: number) => {
      const random = createRandom(4);
      const lists = Int32Array.from({ length: users }, () => random.integer(10) ** 2 % 10);
      const figure = listFigure("gini@1", { ...randomWorld(1), length: 1, lists });
      if ("perUser" in figure) throw new Error("expected one figure");
      return figure;
    };
    const [few, many] = [figureOf(40), figureOf(4000)];
    for (const { value, ci95 } of [few, many]) {
      expect(ci95[0]).toBeLessThanOrEqual(value);
      expect(ci95[1]).toBeGreaterThanOrEqual(value);
    }
    expect(many.ci95[1] - many.ci95[0]).toBeLessThan((few.ci95[1] - few.ci95[0]) / 3);
  });
});
