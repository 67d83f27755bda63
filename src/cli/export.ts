/** `tailrec export`: the vectors of a bundle, along its score axes, as a file for other tools. */
import type { Command } from "commander";
import { loadBundle } from "../bundle/bundle.ts";
import { writeTogether } from "../data/files/atomic-write.ts";
import { requireDistinctOutputs, requireOutsideInputs } from "../data/files/output-paths.ts";
import { vectorFiles, vectorPaths } from "../data/files/vector-files.ts";
import { exportedVectors } from "../serving/exported-vectors.ts";
import { type CommonOptions, openSession } from "./session.ts";
import { addVerb, bundleOption, parseCount } from "./verb.ts";

interface ExportOptions extends CommonOptions {
  readonly bundle: string;
  readonly out: string;
  readonly users?: string;
  readonly dimensions?: number;
}

export function addExport(program: Command, signal: AbortSignal): void {
  addVerb(program, "export", "Write the item vectors of a bundle, with support, source and uncertainty.", [
    "tailrec export --bundle out/shop/bundle --out vectors.parquet",
    "tailrec export --bundle out/shop/bundle --out items.npy --users users.npy --dimensions 64",
  ])
    .addOption(bundleOption())
    .requiredOption("--out <file>", "file to write: .parquet, .jsonl, .npy or .safetensors")
    .option("--users <file>", "file for the user vectors; a user's dot product with an item is the score")
    .option("--dimensions <number>", "the first so many numbers, which carry the most score variance", parseCount)
    .action(async (options: ExportOptions) => {
      const output = openSession(options, signal);
      const { out, users: usersOut } = options;
      const paths = [out, ...(usersOut === undefined ? [] : [usersOut])].flatMap(vectorPaths);
      await requireDistinctOutputs(paths);
      await requireOutsideInputs(paths, [options.bundle]);
      const bundle = await loadBundle(options.bundle);
      const { items, users, kept } = await exportedVectors(bundle, options.dimensions);
      const userFiles = usersOut === undefined ? [] : vectorFiles(usersOut, users);
      await writeTogether([...vectorFiles(out, items), ...userFiles]);
      const { rows, columns } = items.vectors;
      const full = bundle.axes.columns;
      const share = columns < full ? `, which carry ${(100 * kept).toFixed(1)} % of the score variance of ${full}` : "";
      output.answer({ out, users: usersOut, items: rows, dimensions: columns, kept }, () => [
        `${rows} vectors of ${columns} dimensions in ${out}${share}`,
        ...(usersOut === undefined ? [] : [`${users.ids.length} users likewise in ${usersOut}`]),
      ]);
    });
}
