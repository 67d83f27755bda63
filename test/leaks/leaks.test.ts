import { describe, expect, it } from "vitest";
import type { Catalog } from "../../src/data/catalog.ts";
import { createInteractions } from "../../src/data/interactions.ts";
import { metricNamed } from "../../src/evaluation/metrics/metric-kinds.ts";
import { metricOf } from "../../src/evaluation/metrics/rank-metric.ts";
import type { EvaluationReport, MetricResult } from "../../src/evaluation/report.ts";
import { allowLeaks, type LeakFinding, leakLine, stopOnLeaks } from "../../src/leaks/finding.ts";
import { leakOptionsSchema } from "../../src/leaks/leak-options.ts";
import { chanceNdcg, placeboFinding as findingOf } from "../../src/leaks/placebo.ts";
import { attributeCorrelations, popularityFinding, ranksOf } from "../../src/leaks/popularity-attributes.ts";
import { sameUserFinding, sameUserIds } from "../../src/leaks/same-users.ts";
import { futureFinding, hiddenRowsFinding } from "../../src/leaks/split-leaks.ts";
import { createRandom } from "../../src/math/random.ts";

const options = leakOptionsSchema.parse({});

/** As the gate asks, where als alone knows nothing of content. */
function placeboFinding(report: EvaluationReport, chance: (result: MetricResult) => number | undefined) {
  return findingOf(report, ["als"], chance);
}

describe("the gate", () => {
  const leak: LeakFinding = {
    check: "same-user",
    protocol: null,
    state: "stop",
    summary: "3 of 4 user ids",
    examples: ['"a" and "A"'],
  };

  it("stops the run with a typed error that says what to allow", () => {
    expect(() => stopOnLeaks([leak])).toThrow(
      expect.objectContaining({
        code: "LEAK_FOUND",
        message: expect.stringMatching(/same-user: 3 of 4 user ids; such as "a" and "A".*allowLeaks: \[same-user\]/),
      }),
    );
  });

  it("lets pass what the pipeline allows by name, says so, and nothing else", () => {
    const other: LeakFinding = { ...leak, check: "placebo" };
    const [allowed, stopping] = allowLeaks([leak, other], ["same-user"]);
    expect([allowed.state, stopping.state]).toEqual(["allowed", "stop"]);
    expect(() => stopOnLeaks([allowed])).not.toThrow();
    expect(() => stopOnLeaks([allowed, stopping])).toThrow(/placebo/);
    expect(leakLine(allowed)).toBe('same-user: allowed; 3 of 4 user ids; such as "a" and "A"');
  });
});

describe("attributes made from popularity", () => {
  const support = Array.from({ length: 200 }, (_, row) => Math.round(1000 / (row + 1)));
  const random = createRandom(4);
  const noise = support.map(() => random.next());

  it("are found: a review count, and a badge that only bestsellers have", () => {
    const counted = catalogWith({ reviews: support.map((count, row) => 3 * count + noise[row]) });
    const badged = catalogWith({}, { badge: support.map((_, row) => (row < 40 ? ["bestseller"] : [])) });
    expect(popularityFinding(attributeCorrelations(counted, support), options).state).toBe("stop");
    const finding = popularityFinding(attributeCorrelations(badged, support), options);
    expect(finding.state).toBe("stop");
    expect(finding.summary).toContain('"badge: bestseller"');
  });

  it("are not seen in numbers and values that have nothing to do with it, nor in rare ones", () => {
    const catalog = catalogWith(
      { weight: noise },
      {
        colour: noise.map((value) => [value < 0.4 ? "red" : "blue"]),
        maker: noise.map((_, row) => [row < 5 ? "A" : `m${row}`]),
      },
    );
    const correlations = attributeCorrelations(catalog, support);
    expect(correlations.map(({ name }) => name)).toEqual(
      ["weight", "colour: red", "colour: blue"].sort((a, b) => order(a) - order(b)),
    );
    expect(popularityFinding(correlations, options).state).toBe("clean");
  });

  it("by the rank-biserial correlation: the share of pairs won minus the share lost", () => {
    const small = Array.from({ length: 70 }, (_, row) => (row * 29) % 50);
    const flags = small.map((_, row) => (row % 2 === 0 ? ["yes"] : []));
    const [{ correlation }] = attributeCorrelations(catalogWith({}, { flag: flags }), small);
    let won = 0;
    let pairs = 0;
    for (const [row, flag] of flags.entries()) {
      for (const [other, none] of flags.entries()) {
        if (flag.length === 0 || none.length > 0) continue;
        won += Math.sign(small[row] - small[other]);
        pairs++;
      }
    }
    expect(correlation).toBeCloseTo(won / pairs, 12);
  });

  it("ranks share their mean among ties", () => {
    expect([...ranksOf([5, 1, 5, 3])]).toEqual([3.5, 1, 3.5, 2]);
  });

  function order(name: string): number {
    const first = noise[0] < 0.4 ? "colour: red" : "colour: blue";
    return name === "weight" ? 0 : name === first ? 1 : 2;
  }
});

describe("one user under two ids", () => {
  it("differs in case, blanks, punctuation or leading zeros", () => {
    expect(sameUserIds(["U12", "u 12", "u-012", "13", "0013", "u120", "U1 2 0"])).toEqual([
      ["U12", "u 12", "u-012"],
      ["13", "0013"],
      ["u120", "U1 2 0"],
    ]);
  });

  it("is not seen where ids differ in anything else", () => {
    expect(sameUserIds(["10", "100", "1", "a1b", "ab1", "--", "---", "Änne", "Anne"])).toEqual([]);
  });

  it("warns at a few and stops at many", () => {
    const many = Array.from({ length: 1000 }, (_, i) => `user-${i}`);
    expect(sameUserFinding(many, options).state).toBe("clean");
    expect(sameUserFinding([...many, "USER-7"], options).state).toBe("warning");
    expect(sameUserFinding([...many, ...many.slice(0, 9).map((id) => id.toUpperCase())], options).state).toBe("stop");
  });
});

describe("splits", () => {
  const train = { users: [0, 0, 1], items: [0, 1, 1], values: [1, 1, 1] };
  const at = (times: readonly number[]) => createInteractions(2, 3, { ...train, times });
  const test = createInteractions(2, 3, { users: [0, 1], items: [2, 0], values: [1, 1], times: [10, 20] });

  it("features fitted on an item without training interactions stop the run", () => {
    expect(hiddenRowsFinding("cold-items", [0, 2], [5, 0, 1]).state).toBe("clean");
    expect(hiddenRowsFinding("cold-items", [0, 1], [5, 0, 1])).toMatchObject({
      state: "stop",
      examples: ["item row 1"],
    });
  });

  it("a training interaction after the first held-out one leaks under a global split in time", () => {
    expect(futureFinding("warm-tail", at([1, 2, 10]), test, true).state).toBe("clean");
    expect(futureFinding("warm-tail", at([1, 2, 11]), test, true).state).toBe("stop");
  });

  it("under a split by user only one of the same user does", () => {
    expect(futureFinding("warm-tail", at([1, 2, 15]), test, false).state).toBe("clean");
    expect(futureFinding("warm-tail", at([1, 11, 15]), test, false).state).toBe("stop");
  });

  it("says so where there are no times", () => {
    expect(futureFinding("warm-tail", createInteractions(2, 3, train), test, true).state).toBe("unchecked");
  });
});

describe("the placebo", () => {
  const result = (model: string, value: number, more: Partial<MetricResult> = {}): MetricResult => ({
    model,
    slice: "cold",
    candidates: "slice",
    metric: "ndcg@10",
    value,
    ci95: [value - 0.01, value + 0.01],
    n: 500,
    ...more,
  });
  const slices = [
    { name: "all", minimum: 0, maximum: null, items: 90, targets: 200 },
    { name: "cold", minimum: 0, maximum: 0, items: 20, targets: 80 },
    { name: "11-20", minimum: 11, maximum: 20, items: 30, targets: 60 },
  ];
  const report = (...results: MetricResult[]): EvaluationReport => ({
    dataset: "",
    protocol: { kind: "cold-items", slices, bootstrap: { resamples: 100, seed: 1 } },
    results,
    comparisons: [],
  });
  const unknown = () => undefined;

  it("leaks where its interval lies above those of behaviour and popularity", () => {
    const above = placeboFinding(
      report(result("als", 0.02), result("popularity", 0.03), result("placebo", 0.06)),
      unknown,
    );
    expect(above).toMatchObject({ state: "stop", examples: [expect.stringContaining("placebo at least 0.0500")] });
    expect(placeboFinding(report(result("als", 0.05), result("placebo", 0.06)), unknown).state).toBe("clean");
  });

  it("is judged by the wider of the intervals over users and over items: one order may by luck favour the items that many took", () => {
    const lucky = result("placebo", 0.06, { ci95Items: [0.02, 0.1] });
    expect(placeboFinding(report(result("als", 0.02), lucky), unknown).state).toBe("clean");
    const sure = result("placebo", 0.06, { ci95Items: [0.055, 0.065] });
    expect(placeboFinding(report(result("als", 0.02), sure), unknown).state).toBe("stop");
    expect(placeboFinding(report(result("als", 0.02, { ci95Items: [0, 0.058] }), sure), unknown).state).toBe("clean");
  });

  it("is no leak at the level of chance, which ties of a model that knows nothing need not reach", () => {
    const found = report(result("als", 0.005), result("placebo", 0.06));
    expect(placeboFinding(found, () => 0.055).state).toBe("clean");
    expect(placeboFinding(found, unknown).state).toBe("stop");
  });

  it("is not judged against the whole catalog, by few users, or where it does not take part", () => {
    const lifted = { candidates: "catalog", slice: "1-3" } as const;
    expect(placeboFinding(report(result("als", 0, lifted), result("placebo", 0.2, lifted)), unknown).state).toBe(
      "unchecked",
    );
    expect(placeboFinding(report(result("als", 0), result("placebo", 0.2, { n: 29 })), unknown).state).toBe(
      "unchecked",
    );
    expect(placeboFinding(report(result("als", 0)), unknown).state).toBe("unchecked");
  });

  it("is not judged among warm items, where it has what the hybrid knows of behaviour, such as recency", () => {
    for (const place of [{ slice: "11-20" }, { slice: "all", candidates: "catalog" }] as const)
      expect(placeboFinding(report(result("als", 0.02, place), result("placebo", 0.2, place)), unknown).state).toBe(
        "unchecked",
      );
  });

  it("is held against the expected NDCG of a random order", () => {
    const test = createInteractions(3, 12, { users: [0, 0, 1], items: [0, 1, 2], values: [1, 1, 1] });
    const random = createRandom(2);
    const ndcg = (ranks: readonly number[]) => metricOf(metricNamed("ndcg@5"), ranks);
    const order = Array.from({ length: 12 }, (_, i) => i + 1);
    let sum = 0;
    const draws = 40_000;
    for (let draw = 0; draw < draws; draw++) {
      random.shuffle(order);
      sum += ndcg(order.slice(0, 2).sort((a, b) => a - b)) + ndcg([order[2]]);
    }
    expect(chanceNdcg(test, 12, 5)).toBeCloseTo(sum / draws / 2, 2);
  });
});

function catalogWith(
  numbers: Readonly<Record<string, readonly number[]>>,
  categories: Readonly<Record<string, readonly (readonly string[])[]>> = {},
): Catalog {
  return {
    ids: [],
    titles: [],
    descriptions: [],
    images: [],
    attributes: [
      ...Object.entries(numbers).map(([name, values]) => ({
        name,
        kind: "number" as const,
        values: Float64Array.from(values),
      })),
      ...Object.entries(categories).map(([name, values]) => ({ name, kind: "category" as const, values })),
    ],
  };
}
