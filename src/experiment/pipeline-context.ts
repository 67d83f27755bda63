/** What a pipeline may be given besides its file. */
import type { PipelineKinds } from "../config.ts";
import type { RunContext } from "../run-context.ts";

export interface PipelineContext extends RunContext, PipelineKinds {
  /** Relative paths of the config start here. */
  readonly folder: string;
  /** Where encoder outputs are kept between runs; not kept when absent. */
  readonly cacheFolder?: string;
  /** Where parts that ran before have left their results; the run does everything itself when absent. */
  readonly stageFolder?: string;
  /** Ranks the question of a folder by an engine, and ends when the answers lie beside it; this process ranks when absent. */
  readonly rankByEngine?: (folder: string) => Promise<void>;
  /** Adds up the moments of a folder's items by an engine, in the same way. */
  readonly addUpByEngine?: (folder: string) => Promise<void>;
  /** Whether the protocols run; true when absent. */
  readonly evaluate?: boolean;
  /** The command as it was typed; the report repeats it. */
  readonly command?: string;
}
