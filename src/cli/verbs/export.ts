/** `tailrec export`: the vectors of a bundle along its score axes, or its regressor, as files for other tools. */
import { type Command, Option } from "commander";
import { exportLayers } from "../../serving/vectors/layers-output.ts";
import { exportVectors } from "../../serving/vectors/vector-outputs.ts";
import { type CommonOptions, openSession } from "../terminal/session.ts";
import { addVerb, bundleOption, parseCount } from "../verb.ts";

interface ExportOptions extends CommonOptions {
  readonly bundle: string;
  readonly out: string;
  readonly users?: string;
  readonly similar?: string;
  readonly dimensions?: number;
  readonly format?: "tfjs";
}

export function addExport(program: Command, signal: AbortSignal): void {
  addVerb(
    program,
    "export",
    "Write the item vectors of a bundle with support, source and uncertainty, or its regressor.",
    [
      "tailrec export --bundle out/shop/bundle --out vectors.parquet",
      "tailrec export --bundle out/shop/bundle --out items.npy --users users.npy --dimensions 64",
      "tailrec export --bundle out/shop/bundle --out regressor --format tfjs",
    ],
  )
    .addOption(bundleOption())
    .requiredOption(
      "--out <file>",
      "file to write: .parquet, .jsonl, .npy or .safetensors; with --format tfjs, a folder",
    )
    .option("--users <file>", "file for the user vectors; a user's dot product with an item is the score")
    .option("--similar <file>", "file for the vectors by which items are compared, to be ranked by the inner product")
    .option("--dimensions <number>", "the first so many numbers, which carry the most score variance", parseCount)
    .addOption(
      new Option("--format <name>", "tfjs: no vectors, but the regressor as a layers model of TensorFlow.js")
        .choices(["tfjs"])
        .conflicts(["users", "similar", "dimensions"]),
    )
    .action((options: ExportOptions) =>
      options.format === "tfjs" ? writeLayers(options, signal) : writeVectors(options, signal),
    );
}

async function writeLayers({ bundle, out, ...common }: ExportOptions, signal: AbortSignal): Promise<void> {
  const output = openSession(common, signal);
  const { regressor, features, blocks, dimensions } = await exportLayers(bundle, out);
  output.answer({ out, regressor, features, blocks, dimensions }, () => [
    `${regressor} of ${features} features to ${dimensions} dimensions in ${out}/model.json`,
    `blocks, in the order of presence: ${blocks.join(", ")}`,
  ]);
}

async function writeVectors(options: ExportOptions, signal: AbortSignal): Promise<void> {
  const output = openSession(options, signal);
  const { bundle, out, users, similar, dimensions } = options;
  const written = await exportVectors(bundle, { out, users, similar, dimensions });
  const { items, full, kept } = written;
  const carried = `, which carry ${(100 * kept).toFixed(1)} % of the score variance of ${full}`;
  const share = written.dimensions < full ? carried : "";
  output.answer({ out, users, similar, items, dimensions: written.dimensions, kept }, () => [
    `${items} vectors of ${written.dimensions} dimensions in ${out}${share}`,
    ...(users === undefined ? [] : [`${written.users} users likewise in ${users}`]),
    ...(similar === undefined ? [] : [`${items} vectors to compare items by in ${similar}`]),
  ]);
}
