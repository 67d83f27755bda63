/** The vectors that are served, and how much of each is behaviour. */
import type { Matrix } from "../math/matrix.ts";

/** Where an item's factors come from: its interactions, both, or its content alone. */
export type EmbeddingSource = "behaviour" | "blend" | "content";

export interface ItemEmbeddings {
  /** n x (rank + channel): [h ; b z(x)]. */
  readonly vectors: Matrix;
  /** k: the leading columns are factors, the rest is the content channel. */
  readonly rank: number;
  /** n: training interactions. */
  readonly support: Uint32Array;
  /** n. */
  readonly source: readonly EmbeddingSource[];
  /** n: standard deviation of the item's scores, as a share of that of an item known by complete content alone. */
  readonly uncertainty: Float32Array;
}
