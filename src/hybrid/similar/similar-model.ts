/** The vectors by which items are compared, as a part of the model: fitted with it, and given to items that come later. */
import type { FeatureMatrix, Standardisation } from "../../data/feature-matrix.ts";
import type { ComputeBackend } from "../../math/compute/backend.ts";
import { columnRange, type Matrix, zeros } from "../../math/matrix.ts";
import { scaleRows, squaredNorms, unitRows } from "../../math/row-norms.ts";
import { contentVectors, unitContent } from "../content-channel.ts";
import { coOccurrenceVectors, foldInCoOccurrence } from "./co-occurrence.ts";
import type { SimilarSettings } from "./similar-settings.ts";
import { assembleSimilar, largest, type SimilarSource, type SimilarVectors, similarParts } from "./similar-vectors.ts";

export interface SimilarModel extends SimilarVectors {
  readonly settings: SimilarSettings;
  /** Support of the most popular item. */
  readonly mostSupport: number;
  /** d x c: the axes of the content channel; absent where content has no weight. */
  readonly axes?: Matrix;
  /** |o_i|, which an update needs: n; absent where co-occurrence has no weight, and in earlier bundles. */
  readonly coOccurrenceLengths?: Float32Array;
}

export interface SimilarContent {
  /** z(x), rows of length 1: n x c. */
  readonly unit: Matrix;
  /** d x c. */
  readonly axes: Matrix;
}

/** What the vectors of all items are made of. */
export type FittedSource = Omit<SimilarSource, "content"> & { readonly content?: SimilarContent };

/** Vectors of all items; `content` is absent where the channel is off. */
export async function fitSimilar(
  source: FittedSource,
  settings: SimilarSettings,
  backend: ComputeBackend,
): Promise<SimilarModel> {
  const coOccurrence = settings.coOccurrence > 0 ? await coOccurrenceVectors(source.interactions, backend) : undefined;
  return similarOf({ ...source, coOccurrence }, { settings, mostSupport: largest(source.support) }, backend);
}

/** Vectors after an update: those of the changed items anew, all others as they were. */
export async function updateSimilar(
  similar: SimilarModel,
  source: FittedSource,
  items: readonly number[],
  backend: ComputeBackend,
): Promise<SimilarModel> {
  const { settings, mostSupport } = similar;
  if (settings.coOccurrence === 0) return similarOf(source, { settings, mostSupport }, backend);
  const earlier = keptCoOccurrence(similar, source.als.itemFactors.columns);
  if (earlier === undefined) return fitSimilar(source, settings, backend);
  const coOccurrence = await foldInCoOccurrence(earlier, source.interactions, items, backend);
  return similarOf({ ...source, coOccurrence }, { settings, mostSupport }, backend);
}

/** Whether an update leaves the vectors of items that it does not change where they are. */
export function staysInPlace({ settings, coOccurrenceLengths }: SimilarModel): boolean {
  return settings.coOccurrence === 0 || coOccurrenceLengths !== undefined;
}

async function similarOf(
  { content, ...source }: FittedSource,
  { settings, mostSupport }: Pick<SimilarModel, "settings" | "mostSupport">,
  backend: ComputeBackend,
): Promise<SimilarModel> {
  const parts = await similarParts({ ...source, content: content?.unit }, backend, settings);
  const { coOccurrence } = source;
  return {
    ...assembleSimilar(parts, settings, mostSupport),
    settings,
    mostSupport,
    ...(content && settings.content > 0 && { axes: content.axes }),
    ...(coOccurrence && { coOccurrenceLengths: Float32Array.from(squaredNorms(coOccurrence), Math.sqrt) }),
  };
}

/** o: the part of the vectors that tells who took both, at its own lengths. */
function keptCoOccurrence(
  { vectors, behaviour, settings, coOccurrenceLengths: lengths }: SimilarModel,
  factors: number,
): Matrix | undefined {
  if (lengths === undefined) return undefined;
  const unit = unitRows(columnRange(vectors, settings.factors > 0 ? factors : 0, behaviour));
  return scaleRows(unit, Float64Array.from(lengths));
}

/** What is known of new items. */
export interface NewContent {
  readonly features: FeatureMatrix;
  readonly standardisation: Standardisation;
  /** f(x): n x k. */
  readonly prior: Matrix;
}

/** Vectors of items that nobody has met, in the space of the model: n x d. */
export async function newSimilar(
  { settings, mostSupport, behaviour, axes }: SimilarModel,
  { features, standardisation, prior }: NewContent,
  backend: ComputeBackend,
): Promise<Matrix> {
  const { rows, columns } = prior;
  const factors = zeros(rows, settings.factors > 0 ? columns : 0);
  const parts = {
    factors,
    coOccurrence: zeros(rows, behaviour - factors.columns),
    prior: unitRows(prior),
    ...(axes && { content: await unitContent(contentVectors(features, standardisation), axes, backend) }),
  };
  return assembleSimilar({ parts, support: new Uint32Array(rows) }, settings, mostSupport).vectors;
}
