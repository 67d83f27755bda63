/**
 * The vector by which items are compared, of weighted parts at length 1 (similar-settings.ts) and then of length L,
 *   s_i = L_i [a r_i h_i ; o r_i o_i ; p f(x_i) ; c z(x_i)] / |...|,   r_i = sqrt(n_i / (n_i + fade)),   L_i = ((1 + n_i) / (1 + n_max))^g.
 * Items are listed by s_i.s_j / |s_i|: the cosine, lengthened for popular items where validation found them to follow.
 */
import type { AlsModel } from "../../als/als.ts";
import type { ComputeBackend } from "../../math/compute/backend.ts";
import type { SparseMatrix } from "../../math/matrix.ts";
import { concatColumns, type Matrix, zeros } from "../../math/matrix.ts";
import { scaleRows, squaredNorms, unitRows } from "../../math/row-norms.ts";
import { coOccurrenceVectors } from "./co-occurrence.ts";
import { BEHAVIOUR, SIMILAR_PARTS, type SimilarPart, type SimilarSettings } from "./similar-settings.ts";

/** What similar vectors are made of: n rows at length 1 a part, or zeros. */
export interface SimilarParts {
  /** A part that is not known is absent. */
  readonly parts: Readonly<Partial<Record<SimilarPart, Matrix>>>;
  /** n. */
  readonly support: Uint32Array;
}

export interface SimilarVectors {
  /** n x d: columns of behaviour first. */
  readonly vectors: Matrix;
  /** How many of the columns are behaviour; the others are what content tells. */
  readonly behaviour: number;
}

export interface SimilarSource {
  /** Plain ALS. */
  readonly als: Pick<AlsModel, "itemFactors">;
  /** users x n. */
  readonly interactions: SparseMatrix;
  /** f(x): n x k. */
  readonly prior: Matrix;
  /** z(x), rows of length 1: n x c; absent without content. */
  readonly content?: Matrix;
  readonly support: Uint32Array;
  /** o: n x r; worked out of the interactions when absent. */
  readonly coOccurrence?: Matrix;
}

/** The parts that the weights ask for; all of them when no weights are given. */
export async function similarParts(
  { als, interactions, prior, content, support, coOccurrence }: SimilarSource,
  backend: ComputeBackend,
  weights?: SimilarSettings,
): Promise<SimilarParts> {
  const isAsked = (part: SimilarPart) => weights === undefined || weights[part] > 0;
  const parts = {
    ...(isAsked("factors") && { factors: unitRows(als.itemFactors) }),
    ...(isAsked("coOccurrence") && {
      coOccurrence: unitRows(coOccurrence ?? (await coOccurrenceVectors(interactions, backend))),
    }),
    ...(isAsked("prior") && { prior: unitRows(prior) }),
    ...(isAsked("content") && content && { content: unitRows(content) }),
  };
  return { parts, support };
}

/** The vectors at given settings, `most` being the support of the most popular item. An item of which no part is known gets zeros. */
export function assembleSimilar(
  { parts, support }: SimilarParts,
  settings: SimilarSettings,
  most: number,
): SimilarVectors {
  const weighed = SIMILAR_PARTS.flatMap((part) => {
    const rows = parts[part];
    return rows === undefined || settings[part] === 0 ? [] : [scaleRows(rows, partWeights(part, support, settings))];
  });
  const joined = weighed.length === 0 ? zeros(support.length, 0) : concatColumns(weighed);
  const lengths = lengthsOf(support, settings, most);
  const scale = squaredNorms(joined).map((square, i) => (square > 0 ? lengths[i] / Math.sqrt(square) : 0));
  const behaviour = BEHAVIOUR.reduce((sum, part) => sum + (settings[part] > 0 ? (parts[part]?.columns ?? 0) : 0), 0);
  return { vectors: scaleRows(joined, scale), behaviour };
}

/** The weight of a part for every item. */
export function partWeights(
  part: SimilarPart,
  support: Uint32Array,
  { fade, ...weights }: SimilarSettings,
): Float64Array {
  const fades = fade > 0 && BEHAVIOUR.includes(part);
  return Float64Array.from(support, (n) => weights[part] * (fades ? Math.sqrt(n / (n + fade)) : 1));
}

/** L: at most 1. */
export function lengthsOf(support: Uint32Array, { popularity }: SimilarSettings, most: number): Float64Array {
  return Float64Array.from(support, (n) => ((1 + n) / (1 + most)) ** popularity);
}

/** The support of the most popular item. */
export function largest(support: Uint32Array): number {
  return support.reduce((most, n) => Math.max(most, n), 0);
}
