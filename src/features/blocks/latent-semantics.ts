/**
 * The lexical block: latent semantic analysis (Deerwester 1990). Each text becomes TF-IDF weights
 *
 *   (1 + ln tf) (1 + ln((1 + n) / (1 + df))), rows of length 1,
 *
 * and these are projected on the leading right singular vectors of the training texts. New texts take the same map.
 */

import type { BlockValues } from "../../data/block-values.ts";
import { defaultBackend } from "../../math/compute/backend.ts";
import { sharedOnce } from "../../math/compute/shared-memory.ts";
import { sparseMap } from "../../math/linear-map.ts";
import { type Matrix, type SparseMatrix, zeros } from "../../math/matrix.ts";
import { truncatedSvd } from "../../math/truncated-svd.ts";
import { type CharacterRuns, countTerms, isRun } from "./word-counts.ts";

/** Options of how runs of characters join the words. */
export interface CharacterOptions extends CharacterRuns {
  /** Length of the part of the runs in a row where that of the words has length 1. */
  readonly weight: number;
}

export interface LexicalSpace {
  /** Terms in column order, sorted. */
  readonly terms: readonly string[];
  /** 1 + ln((1 + n) / (1 + df)), one a term. */
  readonly inverseFrequency: Float32Array;
  readonly bigrams: boolean;
  readonly characters: CharacterOptions | null;
  /** V: terms x dimension. */
  readonly projection: Matrix;
}

export interface LexicalOptions {
  readonly dimension: number;
  readonly minimumDocuments: number;
  readonly maximumTerms: number | null;
  readonly bigrams: boolean;
  readonly characters: CharacterOptions | null;
}

const SEED = 1;

/** Fits vocabulary, document frequencies and projection on the texts at `rows`. The dimension is at most the rank of their TF-IDF matrix. */
export async function fitLexical(
  texts: readonly string[],
  rows: ArrayLike<number>,
  options: LexicalOptions,
): Promise<LexicalSpace> {
  const { bigrams, characters, dimension } = options;
  const known = Array.from(rows, (row) => texts[row]);
  const frequency = documentFrequency(known, options);
  const terms = frequentTerms(frequency, options);
  const inverseFrequency = Float32Array.from(
    terms,
    (term) => 1 + Math.log((1 + known.length) / (1 + (frequency.get(term) ?? 0))),
  );
  const vocabulary = { terms, inverseFrequency, bigrams, characters };
  const { right } = await truncatedSvd(sparseMap(weigh(known, vocabulary)), { rank: dimension, seed: SEED });
  return { ...vocabulary, projection: right };
}

/** Projects texts; one without any known term has no lexical block. */
export async function applyLexical(space: LexicalSpace, texts: readonly string[]): Promise<BlockValues> {
  const weighted = weigh(texts, space);
  const { terms, projection } = space;
  const project = () => defaultBackend().multiplySparse(weighted, sharedOnce(projection));
  const vectors = terms.length === 0 ? zeros(texts.length, 0) : await project();
  const presence = Uint8Array.from(texts, (_, i) => (weighted.indptr[i + 1] > weighted.indptr[i] ? 1 : 0));
  return { vectors, presence };
}

/** The share of the squared length of the TF-IDF rows of these texts that the projection keeps; 1 when they have no known term. */
export async function lexicalEnergy(space: LexicalSpace, texts: readonly string[]): Promise<number> {
  const { vectors, presence } = await applyLexical(space, texts);
  // Rows that are there have length 1 before the projection.
  const total = presence.reduce((sum, bit) => sum + bit, 0);
  const kept = vectors.values.reduce((sum, value) => sum + value * value, 0);
  return total === 0 ? 1 : Math.min(1, kept / total);
}

/** The number of texts that have a term, by term. A text's own counts are let go before the next: there may be thousands of runs in each. */
function documentFrequency(texts: readonly string[], options: LexicalOptions): Map<string, number> {
  const frequency = new Map<string, number>();
  for (const text of texts) {
    for (const term of countTerms(text, options).keys()) frequency.set(term, (frequency.get(term) ?? 0) + 1);
  }
  return frequency;
}

/** Sorted; of more than `maximumTerms`, those in the most texts. */
function frequentTerms(
  frequency: ReadonlyMap<string, number>,
  { minimumDocuments, maximumTerms }: LexicalOptions,
): string[] {
  const frequent = [...frequency].filter(([, documents]) => documents >= minimumDocuments);
  if (maximumTerms !== null && frequent.length > maximumTerms) {
    frequent.sort(([a, documentsA], [b, documentsB]) => documentsB - documentsA || (a < b ? -1 : 1));
    frequent.length = maximumTerms;
  }
  return frequent.map(([term]) => term).sort();
}

/** The TF-IDF matrix, documents x terms; unknown terms are left out before the rows are brought to length 1. */
function weigh(texts: readonly string[], vocabulary: Omit<LexicalSpace, "projection">): SparseMatrix {
  const columns = new Map(vocabulary.terms.map((term, column) => [term, column]));
  const indptr = new Uint32Array(texts.length + 1);
  const indices: number[] = [];
  const values: number[] = [];
  for (const [i, text] of texts.entries()) {
    const entries = knownEntries(countTerms(text, vocabulary), columns);
    for (const [column] of entries) indices.push(column);
    for (const value of rowWeights(entries, vocabulary)) values.push(value);
    indptr[i + 1] = indices.length;
  }
  return {
    rows: texts.length,
    columns: columns.size,
    indptr,
    indices: Uint32Array.from(indices),
    values: Float32Array.from(values),
  };
}

/** Words and runs are weighed apart, so that the many runs do not drown the words; the row as a whole has length 1. */
function rowWeights(
  entries: readonly (readonly [column: number, count: number])[],
  { terms, inverseFrequency, characters }: Omit<LexicalSpace, "projection">,
): number[] {
  const weights = entries.map(([column, count]) => (1 + Math.log(count)) * inverseFrequency[column]);
  if (characters === null) return unitLength(weights);
  const runs = entries.map(([column]) => isRun(terms[column]));
  const wordLength = lengthOf(weights.filter((_, k) => !runs[k])) || 1;
  const runLength = lengthOf(weights.filter((_, k) => runs[k])) || 1;
  return unitLength(
    weights.map((weight, k) => (runs[k] ? (characters.weight * weight) / runLength : weight / wordLength)),
  );
}

/** [column, count] of the known terms, columns ascending. */
function knownEntries(document: Map<string, number>, columns: ReadonlyMap<string, number>): [number, number][] {
  const known: [number, number][] = [];
  for (const [term, count] of document) {
    const column = columns.get(term);
    if (column !== undefined) known.push([column, count]);
  }
  return known.sort(([a], [b]) => a - b);
}

function unitLength(weights: readonly number[]): number[] {
  const length = lengthOf(weights);
  return weights.map((weight) => weight / length);
}

/** Euclidean length; not Math.hypot over a spread: a long text has more terms than a call may have arguments. */
function lengthOf(weights: readonly number[]): number {
  return Math.sqrt(weights.reduce((sum, weight) => sum + weight * weight, 0));
}
