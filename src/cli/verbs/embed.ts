/** `tailrec embed`: vectors for items that the bundle has never seen. */
import { resolve } from "node:path";
import { type Command, Option } from "commander";
import { vectorLines } from "../../data/files/vector-files.ts";
import { type FileFormat, fileFormats } from "../../data/ingest/ingest-options.ts";
import { rowOf } from "../../math/matrix.ts";
import { openRecommender } from "../../serving/recommender.ts";
import type { EmbedAnswer, EmbeddedItem } from "../../serving/requests/embed-request.ts";
import { embeddedTable, embedToFile } from "../../serving/vectors/vector-outputs.ts";
import { unusableLines } from "../answers/run-summary.ts";
import { addOneItemOptions, type OneItemOptions, oneItem } from "../one-item.ts";
import { type CommonOptions, openSession } from "../terminal/session.ts";
import { plainLine, type Style } from "../terminal/style.ts";
import { formatTable } from "../terminal/table.ts";
import { addVerb, bundleOption, parseCount } from "../verb.ts";

interface EmbedOptions extends CommonOptions, OneItemOptions {
  readonly bundle: string;
  readonly items?: string;
  readonly out?: string;
  readonly format: FileFormat;
  readonly images?: string;
  readonly imageRoot?: string;
  readonly cache?: string;
  readonly dimensions?: number;
}

/** New items that the summary shows. */
const shown = 10;

export function addEmbed(program: Command, signal: AbortSignal): void {
  const command = addVerb(
    program,
    "embed",
    "Give vectors to items that the bundle has never seen, from text, picture and attributes.",
    [
      "tailrec embed --bundle out/shop/bundle --items fixtures/tiny/items.jsonl --out vectors.npy",
      "tailrec embed --bundle out/shop/bundle --items fixtures/tiny/items.csv --images fixtures/tiny --out vectors.parquet",
      "tailrec embed --bundle out/shop/bundle --items fixtures/tiny/items.jsonl > vectors.jsonl",
      "tailrec embed --bundle out/shop/bundle --title 'Copper kettle' --image fixtures/tiny/images/003.webp --attribute category=kettle --attribute price=45",
    ],
  )
    .addOption(bundleOption())
    .option(
      "--items <file>",
      "items with the columns of the pipeline: CSV, TSV, JSON lines or Parquet; - for standard input",
    )
    .option(
      "--out <file>",
      "file to write: .npy, .safetensors, .parquet or .jsonl; without it vectors are JSON lines on stdout",
    )
    .addOption(
      new Option("--format <format>", "of the items file; auto reads it from the name, else takes the pipeline's")
        .choices(fileFormats)
        .default("auto"),
    )
    .option("--images <folder>", "where relative picture paths start (default: the folder of the items file)")
    .option("--image-root <folder>", "folder that picture paths may not leave (default: that of --images)")
    .option("--cache <folder>", "keep encoder outputs there for the next time")
    .option("--dimensions <number>", "the first so many numbers of each, as `tailrec export` cuts them", parseCount);
  addOneItemOptions(command).action(async (options: EmbedOptions) => {
    const output = openSession(options, signal);
    const one = await oneItem(options, options.items);
    const { bundle, out, cache: cacheFolder, dimensions } = options;
    const asked = { cacheFolder, dimensions, described: shown };
    const request = { ...asked, ...(one === undefined ? sourceOf(options) : { items: [one] }) };
    if (out !== undefined) {
      const answer = await embedToFile(bundle, { ...request, out }, output.context);
      output.answer({ out, ...documentOf(answer) }, (style) => linesOf(answer, out, style));
      return;
    }
    const recommender = await openRecommender(bundle);
    const answer = await recommender.embed(request, output.context);
    await recommender.close();
    if (one !== undefined) return output.answer(oneDocument(answer), (style) => oneLines(answer, style));
    output.pipe(withVectors(answer), vectorLines(embeddedTable(answer)), (style) =>
      linesOf(answer, "standard output", style),
    );
  });
}

function documentOf({ items, vectors, lowerConfidence, rejected, missingCells, notes, unusable }: EmbedAnswer) {
  return { dimensions: vectors.columns, lowerConfidence, rejected, missingCells, notes, unusable, items };
}

function withVectors(answer: EmbedAnswer): unknown {
  const items = answer.items.map((item, row) => ({ ...item, vector: rowOf(answer.vectors, row) }));
  return { ...documentOf(answer), items };
}

function linesOf(answer: EmbedAnswer, where: string, style: Style): string[] {
  const { items, vectors, rejected, missingCells, notes, unusable } = answer;
  return [
    `${vectors.rows} vectors of ${vectors.columns} dimensions in ${where}; ${rejected} rows rejected`,
    ...notes.map(plainLine),
    ...Object.entries(missingCells).map(([reason, count]) => `${count} x ${plainLine(reason)}`),
    ...confidenceLines(answer),
    ...unusableLines(unusable),
    ...knownLines(answer),
    "",
    ...itemLines(items, style),
  ];
}

/** The file of items; standard input has no folder, and pictures start here. */
function sourceOf({ items = "-", format, images, imageRoot }: EmbedOptions) {
  const isPiped = items === "-";
  const folder = images ?? (isPiped ? "." : undefined);
  return {
    items: isPiped ? "/dev/stdin" : items,
    format,
    imageFolder: folder && resolve(folder),
    imageRoot: imageRoot && resolve(imageRoot),
  };
}

/** The vector itself, which a file would hold. */
function oneDocument({ items: [item], vectors, missingCells, unusable, known }: EmbedAnswer): unknown {
  return { ...item, vector: vectors.values, missingCells, unusable, inBundle: known > 0 };
}

function oneLines(answer: EmbedAnswer, style: Style): string[] {
  const { items, vectors, missingCells, unusable } = answer;
  return [
    `a vector of ${vectors.columns} dimensions; --json prints it, --out keeps it`,
    ...Object.keys(missingCells).map(plainLine),
    ...unusableLines(unusable),
    ...knownLines(answer),
    "",
    ...itemLines(items, style),
  ];
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
