/**
 * NDCG@10 of two bundles on interactions that neither has seen: users whom both know, items of the later bundle, to whose lists the
 * earlier one contributes zeros for items that it lacks.
 */
import type { Bundle } from "../../bundle/bundle.ts";
import { ingestHeldOutFile } from "../../data/ingest/ingest-held-out.ts";
import { openSource } from "../../data/ingest/source/source-file.ts";
import { createInteractions, type Interactions } from "../../data/interactions.ts";
import { TailrecError } from "../../errors.ts";
import { evaluate } from "../../evaluation/evaluate.ts";
import { factorRanker } from "../../evaluation/ranking/scorer.ts";
import type { MetricComparison, MetricResult } from "../../evaluation/report.ts";
import { sharedRows } from "../../hybrid/alignment.ts";
import { scaleNorms } from "../../hybrid/norms.ts";
import { type Matrix, rowOf, zeros } from "../../math/matrix.ts";
import type { RunContext } from "../../run-context.ts";

const METRIC = "ndcg@10";

export interface LaterFigures {
  readonly before: MetricResult;
  readonly after: MetricResult;
  /** After minus before, over the same users. */
  readonly difference: MetricComparison;
  /** Interactions that could be asked about. */
  readonly asked: number;
}

/** Reads the file with the later bundle's mapping. NOT_ENOUGH_DATA where nobody can be asked; else as ingest throws. */
export async function laterFigures(
  before: Bundle,
  after: Bundle,
  path: string,
  context: RunContext,
): Promise<LaterFigures> {
  const test = await unseenBy(before, after, path, context);
  const earlier = inRowsOf(before, after);
  const contenders = [
    { name: "before", ...factorRanker(earlier.users, scaleNorms(earlier.items, before.manifest.tailDefault)) },
    {
      name: "after",
      ...factorRanker(after.model.userVectors, scaleNorms(after.model.embeddings.vectors, after.manifest.tailDefault)),
    },
  ];
  const options = { metrics: [METRIC], compare: { reference: "after" } };
  const input = { train: after.interactions, test, contenders, slices: [] };
  const { results, comparisons } = await evaluate(input, options, context);
  const [first, second] = results;
  return { before: first, after: second, difference: comparisons[0], asked: test.indices.length };
}

/** Later interactions in the rows of `after`: those of users whom `before` does not know, and pairs that it has, are left out. */
async function unseenBy(before: Bundle, after: Bundle, path: string, context: RunContext): Promise<Interactions> {
  const mapping = after.manifest.config.data.interactions;
  const source = await openSource({ ...mapping, path, format: "auto", otherwise: mapping.format });
  const known = { interactions: after.interactions, userIds: after.userIds, itemIds: after.catalog.ids };
  const options = { ...mapping, timeFormat: after.upkeep?.timeForm ?? mapping.timeFormat };
  const { interactions } = await ingestHeldOutFile(source, options, known, context);
  const users = new Map(sharedRows(after.userIds, before.userIds));
  const itemRows = new Map(sharedRows(after.catalog.ids, before.catalog.ids));
  const triplets: { users: number[]; items: number[]; values: number[] } = { users: [], items: [], values: [] };
  for (let user = 0; user < interactions.rows; user++) {
    const earlier = users.get(user);
    if (earlier === undefined) continue;
    const { indptr, indices } = before.interactions;
    const taken = new Set(indices.subarray(indptr[earlier], indptr[earlier + 1]));
    for (let p = interactions.indptr[user]; p < interactions.indptr[user + 1]; p++) {
      const item = interactions.indices[p];
      if (taken.has(itemRows.get(item) ?? -1)) continue;
      triplets.users.push(user);
      triplets.items.push(item);
      triplets.values.push(interactions.values[p]);
    }
  }
  if (triplets.users.length === 0) {
    const message = `${path}: expected interactions that neither bundle has seen, of users whom both know, received none; name later ones`;
    throw new TailrecError("NOT_ENOUGH_DATA", message);
  }
  return createInteractions(interactions.rows, interactions.columns, triplets);
}

/** The vectors of one bundle in the rows of another; zeros for whom and what it does not know. */
function inRowsOf(
  { catalog, userIds, model }: Bundle,
  other: Bundle,
): { readonly users: Matrix; readonly items: Matrix } {
  const placed = (vectors: Matrix, ids: readonly string[], rows: readonly string[]): Matrix => {
    const matrix = zeros(rows.length, vectors.columns);
    for (const [to, from] of sharedRows(rows, ids)) matrix.values.set(rowOf(vectors, from), to * vectors.columns);
    return matrix;
  };
  return {
    users: placed(model.userVectors, userIds, other.userIds),
    items: placed(model.embeddings.vectors, catalog.ids, other.catalog.ids),
  };
}
