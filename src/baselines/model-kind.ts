/**
 * A model that can take part in an evaluation, by its name: how it is fitted on one training side, and which of its options
 * validation chooses. What a model needs it asks of its data; nothing is worked out that nobody asks for.
 */
import type { z } from "zod";
import type { Interactions } from "../data/interactions.ts";
import type { ScoredContender } from "../evaluation/ranking/scorer.ts";
import type { DiagonalBasis } from "../math/compute/diagonal-basis.ts";
import type { Matrix } from "../math/matrix.ts";
import type { RunContext } from "../run-context.ts";
import type { NeighbourLists } from "./neighbours.ts";

/** A model by its vectors: what the tail dial turns, and what truncation shortens. */
export interface ServedVectors {
  /** users x d. */
  readonly users: Matrix;
  /** items x d, at their own lengths. */
  readonly items: Matrix;
  /** Where the tail dial stands. */
  readonly tail: number;
}

export interface FittedContender extends ScoredContender {
  /** Vectors of a model whose dial a report turns, or which it shortens. */
  readonly served?: ServedVectors;
}

/** Options that validation chooses: NDCG@10 on the inner split of the training data; the first of equals wins. */
export interface OptionChoice<O> {
  readonly grid: readonly O[];
  /**
   * warm: held-out interactions of known items; cold-and-warm: the geometric mean of these and of hidden items among themselves;
   * mixture: known and launched items as the hybrid is judged.
   */
  readonly judgedOn: "warm" | "cold-and-warm" | "mixture";
}

/** `D`: what the model may ask for. `O`: its options. */
export interface ModelKind<D, O = unknown> {
  /** As pipelines and reports have it. */
  readonly name: string;
  /** One sentence. */
  readonly words: string;
  /** Whether it takes part where a pipeline names no models. */
  readonly byDefault?: boolean;
  /** Whether it knows of an item more than what users did with it. What does not is the level that a placebo may reach. */
  readonly knowsContent: boolean;
  /** Whether it has nothing by which to rank items that nobody took: a protocol that asks for these alone leaves it out, and says so. */
  readonly needsBehaviour?: boolean;
  /** Whether it is fitted at the settings of the run. They are chosen before other models are fitted, whose memory the search needs. */
  readonly usesSettings?: boolean;
  /** What a pipeline may say under `evaluation.modelOptions`, with the defaults. Whoever says it leaves nothing to the choice. */
  readonly schema?: z.ZodObject;
  readonly choice?: OptionChoice<O>;
  /** `options`: what the pipeline says, or what the choice came to; undefined where there is neither. */
  fit(data: D, options?: O): FittedContender | Promise<FittedContender>;
}

/** What a baseline is fitted on. */
export interface BaselineData {
  /** users x items. */
  readonly train: Interactions;
  /** Standardised content vectors: items x d. */
  readonly content: () => Promise<Matrix>;
  /** The same at unit length, in shared memory. */
  readonly directions: () => Promise<Matrix>;
  /** The basis in which users are solved against those, for all options of a model. */
  readonly directionsBasis: () => Promise<DiagonalBasis>;
  /** Nearest items and users, kept while options of a model are tried; absent elsewhere. */
  readonly neighbours?: () => NeighbourLists;
  /** Seed of all draws. */
  readonly seed: number;
  readonly context: RunContext;
}

export type Baseline<O = unknown> = ModelKind<BaselineData, O>;
