/**
 * What speaks for the likeness of two items: users in common, every content block, shared words and attributes, and the cosine by
 * which they are compared beside those of the priors (content) and of the ALS factors (behaviour). That cosine is split exactly: with
 * vectors s = [b ; c] of behaviour and content, cos = b_a.b_b / (|s_a||s_b|) + c_a.c_b / (|s_a||s_b|).
 */
import type { Catalog } from "../../data/catalog.ts";
import { type FeatureBlock, type FeatureMatrix, featureRow, type Standardisation } from "../../data/feature-matrix.ts";
import type { BlockKind } from "../../features/block-kind.ts";
import type { EmbeddingSource } from "../../hybrid/item-embeddings.ts";
import { cosineOf, dot } from "../../math/cosine.ts";
import { type Matrix, rowOf, type SparseMatrix } from "../../math/matrix.ts";
import { requireRow } from "../ranking/item-index.ts";
import { type SharedAttributes, sharedAttributes, sharedWords } from "./shared-content.ts";
import { countSharedUsers, type SharedUsers } from "./shared-users.ts";

/** What an explanation is drawn from; row i is item i everywhere. */
export interface Evidence {
  readonly catalog: Catalog;
  /** By word: the number of items of `catalog` that have it (`documentFrequencies`). */
  readonly documentFrequencies: ReadonlyMap<string, number>;
  /** The training interactions: users x n. */
  readonly interactions: SparseMatrix;
  readonly features: FeatureMatrix;
  /** Kinds of the blocks of `features`; the built-in ones when absent. */
  readonly kinds?: readonly BlockKind[];
  readonly standardisation: Standardisation;
  readonly embeddings: {
    /** n x d; the first `rank` columns are the factors, the rest the content channel. */
    readonly vectors: Matrix;
    readonly rank: number;
    readonly support: ArrayLike<number>;
    readonly source: readonly EmbeddingSource[];
  };
  /** By which items are compared. */
  readonly similar: {
    /** n x d; the first `behaviour` columns come from behaviour, the rest from content. */
    readonly vectors: Matrix;
    readonly behaviour: number;
  };
  /** n x rank: the factors predicted from content. */
  readonly prior: Matrix;
  /** n x rank: the ALS factors; zeros for cold items. */
  readonly itemFactors: Matrix;
}

export interface ExplainedItem {
  readonly id: string;
  readonly title: string;
  readonly support: number;
  readonly source: EmbeddingSource;
  /** Cosine of its served factors with its prior: 1 when content alone made them. */
  readonly nearPrior: number | null;
  /** Cosine of its served factors with its ALS factors: 1 when behaviour alone made them. */
  readonly nearFactors: number | null;
}

export interface BlockLikeness {
  readonly name: string;
  readonly kind: FeatureBlock["kind"];
  /** Cosine of the centred blocks; null when an item lacks the block. */
  readonly cosine: number | null;
}

/** Cosines in [-1, 1]; null where a vector is zeros. */
export interface Likeness {
  readonly served: number | null;
  /** The part of `served` that comes from behaviour; the two parts add up to it. */
  readonly fromBehaviour: number | null;
  readonly fromContent: number | null;
  readonly prior: number | null;
  readonly factors: number | null;
}

export interface PairFacts {
  readonly a: ExplainedItem;
  readonly b: ExplainedItem;
  readonly users: SharedUsers;
  readonly content: readonly BlockLikeness[];
  readonly attributes: SharedAttributes;
  /** Words in both texts, the most specific first. */
  readonly words: readonly string[];
  readonly likeness: Likeness;
}

/** Throws INVALID_ARGUMENT for a row that is not there. */
export function pairFacts(a: number, b: number, evidence: Evidence): PairFacts {
  const { catalog, documentFrequencies, interactions, embeddings } = evidence;
  for (const row of [a, b]) requireRow(embeddings, row);
  return {
    a: describeItem(a, evidence),
    b: describeItem(b, evidence),
    users: countSharedUsers(interactions, a, b),
    content: evidence.features.blocks.map((block, position) => compareBlock(block, position, a, b, evidence)),
    attributes: sharedAttributes(catalog, a, b),
    words: sharedWords(catalog, documentFrequencies, a, b),
    likeness: compareVectors(a, b, evidence),
  };
}

function describeItem(row: number, { catalog, embeddings, prior, itemFactors }: Evidence): ExplainedItem {
  const { vectors, rank, support, source } = embeddings;
  const served = rowOf(vectors, row).subarray(0, rank);
  return {
    id: catalog.ids[row],
    title: catalog.titles[row],
    support: support[row],
    source: source[row],
    nearPrior: cosineOf(served, rowOf(prior, row)),
    nearFactors: cosineOf(served, rowOf(itemFactors, row)),
  };
}

function compareBlock(block: FeatureBlock, position: number, a: number, b: number, evidence: Evidence): BlockLikeness {
  const { name, kind, offset, dimension } = block;
  const { presence, blocks } = evidence.features;
  const present = [a, b].every((row) => presence.values[row * blocks.length + position] > 0);
  const centred = (row: number): Float32Array =>
    featureRow(evidence.features, row)
      .slice(offset, offset + dimension)
      .map((value, j) => value - evidence.standardisation.mean[offset + j]);
  return { name, kind, cosine: present ? cosineOf(centred(a), centred(b)) : null };
}

function compareVectors(a: number, b: number, { similar, prior, itemFactors }: Evidence): Likeness {
  const { vectors, behaviour } = similar;
  const [u, v] = [rowOf(vectors, a), rowOf(vectors, b)];
  const lengths = Math.sqrt(dot(u, u) * dot(v, v));
  const share = (from: number, to?: number): number | null =>
    lengths > 0 ? dot(u.subarray(from, to), v.subarray(from, to)) / lengths : null;
  return {
    served: share(0),
    fromBehaviour: share(0, behaviour),
    fromContent: share(behaviour),
    prior: cosineOf(rowOf(prior, a), rowOf(prior, b)),
    factors: cosineOf(rowOf(itemFactors, a), rowOf(itemFactors, b)),
  };
}
