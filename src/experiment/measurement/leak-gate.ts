/**
 * The leak gate: checks of the data and of every split before anything is fitted on it, and of the placebo once it is
 * measured. What is found stops the run (LEAK_FOUND) unless `evaluation.allowLeaks` names the check.
 */
import type { Catalog } from "../../data/catalog.ts";
import type { Ingested } from "../../data/ingest/ingest.ts";
import { itemSupport } from "../../data/interactions.ts";
import type { Split } from "../../data/splits/split.ts";
import { ndcg } from "../../evaluation/metrics/kinds/ndcg.ts";
import { partsOf } from "../../evaluation/metrics/metric-kinds.ts";
import type { EvaluationReport, MetricResult } from "../../evaluation/report.ts";
import { type EncodedCatalog, encodedFor } from "../../features/encode-catalog.ts";
import { type ChosenBlock, chosenBlocks, type ParsedFeatures } from "../../features/feature-options.ts";
import { itemTexts } from "../../features/item-text.ts";
import {
  allowLeaks,
  comparableKinds,
  copyCheckOf,
  type LeakFinding,
  type LeakName,
  stopOnLeaks,
} from "../../leaks/finding.ts";
import type { LeakOptions } from "../../leaks/leak-options.ts";
import {
  alikeInputs,
  type ColdSplit,
  type DuplicatePair,
  duplicateFinding,
  duplicateTexts,
  isSameInput,
  textCheck,
} from "../../leaks/near-duplicates.ts";
import { chanceNdcg, placeboFinding } from "../../leaks/placebo.ts";
import { attributeCorrelations, popularityFinding } from "../../leaks/popularity-attributes.ts";
import { sameUserFinding } from "../../leaks/same-users.ts";
import { futureFinding, hiddenRowsFinding } from "../../leaks/split-leaks.ts";
import { type RunContext, throwIfInterrupted } from "../../run-context.ts";

/** From where on a leak stops the run, and which checks may not. */
export interface GateOptions {
  readonly leaks: LeakOptions;
  readonly allowLeaks: readonly LeakName[];
}

/** Attributes made from popularity, users under two ids. */
export function checkData({ catalog, interactions, userIds }: Ingested, options: GateOptions): LeakFinding[] {
  const { leaks } = options;
  const correlations = attributeCorrelations(catalog, itemSupport(interactions));
  return gated([popularityFinding(correlations, leaks), sameUserFinding(userIds, leaks)], options);
}

export interface CheckedSplit {
  /** Name of the protocol. */
  readonly kind: string;
  readonly split: Pick<Split, "train" | "test" | "description"> & { readonly coldItems?: Uint32Array };
  /** Rows that the feature space is fitted on. */
  readonly fittedOn: readonly number[];
  readonly catalog: Catalog;
  readonly encoded: EncodedCatalog;
  readonly features: ParsedFeatures;
}

/** Features that saw hidden items, training interactions from after the split, and copies of cold items among the training items. */
export async function checkSplit(
  side: CheckedSplit,
  options: GateOptions,
  context: RunContext,
): Promise<LeakFinding[]> {
  const { kind, split, fittedOn } = side;
  const { train, test, description, coldItems } = split;
  const hidden = hiddenRowsFinding(kind, fittedOn, itemSupport(train));
  const order = String(description.order);
  const future = ["latest", "time"].includes(order) ? [futureFinding(kind, train, test, order === "time")] : [];
  const copies = coldItems?.length
    ? await duplicates(side, { cold: coldItems, warm: fittedOn }, options.leaks, context)
    : [];
  return gated([hidden, ...future, ...copies], options);
}

/** Whether the placebo gains where it must not. `levels`: the models that know nothing of content. */
export function checkPlacebo(
  report: EvaluationReport,
  { test }: Pick<Split, "test">,
  levels: readonly string[],
  options: GateOptions,
): LeakFinding[] {
  const cold = report.protocol.slices.find(({ name }) => name === "cold")?.items ?? 0;
  const chance = ({ metric, slice, candidates }: MetricResult) => {
    const { kind, k } = partsOf(metric);
    const known = kind === ndcg.name && slice === "cold" && candidates === "slice";
    return known && k !== undefined ? chanceNdcg(test, cold, k) : undefined;
  };
  return gated([placeboFinding(report, levels, chance)], options);
}

function gated(findings: readonly LeakFinding[], { allowLeaks: allowed }: GateOptions): LeakFinding[] {
  const judged = allowLeaks(findings, allowed);
  stopOnLeaks(judged);
  return judged;
}

async function duplicates(
  { kind, catalog, encoded, features }: CheckedSplit,
  split: ColdSplit,
  leaks: LeakOptions,
  context: RunContext,
): Promise<LeakFinding[]> {
  const nameOf = (row: number) => `${catalog.ids[row]} "${excerpt(catalog.titles[row])}"`;
  const textPairs = await duplicateTexts(itemTexts(catalog), split, leaks.textSimilarity, context);
  const findings = [duplicateFinding(textCheck(leaks), kind, textPairs, split, nameOf, leaks)];
  for (const { kind: block, options } of chosenBlocks(features, comparableKinds)) {
    const vectors = encodedFor(block.name, encoded)?.vectors;
    if (vectors === undefined) continue;
    const candidates = await alikeInputs(vectors, split);
    const pairs = await sameInputs(candidates, { kind: block, options }, catalog, context);
    const copies = { check: copyCheckOf(block), likeness: `the same ${block.files?.noun}` };
    findings.push(duplicateFinding(copies, kind, pairs, split, nameOf, leaks));
  }
  return findings;
}

/** Picks those of the candidate pairs whose small versions are one. */
async function sameInputs(
  candidates: readonly DuplicatePair[],
  { kind: { words, files }, options }: ChosenBlock,
  catalog: Catalog,
  context: RunContext,
): Promise<DuplicatePair[]> {
  const locations = files?.locations(catalog) ?? [];
  const known = new Map<number, Uint8Array | undefined>();
  const smallOf = async (row: number) => {
    const location = locations[row];
    if (!known.has(row))
      known.set(row, location === null ? undefined : await files?.fingerprint?.(location, catalog, options));
    return known.get(row);
  };
  const same: DuplicatePair[] = [];
  for (const [i, [cold, warm]] of candidates.entries()) {
    throwIfInterrupted(context);
    context.onProgress?.({ stage: `compare ${words.plural}`, done: i + 1, total: candidates.length });
    const [a, b] = [await smallOf(cold), await smallOf(warm)];
    if (a !== undefined && b !== undefined && isSameInput(a, b)) same.push([cold, warm]);
  }
  return same;
}

function excerpt(text: string): string {
  return text.length <= 80 ? text : `${text.slice(0, 79)}…`;
}
