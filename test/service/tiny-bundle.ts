/** A bundle of the tiny shop without encoders, made once a test file, and its ids. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runPipeline } from "../../src/experiment/pipeline.ts";
import { tinyExperiment } from "../helpers/tiny-experiment.ts";

export interface TinyBundle {
  readonly folder: string;
  readonly bundle: string;
  remove(): Promise<void>;
}

export async function makeTinyBundle(): Promise<TinyBundle> {
  const folder = await mkdtemp(join(tmpdir(), "tailrec-service-"));
  const output = join(folder, "tiny");
  await runPipeline(tinyExperiment(output, "{}"), { folder, evaluate: false });
  return { folder, bundle: join(output, "bundle"), remove: () => rm(folder, { recursive: true, force: true }) };
}
