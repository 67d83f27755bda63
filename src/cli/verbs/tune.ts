/** `tailrec tune`: better options for a pipeline, found on validation, and a copy of the file with them. */
import { type Command, InvalidArgumentError, Option } from "commander";
import { byMerit } from "../../experiment/tuning/search.ts";
import { defaultSpace, type TrialValues } from "../../experiment/tuning/search-space.ts";
import type { TrialRecord } from "../../experiment/tuning/trial-log.ts";
import type { TuneResult } from "../../experiment/tuning/tune.ts";
import { DEFAULT_TRIALS, tunePipelineFile } from "../../experiment/tuning/tune-file.ts";
import { blockKinds } from "../../features/block-kinds.ts";
import { featureOptionsSchema } from "../../features/feature-options.ts";
import { embeddingOptionsSchema } from "../../hybrid/embedding-options.ts";
import { decimalOf } from "../../report/report-tables.ts";
import { collectSeldom } from "../heap-growth.ts";
import { duration } from "../terminal/progress.ts";
import { type CommonOptions, openSession } from "../terminal/session.ts";
import type { Style } from "../terminal/style.ts";
import { formatTable } from "../terminal/table.ts";
import { addVerb, defaultCacheFolder } from "../verb.ts";

interface TuneVerbOptions extends CommonOptions {
  readonly search: "halving" | "random";
  readonly budget: Budget;
  readonly seed: number;
  readonly space?: string;
  readonly out?: string;
  readonly output?: string;
  readonly cache: string;
}

/** One of the two. */
interface Budget {
  readonly trials?: number;
  readonly seconds?: number;
}

export function addTune(program: Command, signal: AbortSignal): void {
  addVerb(program, "tune", "Search better options for a pipeline on its training side; write a copy with them.", [
    "tailrec tune pipelines/shop.yaml",
    "tailrec tune pipelines/shop.yaml --search random --budget 20min --seed 2",
  ])
    .addHelpText("after", ["", "Default search space:", ...spaceLines()].join("\n"))
    .argument("<pipeline>", "pipeline file (YAML)")
    .addOption(new Option("--search <kind>", "how to search").choices(["halving", "random"]).default("halving"))
    .addOption(
      new Option("--budget <amount>", "configurations (27), or time (20min, 90s)")
        .argParser(parseBudget)
        .default({}, `${DEFAULT_TRIALS}`),
    )
    .option("--seed <number>", "seed of the configurations", parseSeed, 1)
    .option("--space <file>", "YAML: option paths with lists of choices or { from, to, scale } (default: below)")
    .option("--out <file>", "the tuned pipeline, in the folder of the original (default: NAME.tuned.yaml)")
    .option("--output <folder>", "where tune/trials.jsonl is kept, instead of the pipeline's `output`")
    .option("--cache <folder>", "where encoder outputs are kept between runs", defaultCacheFolder)
    .action(async (pipeline: string, options: TuneVerbOptions) => {
      collectSeldom();
      const session = openSession(options, signal);
      const { search, budget, seed, space, out: asked, output, cache: cacheFolder } = options;
      const tuning = { search, budget, seed, space, out: asked, output, cacheFolder };
      const { out, ...result } = await tunePipelineFile(pipeline, tuning, session.context);
      session.answer({ pipeline: out, ...result }, (style) => tuneLines(result, out, style));
    });
}

function tuneLines(
  { records, chosen, baseline, cutShort, trialsFile }: TuneResult,
  out: string,
  style: Style,
): string[] {
  const gain = (["objective", "known", "launched"] as const)
    .map((name) => `${name} ${decimalOf(baseline[name])} -> ${decimalOf(chosen[name])}`)
    .join(", ");
  const outcome =
    chosen.trial === 0 ? "nothing was better than the pipeline as written" : `trial ${chosen.trial}: ${gain}`;
  return [
    ...trialTable(records, style),
    "",
    style.bold(`Chosen on validation (NDCG@10 on the inner split): ${outcome}`),
    ...valueLines(chosen.values).map((line) => `  ${line}`),
    ...(cutShort
      ? ["The time was over before the search ended; the same command with a larger --budget goes on."]
      : []),
    `${out} is the pipeline with these values; ${trialsFile} holds every trial.`,
    `Next: tailrec evaluate ${out}`,
  ];
}

/** The highest level first, the best of each first. */
function trialTable(records: readonly TrialRecord[], style: Style): string[] {
  const columns = [
    { heading: "trial", align: "right" as const },
    { heading: "level", align: "right" as const },
    { heading: "known", align: "right" as const },
    { heading: "launched", align: "right" as const },
    { heading: "objective", align: "right" as const },
    { heading: "time", align: "right" as const },
    { heading: "values", flexible: true },
  ];
  const levels = [...new Set(records.map(({ level }) => level))].sort((a, b) => b - a);
  const rows = levels.flatMap((level) => byMerit(records.filter((record) => record.level === level)));
  const cells = rows.map(({ trial, level, known, launched, objective, seconds, values, failed }) => [
    String(trial),
    String(level),
    ...[known, launched, objective].map((figure) => (failed === undefined ? decimalOf(figure) : "-")),
    duration(1000 * seconds),
    failed ?? (trial === 0 ? "the pipeline as written" : valueLines(values).join(", ")),
  ]);
  return formatTable(columns, cells, style);
}

/** "rank 128", "channel dimension 512": the stage goes without saying. */
function valueLines(values: TrialValues): string[] {
  return Object.entries(values).map(([path, value]) => {
    const [, ...rest] = path.split(".");
    return `${rest.join(" ")} ${value}`;
  });
}

/** The default space of a pipeline that uses every block. */
function spaceLines(): string[] {
  const features = featureOptionsSchema.parse(Object.fromEntries(blockKinds.map(({ name }) => [name, {}])));
  const embeddings = embeddingOptionsSchema.parse({});
  return Object.entries(defaultSpace({ features, embeddings })).map(([path, dimension]) => {
    const values = Array.isArray(dimension)
      ? dimension.join(", ")
      : `${dimension.from} to ${dimension.to}, ${dimension.scale} scale`;
    return `  ${path}: ${values}`;
  });
}

function parseBudget(text: string): Budget {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)\s*(min|s|h|trials)?$/.exec(text.trim()) ?? [];
  const value = Number(amount);
  const seconds = { min: 60, s: 1, h: 3600 }[unit];
  if (!(value > 0))
    throw new InvalidArgumentError("expected a number of configurations such as 27, or a time such as 20min.");
  if (seconds !== undefined) return { seconds: seconds * value };
  if (Number.isInteger(value) && value > 1) return { trials: value };
  throw new InvalidArgumentError("expected at least 2 configurations: the pipeline as written is the first.");
}

function parseSeed(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isInteger(value)) throw new InvalidArgumentError("expected a whole number.");
  return value;
}
