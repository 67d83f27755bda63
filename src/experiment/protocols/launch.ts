/**
 * Launch: old and new items in one list, as a shop serves them. Some items are launched with what little training sees of them, and
 * whatever users took next is asked for, old or new. One figure is of all of it, and its parts say who gained.
 */
import { z } from "zod";
import type { FittedContender } from "../../baselines/model-kind.ts";
import type { Interactions } from "../../data/interactions.ts";
import { defaultSlices, type Slice } from "../../data/slices.ts";
import {
  type LaunchSplit,
  simulatedLaunchOptionsSchema,
  splitSimulatedLaunch,
} from "../../data/splits/launch-split.ts";
import { splitTimedLaunch } from "../../data/splits/timed-launch.ts";
import { LAUNCH_METRICS, launchWords } from "../../evaluation/launch-words.ts";
import { deepestOf } from "../../evaluation/metrics/metric-kinds.ts";
import type { ParsedEvaluationOptions } from "../../evaluation/options.ts";
import { evenlySpread, lastOfTen, reservePlaces } from "../../evaluation/ranking/reserved-places.ts";
import type { Contender } from "../../evaluation/ranking/scorer.ts";
import type { Protocol, SplitFiles } from "../measurement/protocol.ts";
import { type AskedParts, measureUsers } from "../measurement/users-measurement.ts";
import { orderOf } from "./warm-tail.ts";

const { shape } = simulatedLaunchOptionsSchema;

/** What simulating a launch needs, and one that happened does not. */
const SIMULATED = ["share", "revealed", "order"] as const;

const optionsSchema = z
  .strictObject({
    kind: z
      .enum(["simulated", "time"])
      .default("simulated")
      .describe("launch a seeded share of the items (simulated), or those that are new at one moment (time)"),
    ...shape,
    heldOut: shape.heldOut.describe(
      "share of a user's other interactions that is held out; for time: of all interactions, the latest",
    ),
  })
  .superRefine((options, context) => {
    const usual = simulatedLaunchOptionsSchema.parse({});
    for (const name of options.kind === "time" ? SIMULATED : []) {
      if (JSON.stringify(options[name]) === JSON.stringify(usual[name])) continue;
      context.addIssue({ code: "custom", path: [name], message: "is of kind: simulated; leave it out for kind: time" });
    }
  });

type LaunchOptions = z.output<typeof optionsSchema>;

function splitLaunch(interactions: Interactions, { kind, ...options }: LaunchOptions): LaunchSplit {
  switch (kind) {
    case "simulated":
      return splitSimulatedLaunch(interactions, options);
    case "time":
      return splitTimedLaunch(interactions, options.heldOut, options.seed);
  }
}

const files: SplitFiles<unknown, LaunchSplit> = {
  written: (split) => ({ split, launched: split.launched }),
  asked: ({ train, test, launched = new Uint32Array(), manifest }) => ({
    train,
    test,
    ...askedOf({ train, launched, description: manifest.split }),
  }),
  listMetrics: LAUNCH_METRICS,
};

export const launch = {
  name: "launch",
  option: "launch",
  schema: () =>
    optionsSchema
      .nullable()
      .default(null)
      .describe(
        "launch some items with few interactions and ask for all that comes next; {} to measure it, null to leave out",
      ),
  splits: {
    option: "launch",
    repeated: true,
    isSeedless: ({ kind }: LaunchOptions) => kind === "time",
    split: splitLaunch,
    heldOut: ({ heldBack }) => heldBack,
    order: orderOf,
  },
  asks: "users",
  measure: (run, context) => {
    const evaluation = withLaunchMetrics(run.evaluation);
    const rivals = (models: readonly FittedContender[], split: LaunchSplit) =>
      listsWithKeptPlaces(models, split, deepestOf([...evaluation.metrics, ...evaluation.listMetrics]));
    return measureUsers({ ...run, evaluation }, { curves: ["tail-dial"], asked: askedOf, rivals }, context);
  },
  words: launchWords,
  files,
} as const satisfies Protocol<LaunchOptions, LaunchSplit>;

/** The figures of the pipeline, and what new items get of the lists. */
function withLaunchMetrics(options: ParsedEvaluationOptions): ParsedEvaluationOptions {
  return { ...options, listMetrics: [...new Set([...options.listMetrics, ...LAUNCH_METRICS])] };
}

/**
 * Lists that keep places for launched items. `slots` is what shops do: the last of every ten places of ALS, filled by content.
 * `new-places` is what the option `newPlaces` serves: places of the hybrid, evenly spread, filled in its own order.
 */
const RESERVED = [
  {
    model: "als",
    launcher: "content-ridge",
    reservations: [1, 2, 3].map((count) => ({ name: `slots-${count}`, isReserved: lastOfTen(count) })),
  },
  {
    model: "hybrid",
    launcher: "hybrid",
    reservations: [0.1, 0.2, 0.3].map((share) => ({ name: `new-places-${share}`, isReserved: evenlySpread(share) })),
  },
] as const;

/** The lists with kept places; none where a model that they are made from does not take part. */
async function listsWithKeptPlaces(
  models: readonly FittedContender[],
  { train, test, launched: rows }: LaunchSplit,
  length: number,
): Promise<readonly Contender[]> {
  const launched = flagsOf(rows, train.columns);
  const contenders: Contender[] = [];
  for (const { reservations, ...wanted } of RESERVED) {
    const scorerOf = (one: string) => models.find(({ name }) => name === one)?.score;
    const [model, launcher] = [scorerOf(wanted.model), scorerOf(wanted.launcher)];
    if (model === undefined || launcher === undefined) continue;
    contenders.push(...(await reservePlaces({ train, test, model, launcher, launched, length }, reservations)));
  }
  return contenders;
}

function flagsOf(rows: Uint32Array, items: number): Uint8Array {
  const flags = new Uint8Array(items);
  for (const row of rows) flags[row] = 1;
  return flags;
}

/** The parts of the truth: known items, launched ones, and these by how much training sees of them. */
function askedOf({
  train,
  launched: rows,
  description,
}: Pick<LaunchSplit, "train" | "launched" | "description">): AskedParts {
  const launched = flagsOf(rows, train.columns);
  const anySupport = { minimum: 0, maximum: Number.POSITIVE_INFINITY };
  const slices: Slice[] = [
    { name: "known", ...anySupport, items: launched.map((flag) => 1 - flag) },
    { name: "launched", ...anySupport, items: launched },
  ];
  const levels = levelsOf(description).map((level) => ({ ...level, items: launched }));
  return { slices: [...slices, ...levels], amongSlices: false, launched };
}

/** One a revealed count; ranges of it where the data, not the options, say how much there is. */
function levelsOf({ revealed }: LaunchSplit["description"]): Slice[] {
  if (typeof revealed === "string") {
    const counts = new Set(revealed.split(", ").map(Number));
    return [...counts].sort((a, b) => a - b).map((n) => ({ name: `n=${n}`, minimum: n, maximum: n }));
  }
  const ranges = defaultSlices.filter(({ name }) => name !== "all");
  return ranges.map((range) => ({ ...range, name: `n=${range.name === "cold" ? 0 : range.name}` }));
}
