/** Similar items: on the splits of warm-tail, what users took next is the truth of the item before it. */
import type { Split } from "../../data/splits/split.ts";
import { measureSplit } from "../../evaluation/evaluate.ts";
import type { EvaluationOptions, ParsedEvaluationOptions } from "../../evaluation/options.ts";
import {
  LIFT_METRICS,
  type SimilarItemsOptions,
  similarItemsInput,
  similarItemsOptionsSchema,
  similarityContenders,
  similarTruth,
} from "../../evaluation/similar-items.ts";
import { summariseSplits } from "../../evaluation/summary/pooled-report.ts";
import type { RankedSplit } from "../../evaluation/summary/ranked-split.ts";
import { parseOptions } from "../../options.ts";
import { contentForLists } from "../measurement/list-content.ts";
import type { Protocol, ProtocolRun, SplitFiles } from "../measurement/protocol.ts";
import type { MeasurementContext } from "../measurement/split-sides.ts";
import { withinSplit } from "../measurement/users-measurement.ts";
import { warmTail } from "./warm-tail.ts";

const name = "similar-items";

/** Whom ranks and figures are of, in a report's words. */
const rows = "query items";

const files: SplitFiles<SimilarItemsOptions, Split> = {
  // The relation is written as it was resolved, so that reading needs no guess.
  written: (split, options) => {
    const { truth, relation } = similarTruth(split.train, split.test, options);
    const { windowDays = null } = options;
    const description = { ...split.description, kind: name, relation, windowDays, pairs: truth.indices.length };
    return { split: { ...split, description }, truth };
  },
  asked: ({ manifest, train, test }) => {
    const { relation, windowDays } = manifest.split;
    const options = parseOptions(similarItemsOptionsSchema, { relation, windowDays }, name);
    const { contenders: _, ...input } = similarItemsInput(train, similarTruth(train, test, options), []);
    return { ...input, protocol: { kind: name, rows } };
  },
  metrics: LIFT_METRICS,
};

export const similarItems = {
  name,
  option: "similarItems",
  schema: () =>
    similarItemsOptionsSchema
      .nullable()
      .default(null)
      .describe(
        "on the warm-tail split: rank what users took next for every query item, measured by the query's support",
      ),
  splits: warmTail.splits,
  asks: "items",
  measure: async (run, context) => {
    const ranked: RankedSplit[] = [];
    for (const [s, split] of run.splits.entries()) {
      ranked.push(await measureOne(run, split, withinSplit(s, run.splits.length, context)));
    }
    const report = await summariseSplits(ranked, optionsFor(run.evaluation, ranked[0].contenders), context);
    return { report, leaks: [], ranked };
  },
  words: () => ({
    title: "Similar items",
    purpose: "For an item, the truth is what the same users took next. The models list the items nearest to it.",
    headline: { slice: "all", candidates: "catalog" },
  }),
  files,
} as const satisfies Protocol<SimilarItemsOptions, Split>;

/** The models that were fitted for the users of the split, asked how alike items are. */
async function measureOne(
  { dataset, options, evaluation, sideOf }: ProtocolRun<SimilarItemsOptions, Split>,
  split: Split,
  context: MeasurementContext,
): Promise<RankedSplit> {
  const { train, test, description } = split;
  const side = sideOf(split, train, context);
  const contenders = similarityContenders((await side.models()).contenders);
  const truth = similarTruth(train, test, options);
  const protocol = { ...description, kind: name, rows, ...options, relation: truth.relation };
  const itemContent = await contentForLists(side.data, evaluation, context);
  const input = { ...similarItemsInput(train, truth, contenders), itemContent, dataset, protocol };
  const names = contenders.map((contender) => contender.name);
  return measureSplit(input, optionsFor(evaluation, names), context);
}

/** The options of the pipeline, with the popularity-corrected forms and a reference that takes part. */
function optionsFor({ compare, ...options }: ParsedEvaluationOptions, models: readonly string[]): EvaluationOptions {
  const reference = compare.reference !== null && models.includes(compare.reference) ? compare.reference : null;
  const metrics = [...new Set([...options.metrics, ...LIFT_METRICS])];
  return { ...options, metrics, compare: { ...compare, reference } };
}
