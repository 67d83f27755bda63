/** `tailrec export`: the vectors of a bundle as a file for other tools. */
import type { Command } from "commander";
import { requireVectorFormat, writeVectors } from "../../data/vector-files.ts";
import { openBundle } from "../bundle-session.ts";
import { reduceVectors } from "../reduced-vectors.ts";
import { type CommonOptions, openSession } from "./session.ts";
import { addVerb, bundleOption, parseCount } from "./verb.ts";

interface ExportOptions extends CommonOptions {
  readonly bundle: string;
  readonly out: string;
  readonly dimensions?: number;
}

export function addExport(program: Command, signal: AbortSignal): void {
  addVerb(program, "export", "Write the item vectors of a bundle, with support, source and uncertainty.", [
    "tailrec export --bundle out/shop/bundle --out vectors.parquet",
    "tailrec export --bundle out/shop/bundle --out vectors.npy --dimensions 64",
  ])
    .addOption(bundleOption())
    .requiredOption("--out <file>", "file to write: .parquet, .jsonl, .npy or .safetensors")
    .option("--dimensions <number>", "project on so many dimensions, keeping cosines as well as can be", parseCount)
    .action(async (options: ExportOptions) => {
      const output = openSession(options, signal);
      requireVectorFormat(options.out);
      const { bundle } = await openBundle(options.bundle);
      const { vectors: full, support, source, uncertainty } = bundle.model.embeddings;
      const { vectors, kept } = await reduceVectors(full, options.dimensions ?? full.columns);
      const extra = { support, source, uncertainty };
      await writeVectors(options.out, { ids: bundle.catalog.ids, vectors, extra });
      const { rows, columns } = vectors;
      const loss = `, ${(100 * kept).toFixed(1)} % of the squared length of their directions kept`;
      output.answer({ out: options.out, items: rows, dimensions: columns, kept }, () => [
        `${rows} vectors of ${columns} dimensions in ${options.out}${columns < full.columns ? loss : ""}`,
      ]);
    });
}
