/** `tailrec embed`: vectors for items that the bundle has never seen. */
import { resolve } from "node:path";
import { type Command, Option } from "commander";
import { type FileFormat, fileFormats } from "../data/ingest/ingest-options.ts";
import type { EmbedAnswer, EmbeddedItem } from "../serving/embed-request.ts";
import { embedToFile } from "../serving/vector-outputs.ts";
import { unusableLines } from "./run-summary.ts";
import { type CommonOptions, openSession } from "./session.ts";
import { plainLine, type Style } from "./style.ts";
import { formatTable } from "./table.ts";
import { addVerb, bundleOption, parseCount } from "./verb.ts";

interface EmbedOptions extends CommonOptions {
  readonly bundle: string;
  readonly items: string;
  readonly out: string;
  readonly format: FileFormat;
  readonly images?: string;
  readonly imageRoot?: string;
  readonly cache?: string;
  readonly dimensions?: number;
}

/** New items that the summary shows. */
const shown = 10;

export function addEmbed(program: Command, signal: AbortSignal): void {
  addVerb(
    program,
    "embed",
    "Give vectors to items that the bundle has never seen, from text, picture and attributes.",
    [
      "tailrec embed --bundle out/shop/bundle --items fixtures/tiny/items.jsonl --out vectors.npy",
      "tailrec embed --bundle out/shop/bundle --items fixtures/tiny/items.csv --images fixtures/tiny --out vectors.parquet",
    ],
  )
    .addOption(bundleOption())
    .requiredOption("--items <file>", "items with the columns of the pipeline: CSV, TSV, JSON lines or Parquet")
    .requiredOption("--out <file>", "file to write: .npy, .safetensors, .parquet or .jsonl")
    .addOption(
      new Option("--format <format>", "of the items file; auto reads it from the name, else takes the pipeline's")
        .choices(fileFormats)
        .default("auto"),
    )
    .option("--images <folder>", "where relative picture paths start (default: the folder of the items file)")
    .option("--image-root <folder>", "folder that picture paths may not leave (default: that of --images)")
    .option("--cache <folder>", "keep encoder outputs there for the next time")
    .option("--dimensions <number>", "the first so many numbers of each, as `tailrec export` cuts them", parseCount)
    .action(async (options: EmbedOptions) => {
      const output = openSession(options, signal);
      const { bundle, items: file, out, format, images, imageRoot, cache: cacheFolder, dimensions } = options;
      const folders = { imageFolder: images && resolve(images), imageRoot: imageRoot && resolve(imageRoot) };
      const request = { items: file, out, format, ...folders, cacheFolder, dimensions, described: shown };
      const answer = await embedToFile(bundle, request, output.context);
      const { items, vectors, lowerConfidence, rejected, missingCells, notes, unusable } = answer;
      const { rows, columns } = vectors;
      const document = { out, dimensions: columns, lowerConfidence, rejected, missingCells, notes, unusable, items };
      output.answer(document, (style) => [
        `${rows} vectors of ${columns} dimensions in ${out}; ${rejected} rows rejected`,
        ...notes.map(plainLine),
        ...Object.entries(missingCells).map(([reason, count]) => `${count} x ${plainLine(reason)}`),
        ...confidenceLines(answer),
        ...unusableLines(unusable),
        ...knownLines(answer),
        "",
        ...itemLines(items, style),
      ]);
    });
}

function confidenceLines({ items, lowerConfidence }: EmbedAnswer): string[] {
  const affected = items.filter(({ caveats }) => caveats.length > 0).length;
  if (affected === 0) return [];
  const reasons = Object.entries(lowerConfidence).map(([caveat, count]) => `${count} x ${caveat}`);
  return [`${affected} of lower confidence: ${reasons.join(", ")}`];
}

function knownLines({ known }: EmbedAnswer): string[] {
  return known === 0 ? [] : [`${known} of them are in the bundle already; these vectors rest on content alone`];
}

function itemLines(items: readonly EmbeddedItem[], style: Style): string[] {
  const columns = [
    { heading: "item" },
    { heading: "title", flexible: true },
    { heading: "nearest known item", flexible: true },
    { heading: "score", align: "right" as const },
    { heading: "caveats" },
  ];
  const rows = items
    .slice(0, shown)
    .map(({ id, title, nearest, caveats }) => [
      id,
      title,
      nearest === undefined ? "" : `${nearest.id} ${nearest.title}`,
      nearest?.score.toFixed(3) ?? "",
      caveats.join(", "),
    ]);
  const rest = items.length > shown ? [style.faint(`and ${items.length - shown} more`)] : [];
  return [...formatTable(columns, rows, style), ...rest];
}
