/**
 * One report from one split or several that differ in their seed alone. Over several, a figure is the mean over all (user, split)
 * pairs, its interval draws users with all their splits, and `splits` keeps the figure of each: what another split would have said.
 */
import { setImmediate } from "node:timers/promises";
import { parseOptions } from "../../options.ts";
import { type RunContext, throwIfInterrupted } from "../../run-context.ts";
import { type EvaluationOptions, evaluationOptionsSchemaOf, type ParsedEvaluationOptions } from "../options.ts";
import type { EvaluationReport, MetricResult, SliceRecord } from "../report.ts";
import { summariseLists } from "./list-summary.ts";
import { metricWords } from "./metric-words.ts";
import { pooledTasks, type RankedSplit, type TaskOfSplit } from "./ranked-split.ts";
import { type Comparing, type Summary, summarise } from "./summary.ts";

/** Results, comparisons and definitions of the splits together: the same contenders in each. Intervals over items may be left out. */
export async function summariseSplits(
  splits: readonly RankedSplit[],
  options: EvaluationOptions = {},
  context: RunContext = {},
  overItems = true,
): Promise<EvaluationReport> {
  const parsed = parseOptions(evaluationOptionsSchemaOf(splits[0].metricKinds), options, "evaluation");
  const { metrics, listMetrics, tailSupport } = parsed;
  const tasks = pooledTasks(splits);
  const comparing = comparingOf(parsed, splits[0].contenders);
  const { resamples, seed } = parsed;
  const bootstrap = { resamples, seed };
  const summaries: Summary[] = [];
  for (const [t, parts] of tasks.entries()) {
    await setImmediate();
    throwIfInterrupted(context);
    summaries.push(await summarise({ parts, metrics, comparing, bootstrap, overItems }));
    context.onProgress?.({ stage: "bootstrap", done: t + 1, total: tasks.length });
  }
  const lists = await summariseLists({ parts: tasks[0], metrics: listMetrics, tailSupport, bootstrap });
  return reportOf(splits, tasks, summaries, lists, parsed);
}

function comparingOf(
  { compare, metrics }: ParsedEvaluationOptions,
  contenders: readonly string[],
): Comparing | undefined {
  const reference = contenders.indexOf(compare.reference ?? "hybrid");
  const compared = compare.metrics ?? metrics.slice(0, 1);
  return reference < 0 ? undefined : { reference, metrics: compared.map((metric) => metrics.indexOf(metric)) };
}

function reportOf(
  splits: readonly RankedSplit[],
  tasks: readonly TaskOfSplit[][],
  summaries: readonly Summary[],
  lists: readonly MetricResult[],
  { resamples, seed, metrics, listMetrics, tailSupport }: ParsedEvaluationOptions,
): EvaluationReport {
  const { dataset, metricKinds } = splits[0];
  const protocol = commonProtocol(splits);
  const slices = tasks
    .filter(([{ task }]) => task.candidates === "catalog")
    .map(([{ task }]): SliceRecord => task.slice);
  const several = splits.length > 1 ? { seeds: splits.map((split) => Number(split.protocol.seed)) } : {};
  const tail = lists.length > 0 ? { tailSupport } : {};
  const about = metricWords([...metrics, ...(lists.length > 0 ? listMetrics : [])], metricKinds);
  return {
    dataset,
    protocol: { ...protocol, ...several, ...tail, slices, bootstrap: { resamples, seed }, ...about },
    results: [...summaries.flatMap(({ results }) => results), ...lists],
    comparisons: summaries.flatMap(({ comparisons }) => comparisons),
  };
}

/** What all splits say alike; what each says of its own stands in `perSplit`. */
function commonProtocol(splits: readonly RankedSplit[]): RankedSplit["protocol"] {
  const [{ protocol }, ...others] = splits;
  if (others.length === 0) return protocol;
  const isCommon = ([key, value]: [string, unknown]): boolean =>
    others.every((other) => JSON.stringify(other.protocol[key]) === JSON.stringify(value));
  const common = Object.fromEntries(Object.entries(protocol).filter(isCommon));
  const own = ({ protocol: each }: RankedSplit) =>
    Object.fromEntries(Object.entries(each).filter(([key]) => !(key in common)));
  return { ...common, kind: protocol.kind, perSplit: splits.map(own) };
}
