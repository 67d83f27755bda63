import { describe, expect, it } from "vitest";
import type { Slice } from "../../src/data/slices.ts";
import { evaluate, measureSplit } from "../../src/evaluation/evaluate.ts";
import type { EvaluationInput } from "../../src/evaluation/evaluation-input.ts";
import { metricNamed } from "../../src/evaluation/metrics/metric-kinds.ts";
import { metricOf } from "../../src/evaluation/metrics/rank-metric.ts";
import type { Contender } from "../../src/evaluation/ranking/scorer.ts";
import { createTieOrder } from "../../src/evaluation/ranking/tie-order.ts";
import type { MetricResult } from "../../src/evaluation/report.ts";
import { summariseSplits } from "../../src/evaluation/summary/pooled-report.ts";
import { createRandom } from "../../src/math/random.ts";
import type { Progress } from "../../src/run-context.ts";
import { sparse } from "./sparse.ts";

// More users than one block holds, few distinct scores so that ties are common, a popularity slope so that slices fill.
const USERS = 450;
const ITEMS = 40;
const slices: readonly Slice[] = [
  { name: "cold", minimum: 0, maximum: 0 },
  { name: "1-60", minimum: 1, maximum: 60 },
  { name: "61+", minimum: 61, maximum: Number.POSITIVE_INFINITY },
];

const random = createRandom(11);
const denseTrain: number[][] = [];
const denseTest: number[][] = [];
for (let u = 0; u < USERS; u++) {
  const kinds = Array.from({ length: ITEMS }, (_, j) => {
    const taken = random.next() < (ITEMS - j) / ITEMS / 2;
    return taken ? (j % 9 === 8 || random.next() < 0.15 ? "test" : "train") : "none";
  });
  denseTrain.push(kinds.map((kind) => (kind === "train" ? 1 + random.integer(2) : 0)));
  denseTest.push(kinds.map((kind) => (kind === "test" && u % 3 > 0 ? 1 : 0)));
}
const train = sparse(denseTrain);
const test = sparse(denseTest);

function contender(name: string, scoreOf: (user: number, item: number) => number): Contender {
  return {
    name,
    score: (users) => ({
      rows: users.length,
      columns: ITEMS,
      values: Float32Array.from({ length: users.length * ITEMS }, (_, p) =>
        scoreOf(users[Math.floor(p / ITEMS)], p % ITEMS),
      ),
    }),
  };
}

const noise = Array.from({ length: USERS }, () => Array.from({ length: ITEMS }, () => random.integer(6)));
const noisy = contender("noisy", (u, j) => noise[u][j]);
const informed = contender("hybrid", (u, j) => noise[u][j] + 2 * denseTest[u][j]);
const perfect = contender("perfect", (u, j) => denseTest[u][j]);
const input: EvaluationInput = { train, test, contenders: [informed, noisy, perfect], slices };
const metrics = ["ndcg@10", "recall@3", "map@5", "mrr@10", "hit@1"];
const options = { metrics, resamples: 200 };

/** The order of ties under the default seed. */
const { places } = createTieOrder(ITEMS, 1);

/** Mean over users of a metric of the targets' places in fully sorted lists. */
function oracle(scoreOf: (u: number, j: number) => number, slice: Slice, candidates: string, metric: string) {
  const support = Array.from({ length: ITEMS }, (_, j) => denseTrain.filter((row) => row[j] > 0).length);
  const within = (j: number) => support[j] >= slice.minimum && support[j] <= slice.maximum;
  const perUser: number[] = [];
  for (let u = 0; u < USERS; u++) {
    const competing = [...Array(ITEMS).keys()].filter(
      (j) => denseTrain[u][j] === 0 && (candidates === "catalog" || within(j)),
    );
    const list = competing.sort((a, b) => scoreOf(u, b) - scoreOf(u, a) || places[a] - places[b]);
    const ranks = list.flatMap((j, place) => (denseTest[u][j] > 0 && within(j) ? [place + 1] : []));
    if (ranks.length > 0) perUser.push(metricOf(metricNamed(metric), ranks));
  }
  return { value: perUser.reduce((sum, value) => sum + value, 0) / perUser.length, n: perUser.length };
}

function find(results: readonly MetricResult[], wanted: Partial<MetricResult>): MetricResult[] {
  return results.filter((result) => Object.entries(wanted).every(([key, value]) => Reflect.get(result, key) === value));
}

describe("evaluate", () => {
  it("equals complete sorted lists, per slice, candidate set, metric and model", async () => {
    const { results } = await evaluate(input, options);
    const all: Slice = { name: "all", minimum: 0, maximum: Number.POSITIVE_INFINITY };
    const scores = {
      hybrid: (u: number, j: number) => noise[u][j] + 2 * denseTest[u][j],
      noisy: (u: number, j: number) => noise[u][j],
    };
    for (const [model, scoreOf] of Object.entries(scores)) {
      for (const slice of [all, ...slices]) {
        for (const candidates of slice === all ? ["catalog"] : ["catalog", "slice"]) {
          for (const metric of metrics) {
            const expected = oracle(scoreOf, slice, candidates, metric);
            const [found, ...rest] = results.filter(
              (r) => r.model === model && r.slice === slice.name && r.candidates === candidates && r.metric === metric,
            );
            expect(rest).toEqual([]);
            expect(found.n).toBe(expected.n);
            expect(found.value).toBeCloseTo(expected.value, 10);
            expect(found.ci95[0]).toBeLessThanOrEqual(found.value);
            expect(found.ci95[1]).toBeGreaterThanOrEqual(found.value);
          }
        }
      }
    }
    expect(results.length).toBe(3 * 7 * metrics.length);
  });

  it("reports the slice `all` against the catalog only", async () => {
    const { results } = await evaluate(input, options);
    expect(new Set(find(results, { slice: "all" }).map(({ candidates }) => candidates))).toEqual(new Set(["catalog"]));
  });

  it("gives the one who knows the answers 1 within every slice", async () => {
    const { results } = await evaluate(input, { ...options, metrics: ["ndcg@10", "map@10", "mrr@10"] });
    for (const { value, ci95 } of find(results, { model: "perfect", candidates: "slice" })) {
      expect(value).toBeCloseTo(1, 12);
      expect(ci95[0]).toBeCloseTo(1, 12);
    }
  });

  it("never ranks what a user has in training, however high it scores", async () => {
    const flattered = contender("flattered", (u, j) => denseTest[u][j] + 9 * denseTrain[u][j]);
    const { results } = await evaluate({ ...input, contenders: [flattered] }, { ...options, metrics: ["mrr@1"] });
    expect(find(results, { slice: "all" })[0].value).toBe(1);
  });

  it("compares the reference with every other, in pairs over the same users", async () => {
    const { results, comparisons } = await evaluate(input, options);
    const [{ difference, ci95, p }] = comparisons.filter((c) => c.b === "noisy" && c.slice === "all");
    const [a] = find(results, { model: "hybrid", slice: "all", metric: "ndcg@10" });
    const [b] = find(results, { model: "noisy", slice: "all", metric: "ndcg@10" });
    expect(difference).toBe(a.value - b.value);
    expect(ci95[0]).toBeGreaterThan(0);
    expect(ci95[1] - ci95[0]).toBeLessThan(a.ci95[1] - a.ci95[0] + b.ci95[1] - b.ci95[0]);
    expect(p).toBeLessThan(0.05);
    expect(comparisons.map(({ b: other, metric }) => [other, metric])).toEqual(
      Array.from({ length: 7 }, () => [
        ["noisy", "ndcg@10"],
        ["perfect", "ndcg@10"],
      ]).flat(),
    );
  });

  it("compares with a named reference over named metrics, and not at all without hybrid", async () => {
    const named = await evaluate(input, { ...options, compare: { reference: "noisy", metrics: ["map@5", "hit@1"] } });
    expect(new Set(named.comparisons.map(({ a, b, metric }) => `${a} ${b} ${metric}`))).toEqual(
      new Set(["noisy hybrid map@5", "noisy hybrid hit@1", "noisy perfect map@5", "noisy perfect hit@1"]),
    );
    const without = await evaluate({ ...input, contenders: [noisy, perfect] }, options);
    expect(without.comparisons).toEqual([]);
  });

  it("leaves slices without a target out, and says what the others hold", async () => {
    const empty: Slice = { name: "nobody", minimum: 10_000, maximum: Number.POSITIVE_INFINITY };
    const report = await evaluate({ ...input, slices: [...slices, empty] }, options);
    expect(find(report.results, { slice: "nobody" })).toEqual([]);
    expect(report.protocol.slices.map(({ name }) => name)).toEqual(["all", "cold", "1-60", "61+"]);
    const [all, ...parts] = report.protocol.slices;
    expect(all).toEqual({ name: "all", minimum: 0, maximum: null, items: ITEMS, targets: test.indices.length });
    expect(parts.reduce((sum, part) => sum + part.targets, 0)).toBe(all.targets);
    expect(parts.reduce((sum, part) => sum + part.items, 0)).toBe(ITEMS);
  });

  it("takes items that the filter shuts out from every candidate set", async () => {
    const candidateFilter = Uint8Array.from({ length: ITEMS }, (_, j) => (j < 20 ? 1 : 0));
    const kept = sparse(denseTest.map((row) => row.map((value, j) => (j < 20 ? value : 0))));
    // Likes the shut-out half best; among the rest it knows the answers.
    const misled = contender("misled", (u, j) => denseTest[u][j] + (j < 20 ? 0 : 5));
    const run = async (filter?: Uint8Array) => {
      const report = await evaluate(
        { train, test: kept, contenders: [misled], slices, candidateFilter: filter },
        options,
      );
      return find(report.results, { slice: "all", metric: "ndcg@10" })[0].value;
    };
    expect(await run(candidateFilter)).toBeCloseTo(1, 12);
    expect(await run()).toBeLessThan(0.5);
  });

  it("intervals over items are of the same mean, and wider where few items carry it", async () => {
    const { results, comparisons } = await evaluate(input, options);
    for (const { value, ci95Items = [1, 0] } of results) {
      expect(ci95Items[0]).toBeLessThanOrEqual(value + 1e-12);
      expect(ci95Items[1]).toBeGreaterThanOrEqual(value - 1e-12);
    }
    const [all] = find(results, { model: "noisy", slice: "all", metric: "ndcg@10" });
    const [low, high] = all.ci95Items ?? [0, 0];
    expect(high - low).toBeGreaterThan(all.ci95[1] - all.ci95[0]);
    for (const { p, adjustedP = 0 } of comparisons) expect(adjustedP).toBeGreaterThanOrEqual(p);
  });

  it("says what every metric of the report means", async () => {
    const { protocol } = await evaluate(input, { ...options, listMetrics: ["gini@5"] });
    expect(Object.keys(protocol.definitions ?? {})).toEqual(["ndcg", "recall", "map", "mrr", "hit", "gini"]);
  });

  it("pools splits: users drawn with all their splits, every split's own figure kept", async () => {
    const first = await measureSplit({ ...input, protocol: { kind: "warm-tail", seed: 1 } }, options);
    const other = sparse(denseTest.map((row, u) => row.map((value) => (u % 2 > 0 ? value : 0))));
    const second = await measureSplit({ ...input, test: other, protocol: { kind: "warm-tail", seed: 2 } }, options);
    const pooled = await summariseSplits([first, second], options);
    const alone = await Promise.all([first, second].map((split) => summariseSplits([split], options)));
    const wanted = { model: "noisy", slice: "all", metric: "ndcg@10" };
    const [figure] = find(pooled.results, wanted);
    const [a, b] = alone.map(({ results }) => find(results, wanted)[0]);
    expect(figure.splits).toEqual([a.value, b.value]);
    expect(figure.value).toBeCloseTo((a.n * a.value + b.n * b.value) / (a.n + b.n), 12);
    expect(figure.n).toBe(a.n);
    expect(pooled.protocol.seeds).toEqual([1, 2]);
    // The second split is half of the first again: together they say hardly more than the first alone.
    expect(figure.ci95[1] - figure.ci95[0]).toBeGreaterThan(0.8 * (a.ci95[1] - a.ci95[0]));
  });

  it("gives the same bytes for the same seed, and survives JSON", async () => {
    const report = await evaluate(input, options);
    expect(JSON.stringify(await evaluate(input, options))).toBe(JSON.stringify(report));
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
  });

  it("copies data set and protocol into the report", async () => {
    const report = await evaluate({ ...input, dataset: "shop", protocol: { kind: "warm-tail", seed: 7 } }, options);
    expect(report.dataset).toBe("shop");
    expect(report.protocol).toMatchObject({ kind: "warm-tail", seed: 7, bootstrap: { resamples: 200, seed: 1 } });
  });
});

describe("progress and cancellation", () => {
  it("counts users per contender up to the total, then the bootstrap", async () => {
    const seen: Progress[] = [];
    await evaluate(input, options, { onProgress: (progress) => seen.push(progress) });
    const stages = ["evaluate hybrid", "evaluate noisy", "evaluate perfect", "bootstrap"];
    expect([...new Set(seen.map(({ stage }) => stage))]).toEqual(stages);
    for (const stage of stages) {
      const last = seen.findLast((progress) => progress.stage === stage);
      expect(last?.done).toBe(last?.total);
    }
  });

  it("a cancellation from the event loop stops a scorer that never waits", async () => {
    const controller = new AbortController();
    setImmediate(() => controller.abort());
    const asked: string[] = [];
    const context = { signal: controller.signal, onProgress: ({ stage }: Progress) => asked.push(stage) };
    await expect(evaluate(input, options, context)).rejects.toMatchObject({ code: "INTERRUPTED" });
    expect(asked).toEqual(["evaluate hybrid"]);
  });

  it("a cancellation stops the bootstrap between slices", async () => {
    const controller = new AbortController();
    const bootstrapped: number[] = [];
    const onProgress = ({ stage, done }: Progress) => {
      if (stage !== "bootstrap") return;
      bootstrapped.push(done);
      setImmediate(() => controller.abort());
    };
    const running = evaluate(input, options, { signal: controller.signal, onProgress });
    await expect(running).rejects.toMatchObject({ code: "INTERRUPTED" });
    expect(bootstrapped).toEqual([1]);
  });
});

describe("bad input is refused with what to do", () => {
  const wrong: [string, EvaluationInput, object, string, RegExp][] = [
    [
      "a score that is NaN",
      { ...input, contenders: [noisy, contender("broken", (u, j) => (u === 31 && j === 5 ? NaN : 0))] },
      {},
      "INVALID_ARGUMENT",
      /"broken".*NaN for user row 31, item row 5/,
    ],
    [
      "scores of another shape",
      {
        ...input,
        contenders: [{ name: "narrow", score: () => ({ rows: 1, columns: 1, values: new Float32Array(1) }) }],
      },
      {},
      "INVALID_ARGUMENT",
      /"narrow": expected scores of \d+ users x 40 items, received 1 x 1/,
    ],
    [
      "a pair in train and test",
      { ...input, test: train },
      {},
      "INVALID_ARGUMENT",
      /user row 0, item row \d+ is in train and in test/,
    ],
    [
      "an empty test set",
      { ...input, test: sparse(denseTest.map((row) => row.map(() => 0))) },
      {},
      "NOT_ENOUGH_DATA",
      /no interaction/,
    ],
    [
      "another number of items",
      { ...input, test: sparse([[1, 0]]) },
      {},
      "INVALID_ARGUMENT",
      /train 450 x 40, test 1 x 2/,
    ],
    ["two contenders of one name", { ...input, contenders: [noisy, noisy] }, {}, "INVALID_ARGUMENT", /"noisy" twice/],
    [
      "two slices of one name",
      { ...input, slices: [slices[0], slices[0]] },
      {},
      "INVALID_ARGUMENT",
      /slices with different names, received "cold" twice/,
    ],
    [
      "slices by neither targets nor queries",
      { ...input, sliceBy: "querry" as "query" },
      {},
      "INVALID_ARGUMENT",
      /sliceBy target or query, received "querry"/,
    ],
    ["no contender", { ...input, contenders: [] }, {}, "INVALID_ARGUMENT", /at least one contender/],
    [
      "a filter of another length",
      { ...input, candidateFilter: new Uint8Array(3) },
      {},
      "INVALID_ARGUMENT",
      /40 flags, received 3/,
    ],
    [
      "a target that the filter shuts out",
      { ...input, candidateFilter: new Uint8Array(ITEMS) },
      {},
      "INVALID_ARGUMENT",
      /filter the test set too/,
    ],
    [
      "an unknown metric",
      input,
      { metrics: ["auc@10"] },
      "INVALID_OPTIONS",
      /metrics\.0: expected a metric such as "ndcg@10"/,
    ],
    [
      "an unknown reference",
      input,
      { compare: { reference: "hybird" } },
      "INVALID_OPTIONS",
      /compare\.reference: expected one of hybrid, noisy, perfect/,
    ],
    [
      "a compared metric that is not measured",
      input,
      { compare: { metrics: ["ndcg@7"] } },
      "INVALID_OPTIONS",
      /compare\.metrics: expected one of/,
    ],
    ["an unknown option", input, { resample: 10 }, "INVALID_OPTIONS", /did you mean "resamples"/],
  ];

  it.each(wrong)("%s", async (_, given, asked, code, message) => {
    await expect(evaluate(given, asked)).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });
});
