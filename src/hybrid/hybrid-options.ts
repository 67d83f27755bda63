/** Options of the hybrid, as a caller writes them: of ALS, of the regressor, and of the embeddings with the validation that chooses among them. */
import type { AlsOptions } from "../als/als-options.ts";
import type { RegressorOptions } from "../regressor/regressor-options.ts";
import type { EmbeddingOptions } from "./embedding-options.ts";

export interface HybridOptions {
  readonly collaborative?: AlsOptions;
  readonly regressor?: RegressorOptions;
  readonly embeddings?: EmbeddingOptions;
}
