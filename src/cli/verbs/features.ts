/** `tailrec features`: what the content of a pipeline's items carries, block by block. */
import type { Command } from "commander";
import { loadPipeline } from "../../config.ts";
import {
  type FeatureInspection,
  type InspectedBlock,
  inspectFeatures,
} from "../../experiment/checks/feature-inspection.ts";
import { unusableLines } from "../answers/run-summary.ts";
import { type CommonOptions, openSession } from "../terminal/session.ts";
import { plainLine, type Style } from "../terminal/style.ts";
import { formatTable } from "../terminal/table.ts";
import { addVerb, defaultCacheFolder, parseCount } from "../verb.ts";

interface InspectOptions extends CommonOptions {
  readonly item?: string;
  readonly neighbours: number;
  readonly cache: string;
}

export function addFeatures(program: Command, signal: AbortSignal): void {
  const features = program.command("features").description("Look at the features of a pipeline's items.");
  addVerb(
    features,
    "inspect",
    "Per block: dimension, coverage, explained variance, and the nearest neighbours of a sample item.",
    ["tailrec features inspect pipelines/shop.yaml", "tailrec features inspect pipelines/shop.yaml --item P00042"],
  )
    .argument("<pipeline>", "pipeline file (YAML)")
    .option("--item <id>", "item whose neighbours are listed (default: the first with the most blocks)")
    .option("--neighbours <number>", "neighbours listed a block", parseCount, 3)
    .option("--cache <folder>", "where encoder outputs are kept between runs", defaultCacheFolder)
    .action(async (pipeline: string, options: InspectOptions) => {
      const session = openSession(options, signal);
      const { config, folder } = await loadPipeline(pipeline);
      const { item, neighbours, cache: cacheFolder } = options;
      const inspection = await inspectFeatures(
        config,
        { item, neighbours },
        { ...session.context, folder, cacheFolder },
      );
      session.answer(inspection, (style) => inspectionLines(inspection, style));
    });
}

function inspectionLines(
  { items, trainingItems, sample, blocks, unusable }: FeatureInspection,
  style: Style,
): string[] {
  return [
    style.bold(`${items} items, fitted on the ${trainingItems} that have interactions`),
    ...blockLines(blocks, style),
    ...unusableLines(unusable),
    "",
    style.bold(plainLine(`Nearest to ${sample.id} "${sample.title}"`)),
    ...neighbourLines(blocks, style),
  ];
}

function blockLines(blocks: readonly InspectedBlock[], style: Style): string[] {
  const columns = [
    { heading: "block" },
    { heading: "from", flexible: true },
    ...["columns", "dimension", "weight", "coverage", "variance kept", "effective dimension"].map((heading) => ({
      heading,
      align: "right" as const,
    })),
  ];
  const rows = blocks.map((block) => [
    block.name,
    block.source,
    String(block.sourceDimension),
    String(block.dimension),
    block.weight.toFixed(2),
    `${(100 * block.coverage).toFixed(1)}%`,
    `${(100 * block.explainedVariance).toFixed(1)}%`,
    block.effectiveDimension.toFixed(1),
  ]);
  return formatTable(columns, rows, style);
}

function neighbourLines(blocks: readonly InspectedBlock[], style: Style): string[] {
  const columns = [
    { heading: "block" },
    { heading: "cosine", align: "right" as const },
    { heading: "item" },
    { heading: "title", flexible: true },
  ];
  const rows = blocks.flatMap(({ name, neighbours }) =>
    neighbours.length === 0
      ? [[name, "", "", "the item does not have this block"]]
      : neighbours.map(({ id, title, score }, place) => [place === 0 ? name : "", score.toFixed(3), id, title]),
  );
  return formatTable(columns, rows, style);
}
