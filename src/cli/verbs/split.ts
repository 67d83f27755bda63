/** `tailrec split`: the splits of a pipeline as files that any tool can train on and be measured on. */
import { relative } from "node:path";
import type { Command } from "commander";
import { loadPipeline } from "../../config.ts";
import { writeSplits } from "../../experiment/results/written-splits.ts";
import { type CommonOptions, openSession } from "../terminal/session.ts";
import { addVerb } from "../verb.ts";

interface SplitOptions extends CommonOptions {
  readonly output: string;
}

export function addSplit(program: Command, signal: AbortSignal): void {
  addVerb(
    program,
    "split",
    "Write the splits of a pipeline file: train.tsv, test.tsv, items.tsv and a manifest each.",
    [
      "tailrec split pipelines/shop.yaml --output splits/shop",
      "tailrec evaluate --split splits/shop/warm-tail --scores mine=recs.tsv",
    ],
  )
    .argument("<pipeline>", "pipeline file (YAML)")
    .requiredOption("--output <folder>", "where the splits go, a folder each")
    .action(async (pipeline: string, options: SplitOptions) => {
      const session = openSession(options, signal);
      const { config, folder } = await loadPipeline(pipeline);
      const splits = await writeSplits(config, options.output, { ...session.context, folder });
      session.answer({ splits }, () =>
        splits.map(({ folder: at, description }) => {
          const { trainInteractions, testInteractions, testUsers } = description;
          return `${relative(process.cwd(), at)}: ${trainInteractions} training and ${testInteractions} held-out interactions of ${testUsers} users`;
        }),
      );
    });
}
