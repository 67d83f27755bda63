/** `tailrec embed`: vectors for items that the bundle has never seen. */
import { resolve } from "node:path";
import type { Command } from "commander";
import { requireVectorFormat, writeVectors } from "../data/files/vector-files.ts";
import { alongAxes, leadingColumns } from "../hybrid/score-axes.ts";
import { rowOf } from "../math/matrix.ts";
import { type BundleSession, openBundle } from "../serving/bundle-session.ts";
import { embedItemsFile, type NewItems } from "../serving/items-file.ts";
import { similarToVector } from "../serving/similar-items.ts";
import { unusableLines } from "./run-summary.ts";
import { type CommonOptions, openSession } from "./session.ts";
import type { Style } from "./style.ts";
import { formatTable } from "./table.ts";
import { addVerb, bundleOption, parseCount } from "./verb.ts";

interface EmbedOptions extends CommonOptions {
  readonly bundle: string;
  readonly items: string;
  readonly out: string;
  readonly images?: string;
  readonly imageRoot?: string;
  readonly cache?: string;
  readonly dimensions?: number;
}

interface EmbeddedItem {
  readonly id: string;
  readonly title: string;
  readonly uncertainty: number;
  readonly caveats: readonly string[];
  /** The nearest item of the bundle. */
  readonly nearest?: { readonly id: string; readonly title: string; readonly score: number };
}

/** New items that the summary shows. */
const shown = 10;

export function addEmbed(program: Command, signal: AbortSignal): void {
  addVerb(
    program,
    "embed",
    "Give vectors to items that the bundle has never seen, from text, picture and attributes.",
    [
      "tailrec embed --bundle out/shop/bundle --items new.jsonl --out vectors.npy",
      "tailrec embed --bundle out/shop/bundle --items new.csv --images photos --out vectors.parquet",
    ],
  )
    .addOption(bundleOption())
    .requiredOption("--items <file>", "items with the columns of the pipeline: CSV, TSV, JSON lines or Parquet")
    .requiredOption("--out <file>", "file to write: .npy, .safetensors, .parquet or .jsonl")
    .option("--images <folder>", "where relative picture paths start (default: the folder of the items file)")
    .option("--image-root <folder>", "folder that picture paths may not leave (default: that of --images)")
    .option("--cache <folder>", "keep encoder outputs there for the next time")
    .option("--dimensions <number>", "the first so many numbers of each, as `tailrec export` cuts them", parseCount)
    .action(async (options: EmbedOptions) => {
      const output = openSession(options, signal);
      requireVectorFormat(options.out);
      const session = await openBundle(options.bundle);
      const request = {
        path: options.items,
        imageFolder: options.images && resolve(options.images),
        imageRoot: options.imageRoot && resolve(options.imageRoot),
        cacheFolder: options.cache,
      };
      const embedded = await embedItemsFile(session.bundle, request, output.context);
      const { catalog, embeddings, caveats, report } = embedded;
      const extra = { uncertainty: embeddings.uncertainty, caveats: caveats.map((list) => list.join("; ")) };
      const turned = await alongAxes(embeddings.vectors, session.bundle.axes);
      const vectors = leadingColumns(turned, Math.min(options.dimensions ?? turned.columns, turned.columns));
      await writeVectors(options.out, { ids: catalog.ids, vectors, extra });
      const items = await describeEmbedded(session, embedded);
      const lowerConfidence = countCaveats(caveats);
      const { rows, columns } = vectors;
      const document = {
        out: options.out,
        dimensions: columns,
        lowerConfidence,
        rejected: report.items.rejected,
        unusable: embedded.unusable,
        items,
      };
      output.answer(document, (style) => [
        `${rows} vectors of ${columns} dimensions in ${options.out}; ${report.items.rejected} rows rejected`,
        ...confidenceLines(lowerConfidence, caveats),
        ...unusableLines(embedded.unusable),
        ...knownLines(session, catalog.ids),
        "",
        ...itemLines(items, style),
      ]);
    });
}

async function describeEmbedded(
  session: BundleSession,
  { catalog, embeddings, caveats }: NewItems,
): Promise<EmbeddedItem[]> {
  const items: EmbeddedItem[] = [];
  for (const [row, id] of catalog.ids.entries()) {
    const [hit] = row < shown ? await similarToVector(session.index, rowOf(embeddings.vectors, row), { count: 1 }) : [];
    const known = session.bundle.catalog;
    const nearest = hit && { id: known.ids[hit.row], title: known.titles[hit.row], score: hit.score };
    items.push({
      id,
      title: catalog.titles[row],
      uncertainty: embeddings.uncertainty[row],
      caveats: caveats[row],
      nearest,
    });
  }
  return items;
}

/** How many items have each caveat, most frequent first. */
function countCaveats(caveats: NewItems["caveats"]): Record<string, number> {
  const counts = new Map<string, number>();
  for (const caveat of caveats.flat()) counts.set(caveat, (counts.get(caveat) ?? 0) + 1);
  return Object.fromEntries([...counts].sort(([, a], [, b]) => b - a));
}

function confidenceLines(counts: Readonly<Record<string, number>>, caveats: NewItems["caveats"]): string[] {
  const affected = caveats.filter((list) => list.length > 0).length;
  if (affected === 0) return [];
  const reasons = Object.entries(counts).map(([caveat, count]) => `${count} x ${caveat}`);
  return [`${affected} of lower confidence: ${reasons.join(", ")}`];
}

function knownLines({ bundle }: BundleSession, ids: readonly string[]): string[] {
  const known = new Set(bundle.catalog.ids);
  const count = ids.filter((id) => known.has(id)).length;
  return count === 0 ? [] : [`${count} of them are in the bundle already; these vectors rest on content alone`];
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
