/** The request for vectors of new items, along the bundle's score axes, and what each item lacks and is near to. */
import { z } from "zod";
import { fileFormats } from "../../data/ingest/ingest-options.ts";
import { itemRecordSchema } from "../../data/ingest/item-records.ts";
import { reportNotes } from "../../data/ingest/report-notes.ts";
import type { UnusableInput } from "../../features/unusable-inputs.ts";
import { alongAxes, leadingColumns } from "../../hybrid/score-axes.ts";
import { type Matrix, rowOf } from "../../math/matrix.ts";
import { parseOptions } from "../../options.ts";
import type { RunContext } from "../../run-context.ts";
import type { BundleSession } from "../bundle-session.ts";
import { similarToVector } from "../ranking/similar-items.ts";
import { embedItemsFrom, type NewItems } from "../vectors/new-items.ts";

export const embedRequestSchema = z.strictObject({
  items: z.union([z.string(), z.array(itemRecordSchema).readonly()]).describe("path of a file of items, or the items"),
  format: z
    .enum(fileFormats)
    .default("auto")
    .describe("format of a file; auto reads it from the name, else from the pipeline"),
  imageFolder: z.string().optional().describe("where relative picture paths start"),
  imageRoot: z.string().optional().describe("folder that picture paths may not leave"),
  cacheFolder: z.string().optional().describe("where encoder outputs are kept"),
  dimensions: z.int().positive().optional().describe("the first so many numbers of each vector; all when absent"),
  described: z.int().nonnegative().default(10).describe("so many items are told their nearest known item"),
});

export type EmbedRequest = z.input<typeof embedRequestSchema>;

export interface EmbeddedItem {
  readonly id: string;
  readonly title: string;
  readonly uncertainty: number;
  /** What makes its vector less certain. */
  readonly caveats: readonly string[];
  /** The nearest item of the bundle, for the first `described`. */
  readonly nearest?: { readonly id: string; readonly title: string; readonly score: number };
}

export interface EmbedAnswer {
  readonly items: readonly EmbeddedItem[];
  /** Row i belongs to item i; a user's dot product with it is the score. */
  readonly vectors: Matrix;
  /** How many items have each caveat, most frequent first. */
  readonly lowerConfidence: Readonly<Record<string, number>>;
  /** Rows of a file that could not be read. */
  readonly rejected: number;
  /** Cells that were read as missing, by reason. */
  readonly missingCells: Readonly<Record<string, number>>;
  /** What else is worth knowing of a file: mapped columns that it lacks, columns that are lost. */
  readonly notes: readonly string[];
  readonly unusable: readonly UnusableInput[];
  /** Items that the bundle has already. */
  readonly known: number;
}

/** Errors: those of `embedItemsFrom`, and INVALID_OPTIONS. */
export async function answerEmbed(
  session: BundleSession,
  request: EmbedRequest,
  context: RunContext = {},
): Promise<EmbedAnswer> {
  const { dimensions, described, ...source } = parseOptions(embedRequestSchema, request, "embed");
  const embedded = await embedItemsFrom(session.bundle, source, context);
  const { catalog, embeddings, caveats, report, unusable } = embedded;
  const turned = await alongAxes(embeddings.vectors, session.bundle.axes);
  return {
    items: await describeItems(session, embedded, described),
    vectors: leadingColumns(turned, Math.min(dimensions ?? turned.columns, turned.columns)),
    lowerConfidence: countsOf(caveats.flat()),
    rejected: report.items.rejected,
    missingCells: countsOf(report.missingCells.map(({ reason }) => reason)),
    notes: reportNotes(report),
    unusable,
    known: catalog.ids.filter((id) => session.hasItem(id)).length,
  };
}

async function describeItems(
  session: BundleSession,
  { catalog, embeddings, caveats }: NewItems,
  described: number,
): Promise<EmbeddedItem[]> {
  const known = session.bundle.catalog;
  const items: EmbeddedItem[] = [];
  for (const [row, id] of catalog.ids.entries()) {
    const vector = rowOf(embeddings.similar, row);
    const [hit] = row < described ? await similarToVector(session.similar(), vector, { count: 1 }) : [];
    const nearest = hit && { id: known.ids[hit.row], title: known.titles[hit.row], score: hit.score };
    const uncertainty = embeddings.uncertainty[row];
    items.push({ id, title: catalog.titles[row], uncertainty, caveats: caveats[row], nearest });
  }
  return items;
}

/** How often each is there, most frequent first. */
function countsOf(names: readonly string[]): Record<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return Object.fromEntries([...counts].sort(([, a], [, b]) => b - a));
}
