/** The pipeline file with the chosen values in place: comments and order stay, so that a person can compare the two. */
import { readFile } from "node:fs/promises";
import { basename, dirname, extname, join, resolve } from "node:path";
import { parsePipeline } from "../../config.ts";
import { writeFileAtomic } from "../../data/files/atomic-write.ts";
import { TailrecError } from "../../errors.ts";
import { readError } from "../../file-errors.ts";
import { setInYaml } from "../../yaml.ts";
import type { TrialValues } from "./search-space.ts";

/** "shop.yaml" gives "shop.tuned.yaml" beside it. */
export function tunedName(pipeline: string): string {
  const extension = extname(pipeline);
  return join(dirname(pipeline), `${basename(pipeline, extension)}.tuned${extension}`);
}

/** INVALID_ARGUMENT when `out` is in another folder, or the pipeline itself. */
export function requireTunedPath(pipeline: string, out: string): void {
  if (resolve(dirname(out)) === resolve(dirname(pipeline)) && resolve(out) !== resolve(pipeline)) return;
  throw new TailrecError(
    "INVALID_ARGUMENT",
    `expected the tuned pipeline as another file in the folder of ${pipeline}, where its relative paths start, received ${out}`,
  );
}

/** Writes the copy and checks that it reads as a pipeline. */
export async function writeTunedPipeline(pipeline: string, out: string, values: TrialValues): Promise<void> {
  const text = await readFile(pipeline, "utf8").catch((cause: unknown) => {
    throw readError(pipeline, cause);
  });
  const tuned = setInYaml(
    text,
    Object.entries(values).map(([path, value]) => [path.split("."), value] as const),
  );
  parsePipeline(tuned, out);
  await writeFileAtomic(out, tuned);
}
