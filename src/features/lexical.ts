/**
 * The lexical block: latent semantic analysis (Deerwester 1990). Each text becomes TF-IDF weights
 *
 *   (1 + ln tf) (1 + ln((1 + n) / (1 + df))), rows of length 1,
 *
 * and these are projected on the leading right singular vectors of the training texts. New texts take the same map.
 */
import { sparseMap, sparseTimes } from "../math/linear-map.ts";
import { type Matrix, type SparseMatrix, zeros } from "../math/matrix.ts";
import { truncatedSvd } from "../math/truncated-svd.ts";
import type { BlockValues } from "./block-values.ts";
import { countTerms } from "./word-counts.ts";

export interface LexicalSpace {
  /** Terms in column order, sorted. */
  readonly terms: readonly string[];
  /** 1 + ln((1 + n) / (1 + df)), one a term. */
  readonly inverseFrequency: Float32Array;
  readonly bigrams: boolean;
  /** V: terms x dimension. */
  readonly projection: Matrix;
}

export interface LexicalOptions {
  readonly dimension: number;
  readonly minimumDocuments: number;
  readonly bigrams: boolean;
}

const SEED = 1;

/** Fits vocabulary, document frequencies and projection on the texts at `rows`. The dimension is at most the rank of their TF-IDF matrix. */
export async function fitLexical(
  texts: readonly string[],
  rows: ArrayLike<number>,
  options: LexicalOptions,
): Promise<LexicalSpace> {
  const counts = Array.from(rows, (row) => countTerms(texts[row], options.bigrams));
  const frequency = documentFrequency(counts);
  const terms = [...frequency.keys()].filter((term) => documents(frequency, term) >= options.minimumDocuments).sort();
  const inverseFrequency = Float32Array.from(
    terms,
    (term) => 1 + Math.log((1 + counts.length) / (1 + documents(frequency, term))),
  );
  const weighted = weigh(counts, columnsOf(terms), inverseFrequency);
  const { right } = await truncatedSvd(sparseMap(weighted), { rank: options.dimension, seed: SEED });
  return { terms, inverseFrequency, bigrams: options.bigrams, projection: right };
}

/** Projects texts; one without any known term has no lexical block. */
export function applyLexical(space: LexicalSpace, texts: readonly string[]): BlockValues {
  const counts = texts.map((text) => countTerms(text, space.bigrams));
  const weighted = weigh(counts, columnsOf(space.terms), space.inverseFrequency);
  const vectors = space.terms.length === 0 ? zeros(texts.length, 0) : sparseTimes(weighted, space.projection);
  const presence = Uint8Array.from(texts, (_, i) => (weighted.indptr[i + 1] > weighted.indptr[i] ? 1 : 0));
  return { vectors, presence };
}

function documentFrequency(counts: readonly Map<string, number>[]): Map<string, number> {
  const frequency = new Map<string, number>();
  for (const document of counts)
    for (const term of document.keys()) frequency.set(term, documents(frequency, term) + 1);
  return frequency;
}

function documents(frequency: ReadonlyMap<string, number>, term: string): number {
  return frequency.get(term) ?? 0;
}

function columnsOf(terms: readonly string[]): Map<string, number> {
  return new Map(terms.map((term, column) => [term, column]));
}

/** The TF-IDF matrix, documents x terms; unknown terms are left out before the rows are brought to length 1. */
function weigh(
  counts: readonly Map<string, number>[],
  columns: ReadonlyMap<string, number>,
  inverseFrequency: Float32Array,
): SparseMatrix {
  const indptr = new Uint32Array(counts.length + 1);
  const entries = counts.map((document, i) => {
    const row = knownEntries(document, columns);
    indptr[i + 1] = indptr[i] + row.length;
    return row;
  });
  const indices = Uint32Array.from(entries.flatMap((row) => row.map(([column]) => column)));
  const values = new Float32Array(indices.length);
  for (const [i, row] of entries.entries()) {
    values.set(unitLength(row.map(([column, count]) => (1 + Math.log(count)) * inverseFrequency[column])), indptr[i]);
  }
  return { rows: counts.length, columns: columns.size, indptr, indices, values };
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
  const length = Math.hypot(...weights);
  return weights.map((weight) => weight / length);
}
