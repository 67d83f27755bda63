/** The vectors by which items are compared, as a part of the model: fitted with it, and given to items that come later. */
import type { FeatureMatrix, Standardisation } from "../../data/feature-matrix.ts";
import type { ComputeBackend } from "../../math/compute/backend.ts";
import { type Matrix, zeros } from "../../math/matrix.ts";
import { unitRows } from "../../math/row-norms.ts";
import { contentVectors, unitContent } from "../content-channel.ts";
import type { SimilarSettings } from "./similar-settings.ts";
import { assembleSimilar, largest, type SimilarSource, type SimilarVectors, similarParts } from "./similar-vectors.ts";

export interface SimilarModel extends SimilarVectors {
  readonly settings: SimilarSettings;
  /** Support of the most popular item. */
  readonly mostSupport: number;
  /** d x c: the axes of the content channel; absent where content has no weight. */
  readonly axes?: Matrix;
}

export interface SimilarContent {
  /** z(x), rows of length 1: n x c. */
  readonly unit: Matrix;
  /** d x c. */
  readonly axes: Matrix;
}

/** Vectors of all items; `content` is absent where the channel is off. */
export async function fitSimilar(
  source: Omit<SimilarSource, "content"> & { readonly content?: SimilarContent },
  settings: SimilarSettings,
  backend: ComputeBackend,
): Promise<SimilarModel> {
  const { content } = source;
  const parts = await similarParts({ ...source, content: content?.unit }, backend, settings);
  const mostSupport = largest(source.support);
  const fitted = { ...assembleSimilar(parts, settings, mostSupport), settings, mostSupport };
  return content && settings.content > 0 ? { ...fitted, axes: content.axes } : fitted;
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
