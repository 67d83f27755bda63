/**
 * Graphs of neighbours in a bundle: of the served vectors at the stored place of the tail dial, and of those that compare items.
 * Made when a bundle is saved, from a million items on or where the options ask for them; read where usearch is installed.
 */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { readWhole } from "../data/files/file-parts.ts";
import { openTemporaryFolder } from "../data/files/temporary-folder.ts";
import type { ResolvedEmbeddingOptions } from "../hybrid/embedding-options.ts";
import type { HybridModel } from "../hybrid/hybrid.ts";
import { buildGraph, hasGraphs, loadGraph, type NeighbourGraph } from "../math/compute/search/neighbour-graph.ts";
import type { Matrix } from "../math/matrix.ts";

/** A graph and the vectors that it is of. */
export interface BundleGraph {
  readonly of: Matrix;
  readonly graph: NeighbourGraph;
}

export interface BundleGraphs {
  readonly vectors?: BundleGraph;
  readonly similar?: BundleGraph;
}

export const GRAPH_FILES = { vectors: "vectors.graph", similar: "similar.graph" } as const;

/** Exact search is fast up to about so many items. */
const GRAPH_FROM = 1_000_000;

type GraphName = keyof typeof GRAPH_FILES;

/** The files of the graphs by name; none where search is exact. INVALID_OPTIONS where they are asked for and usearch is not installed. */
export async function graphFiles(
  model: Pick<HybridModel, "embeddings" | "similar">,
  tail: number,
  search: ResolvedEmbeddingOptions["search"],
): Promise<Partial<Record<(typeof GRAPH_FILES)[GraphName], Uint8Array>>> {
  const { rows } = model.embeddings.vectors;
  const isWanted = search === "graph" || (search === "auto" && rows > GRAPH_FROM && hasGraphs());
  if (!isWanted) return {};
  const files = graphedParts(model, tail).map(async ({ name, of, normExponent }) => {
    const graph = await buildGraph(of, normExponent);
    return [GRAPH_FILES[name], await bytesOf(graph)] as const;
  });
  return Object.fromEntries(await Promise.all(files));
}

/** The graphs that the files hold. Errors: those of `loadGraph`. */
export async function readGraphs(
  read: (name: string) => Uint8Array | undefined,
  model: Pick<HybridModel, "embeddings" | "similar">,
  tail: number,
): Promise<{ readonly graphs?: BundleGraphs }> {
  if (!hasGraphs()) return {};
  const graphs: Record<string, BundleGraph> = {};
  for (const { name, of, normExponent } of graphedParts(model, tail)) {
    const bytes = read(GRAPH_FILES[name]);
    if (bytes === undefined) continue;
    const { rows, columns } = of;
    const graph = await throughFile(async (path) => {
      await writeFile(path, bytes);
      return loadGraph(path, { rows, columns, normExponent });
    });
    graphs[name] = { of, graph };
  }
  return Object.keys(graphs).length > 0 ? { graphs } : {};
}

function graphedParts({ embeddings, similar }: Pick<HybridModel, "embeddings" | "similar">, tail: number) {
  const vectors = { name: "vectors" as GraphName, of: embeddings.vectors, normExponent: tail };
  return similar === undefined
    ? [vectors]
    : [vectors, { name: "similar" as GraphName, of: similar.vectors, normExponent: 0 }];
}

function bytesOf(graph: NeighbourGraph): Promise<Uint8Array> {
  return throughFile((path) => {
    graph.save(path);
    return readWhole(path);
  });
}

/** usearch knows files alone. */
async function throughFile<T>(use: (path: string) => Promise<T>): Promise<T> {
  const folder = await openTemporaryFolder();
  try {
    return await use(join(folder.path, "graph"));
  } finally {
    await folder.close();
  }
}
