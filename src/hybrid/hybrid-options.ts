/** Options of the hybrid, as a caller writes them: of ALS, of the regressor, of the embeddings and their validation. */
import type { AlsOptions } from "../als/als-options.ts";
import type { RegressorOptions } from "../regressor/regressor-options.ts";
import type { EmbeddingOptions } from "./embedding-options.ts";

export interface HybridOptions {
  readonly collaborative?: AlsOptions;
  readonly regressor?: RegressorOptions;
  readonly embeddings?: EmbeddingOptions;
}
