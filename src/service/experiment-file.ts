/** The running experiment, from a JSON file. */
import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { TailrecError } from "../errors.ts";
import { parseOptions } from "../options.ts";
import { type Experiment, experimentSchema, type Variant } from "../traffic/experiment.ts";

/** FILE_NOT_FOUND, INVALID_OPTIONS. */
export async function readExperiment(file: string): Promise<Experiment> {
  const text = await readFile(file, "utf8").catch((cause: unknown) => {
    throw new TailrecError("FILE_NOT_FOUND", `the experiment file ${file} cannot be read`, { cause });
  });
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (cause) {
    throw new TailrecError("INVALID_OPTIONS", `${file}: expected JSON`, { cause });
  }
  const experiment = parseOptions(experimentSchema, document, file);
  const placed = ({ bundle, ...variant }: Variant): Variant =>
    bundle === undefined ? variant : { ...variant, bundle: resolve(dirname(file), bundle) };
  return { ...experiment, variants: experiment.variants.map(placed) };
}
