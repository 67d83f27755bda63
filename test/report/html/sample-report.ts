/** A small report with every section, and texts that try to break out of the page. */

import type { EvaluationReport, MetricResult, SliceRecord } from "../../../src/evaluation/report.ts";
import type { ReportData } from "../../../src/report/html/report-data.ts";
import type { ReportDocument } from "../../../src/report/html/report-document.ts";

/** Ids, titles and names as an enemy would choose them. */
export const hostile = [
  `<script>window.broken = 1</script>`,
  `"><img src=x onerror="window.broken = 2">`,
  `' onfocus='window.broken = 3`,
  `</style></title></script><svg onload=window.broken=4>`,
  `&lt;b&gt; \u202egnirts\u202c {{x}} \${y}`,
] as const;

const models = ["als", "content-knn", "hybrid", hostile[1]];

const allItems: SliceRecord = { name: "all", minimum: 0, maximum: null, items: 40, targets: 90 };
const tailItems: SliceRecord = { name: "1-3", minimum: 1, maximum: 3, items: 12, targets: 30 };
const coldItems: SliceRecord = { name: "cold", minimum: 0, maximum: 0, items: 10, targets: 90 };

function results(slice: string, candidates: MetricResult["candidates"], metrics: readonly string[]): MetricResult[] {
  return models.flatMap((model, m) =>
    metrics.map((metric) => {
      const value = 0.05 + 0.04 * m;
      return { model, slice, candidates, metric, value, ci95: [value - 0.02, value + 0.02], n: 60 };
    }),
  );
}

function comparisons(of: readonly MetricResult[]): EvaluationReport["comparisons"] {
  return of
    .filter(({ model, metric }) => model !== "hybrid" && metric === "ndcg@10")
    .map(({ model, slice, candidates, metric }, i) => ({
      a: "hybrid",
      b: model,
      slice,
      candidates,
      metric,
      difference: 0.03 - 0.02 * i,
      ci95: [0.01 - 0.02 * i, 0.05 - 0.02 * i],
      p: 0.01,
      adjustedP: 0.03,
    }));
}

const bootstrap = { resamples: 1000, seed: 7 };
const definitions = { ndcg: "gain over its best value", gini: "inequality of exposure" };

function evaluation(
  kind: string,
  slices: readonly SliceRecord[],
  found: readonly MetricResult[],
  more: Readonly<Record<string, unknown>> = {},
  curves?: EvaluationReport["curves"],
  words?: EvaluationReport["words"],
): EvaluationReport {
  const protocol = { kind, seed: 3, order: "latest", slices, bootstrap, definitions, ...more };
  return {
    dataset: hostile[0],
    protocol,
    results: found,
    comparisons: comparisons(found),
    ...(curves && { curves }),
    ...(words && { words }),
  };
}

const metrics = ["ndcg@10", "recall@20"];
const steps = [0, 1, 10].map((n) => ({ name: `n=${n}`, minimum: n, maximum: n, items: 9, targets: 20 }));
const curve = (kind: "tail-dial" | "length", places: readonly number[]) => ({
  kind,
  model: "hybrid",
  points: places.flatMap((at) =>
    ["all", "1-3"].map((slice) => ({
      at,
      slice,
      candidates: "catalog" as const,
      metric: "ndcg@10",
      value: 0.1,
      ci95: [0.08, 0.12] as const,
      n: 60,
    })),
  ),
});

/** Rules under names that their owners chose. */
const rows = ["no rules", hostile[2], hostile[3], "all together"];
const ledger: EvaluationReport["ledger"] = {
  rows,
  length: 10,
  results: rows.flatMap((model) =>
    ["ndcg@10", "tail-share@10"].map((metric) => ({
      model,
      slice: "all",
      candidates: "catalog" as const,
      metric,
      value: 0.2,
      ci95: [0.1, 0.3] as const,
      n: 60,
    })),
  ),
  comparisons: rows.slice(1).map((b, i) => ({
    a: rows[0],
    b,
    slice: "all",
    candidates: "catalog" as const,
    metric: "ndcg@10",
    difference: 0.01 * i,
    ci95: [0.01 * i - 0.01, 0.01 * i + 0.01] as const,
    p: 0.2,
  })),
  exploration: {
    days: 2,
    users: 60,
    items: 9,
    policies: [
      { name: "no rules", shown: [0, 0], clicked: 0, off: 0.5, settled: 0, interactions: null, days: null },
      { name: "exploration", shown: [0.1, 0.4], clicked: 0.2, off: 0.5, settled: 0.3, interactions: 2, days: 1 },
    ],
  },
};

export const evaluations: readonly EvaluationReport[] = [
  {
    ...evaluation(
      "cold-items",
      [coldItems],
      [...results("cold", "catalog", metrics), ...results("cold", "slice", metrics)],
    ),
    ledger,
  },
  evaluation(
    "warm-tail",
    [allItems, tailItems],
    [
      ...results("all", "catalog", [...metrics, "gini@10", "item-coverage@10"]),
      ...results("1-3", "catalog", metrics),
      ...results("1-3", "slice", metrics),
    ],
    {},
    [curve("tail-dial", [0, 0.5, 1]), curve("length", [16, 64])],
  ),
  evaluation(
    "warm-up",
    steps,
    steps.flatMap(({ name }) => [...results(name, "catalog", metrics), ...results(name, "slice", metrics)]),
    {},
    undefined,
    {
      title: "Warm-up curve",
      purpose: `What models make of items as they warm up, ${hostile[0]}`,
      headline: { slice: "n=1", candidates: "slice" },
      findings: [`als reaches ${hostile[1]} at n = 10`],
      plots: [
        {
          title: `NDCG@10 of ${hostile[2]}`,
          description: "how figures grow",
          x: { label: "interactions given back (n)", scale: "steps" },
          y: { label: "NDCG@10", scale: "figures" },
          lines: models.map((name) => ({
            name,
            points: [0, 1, 10].map((x) => ({ x, y: 0.1, interval: [0.05, 0.15], note: `${name}, n = ${x}` })),
          })),
        },
      ],
    },
  ),
];

const mapItems: NonNullable<ReportDocument["map"]>["items"] = Array.from({ length: 30 }, (_, i) => ({
  id: i < hostile.length ? hostile[i] : `item-${i}`,
  title: i < hostile.length ? hostile[i] : `Item ${i}`,
  support: i % 25,
  category: (i % 4) - 1,
  before: i % 25 === 0 ? null : [Math.abs(Math.sin(i)), Math.abs(Math.cos(i))],
  after: [Math.abs(Math.cos(3 * i)), Math.abs(Math.sin(2 * i))],
}));

const listed = (i: number) => ({ id: `item-${i}`, title: `${hostile[i % hostile.length]} ${i}`, support: i });

/** One white pixel. */
const picture = "data:image/webp;base64,UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA==";

export const document: ReportDocument = {
  format: "tailrec-report",
  formatVersion: 1,
  dataset: hostile[0],
  protocols: evaluations.map(({ protocol }) => protocol.kind),
  fitted: "all data",
  data: {
    users: 60,
    items: 40,
    interactions: 900,
    density: 0.375,
    medianItemSupport: 12,
    medianUserInteractions: 9,
    topTenthShare: 0.41,
    ranges: [
      { name: "cold", items: 4, interactions: 0 },
      { name: "1-3", items: 12, interactions: 20 },
      { name: "21+", items: 24, interactions: 880 },
    ],
    popularity: [1, 2, 5, 10, 36].map((place) => ({ place, support: Math.round(60 / place) })),
    contents: [{ name: hostile[2], items: 38, dimensions: 64 }],
    likeness: [{ name: hostile[2], share: 1 }],
  },
  leaks: [
    {
      check: "near-duplicate-text",
      protocol: "cold-items",
      state: "warning",
      summary: "2 of 10 cold items have a copy",
      examples: [hostile[3]],
    },
    { check: "placebo", protocol: "warm-tail", state: "clean", summary: "nothing", examples: [] },
  ],
  boundaries: ["als", "content", "hybrid"].map((vectors) => ({
    boundary: hostile[4],
    vectors,
    rate: 0.02,
    chance: 0.2,
    items: 12,
    neighbours: 10,
    maximum: 0.05,
    examples: [hostile[0]],
  })),
  map: {
    outOf: 40,
    seed: 1,
    neighbours: 15,
    epochs: 200,
    categoryAttribute: hostile[2],
    categories: ["mug", hostile[1], "lamp"],
    items: mapItems,
  },
  lists: [
    { item: listed(1), before: [listed(2), listed(3)], after: [listed(3), listed(4)] },
    { item: listed(5), before: [], after: [listed(6)] },
  ],
  pictures: { "item-1": picture, "item-3": picture },
  provenance: {
    command: `tailrec run '${hostile[0]}.yaml'`,
    versions: { tailrec: "0.1.0" },
    seeds: { als: 1 },
    fingerprint: "0".repeat(64),
    encoders: { [hostile[2]]: "1".repeat(64) },
    settings: { rank: 64, features: hostile[3] },
  },
};

export const sample: ReportData = { evaluations, document };
