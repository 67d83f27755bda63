/**
 * A protocol: a way of splitting the data and a question that is asked of models on it. It says what its options are, what its splits
 * hold out, how they are measured, and what a report says of the figures. Everything else asks it.
 */
import type { z } from "zod";
import type { Interactions } from "../../data/interactions.ts";
import type { Split } from "../../data/splits/split.ts";
import type { SavedSplit } from "../../data/splits/split-files.ts";
import type { EvaluationInput } from "../../evaluation/evaluation-input.ts";
import type { ParsedEvaluationOptions } from "../../evaluation/options.ts";
import type { EvaluationReport, ReportWords } from "../../evaluation/report.ts";
import type { RankedSplit } from "../../evaluation/summary/ranked-split.ts";
import type { ParsedFeatures } from "../../features/feature-options.ts";
import type { HybridModel } from "../../hybrid/hybrid.ts";
import type { LeakFinding } from "../../leaks/finding.ts";
import type { SparseMatrix } from "../../math/matrix.ts";
import type { Rule } from "../../rules/rule-kinds.ts";
import type { LeakGate } from "./leak-gate.ts";
import type { MeasurementContext, SideOf } from "./split-sides.ts";
import type { FittedFeatures, Prepared } from "./training-features.ts";

/** Names that options may be of. */
export interface KnownNames {
  readonly model: z.ZodType<string, string>;
}

/** What the data hold of a split that somebody else made. */
export interface GivenSplit {
  /** What `data.heldOut` holds, in the shape of the interactions. */
  readonly heldOut?: Interactions;
}

/** Which of a user's interactions a split holds out. */
export type HeldOutOrder = "latest" | "random";

/** How a protocol parts the data. Protocols that name the same one share its splits, and what is fitted on them. */
export interface SplitMaker<O, S> {
  /** The key under `evaluation:` where its options stand. */
  readonly option: string;
  /** Whether `evaluation.seeds` repeats it. */
  readonly repeated: boolean;
  /** Whether it is the same at every seed, as a cut at one moment is: it is then asked once. False when absent. */
  isSeedless?(options: O): boolean;
  /** Deterministic in the options. NOT_ENOUGH_DATA where the data cannot be split so. */
  split(interactions: Interactions, options: O, given: GivenSplit): S;
  /** What no model, and no tuning, may train on. */
  heldOut(split: S): Interactions;
  /** Where one protocol holds out the latest, validation does, and asks its settings in order of time; random when absent. */
  order?(split: S): HeldOutOrder;
}

/** `O`: its options. `S`: its splits. */
export interface Protocol<O = unknown, S = unknown> {
  /** As reports, folders and messages have it: "cold-items". */
  readonly name: string;
  /** Its key under `evaluation:` in the pipeline file; null or false there leaves it out. */
  readonly option: string;
  /** Schema of the value at that key, with its default and description. */
  schema(names: KnownNames): z.ZodType<O | null | false>;
  readonly splits: SplitMaker<unknown, S>;
  /** Who is asked what comes next: users, or items of which others are alike. Rows of the ranks are theirs. */
  readonly asks: "users" | "items";
  /** Whether nothing is asked for but items that training does not know; models that need behaviour then take no part. */
  readonly asksColdItems?: boolean;
  measure(run: ProtocolRun<O, S>, context: MeasurementContext): Promise<ProtocolResult>;
  /** What is said of its report. */
  words(report: EvaluationReport): ReportWords;
  /** How its splits stand in files, for other tools, and how their lists are measured; absent where they do not. */
  readonly files?: SplitFiles<O, S>;
}

export interface SplitFiles<O, S> {
  /** What is written: a split, for items what follows each of them, and which items are launched, where some are. */
  written(
    split: S,
    options: O,
  ): { readonly split: Split; readonly truth?: SparseMatrix; readonly launched?: Uint32Array };
  /** What is asked of lists, from a split that was read back. */
  asked(saved: SavedSplit): Omit<EvaluationInput, "contenders">;
  /** Metrics beside the usual ones. */
  readonly metrics?: readonly string[];
  /** Likewise of figures of the lists. */
  readonly listMetrics?: readonly string[];
}

/** What a protocol measures with. */
export interface ProtocolRun<O, S> {
  /** Name of the protocol. */
  readonly name: string;
  /** Name of the data set. */
  readonly dataset: string;
  readonly data: Prepared;
  readonly options: O;
  /** One a seed. */
  readonly splits: readonly S[];
  /** What is fitted on a training side, once. */
  readonly sideOf: SideOf;
  readonly evaluation: ParsedEvaluationOptions;
  /** Options of the features, which the leak gate looks at. */
  readonly features: ParsedFeatures;
  readonly gate: LeakGate;
  /** Rules whose cost is measured. */
  readonly rules: readonly Rule[];
  /** Places of the tail dial that reports draw. */
  readonly tails: readonly number[];
}

export interface ProtocolResult {
  readonly report: EvaluationReport;
  /** What the leak gate found and let through. */
  readonly leaks: readonly LeakFinding[];
  /** The ranks behind the report, one a split; absent for protocols of several fits. */
  readonly ranked?: readonly RankedSplit[];
  /** The hybrid that was measured, and its features; absent where it did not take part, and for protocols of several fits. */
  readonly fitted?: { readonly model: HybridModel; readonly features: FittedFeatures };
}
