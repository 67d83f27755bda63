/** Vectors as files for other tools: what a bundle serves, and those of new items. Where they would go is judged before any work. */
import { loadBundle } from "../../bundle/bundle.ts";
import { writeTogether } from "../../data/files/atomic-write.ts";
import { requireDistinctOutputs, requireOutsideInputs } from "../../data/files/output-paths.ts";
import { vectorFiles, vectorPaths } from "../../data/files/vector-files.ts";
import type { VectorTable } from "../../data/files/vector-table.ts";
import type { RunContext } from "../../run-context.ts";
import { openRecommender } from "../recommender.ts";
import type { EmbedAnswer, EmbedRequest } from "../requests/embed-request.ts";
import { exportedVectors, similarVectors } from "./exported-vectors.ts";

export interface VectorExport {
  /** File of the item vectors; its ending names the format. */
  readonly out: string;
  /** File of the user vectors; none when absent. */
  readonly users?: string;
  /** File of the vectors by which items are compared, whole; none when absent. */
  readonly similar?: string;
  /** The first so many numbers of each vector; all when absent. */
  readonly dimensions?: number;
}

export interface ExportAnswer {
  readonly items: number;
  readonly users: number;
  readonly dimensions: number;
  /** Numbers of a whole vector. */
  readonly full: number;
  /** Share of the score variance that the written numbers carry. */
  readonly kept: number;
}

/** Writes the vectors of a bundle, all files or none. INVALID_ARGUMENT for files of one path or inside the bundle, OUTPUT_FAILED. */
export async function exportVectors(
  folder: string,
  { out, users: usersOut, similar, dimensions }: VectorExport,
): Promise<ExportAnswer> {
  await requireVectorPaths(
    [out, usersOut, similar].filter((path) => path !== undefined),
    [folder],
  );
  const bundle = await loadBundle(folder);
  const { items, users, kept } = await exportedVectors(bundle, dimensions);
  const userFiles = usersOut === undefined ? [] : vectorFiles(usersOut, users);
  const similarFiles = similar === undefined ? [] : vectorFiles(similar, await similarVectors(bundle));
  await writeTogether([...vectorFiles(out, items), ...userFiles, ...similarFiles]);
  const { rows, columns } = items.vectors;
  return { items: rows, users: users.ids.length, dimensions: columns, full: bundle.axes.columns, kept };
}

/** Embeds new items by a bundle and writes their vectors with uncertainty and caveats. Errors: those of both. */
export async function embedToFile(
  folder: string,
  { out, ...request }: EmbedRequest & { readonly out: string },
  context: RunContext = {},
): Promise<EmbedAnswer> {
  const sources = typeof request.items === "string" ? [request.items] : [];
  await requireVectorPaths([out], [folder, ...sources]);
  const recommender = await openRecommender(folder);
  const answer = await recommender.embed(request, context);
  await recommender.close();
  await writeTogether(vectorFiles(out, embeddedTable(answer)));
  return answer;
}

/** New items with vector, uncertainty and caveats, as files and streams hold them. */
export function embeddedTable({ items, vectors }: EmbedAnswer): VectorTable {
  const uncertainty = Float32Array.from(items, (item) => item.uncertainty);
  const caveats = items.map((item) => item.caveats.join("; "));
  return { ids: items.map(({ id }) => id), vectors, extra: { uncertainty, caveats } };
}

async function requireVectorPaths(outputs: readonly string[], inputs: readonly string[]): Promise<void> {
  const paths = outputs.flatMap(vectorPaths);
  await requireDistinctOutputs(paths);
  await requireOutsideInputs(paths, inputs);
}
