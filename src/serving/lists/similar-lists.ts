/** The similar items of every item, or of some, as a file. */
import type { SparseMatrix } from "../../math/matrix.ts";
import type { ListOwner } from "../../rules/rule-kind.ts";
import type { RunContext } from "../../run-context.ts";
import type { BundleSession } from "../bundle-session.ts";
import { fallbackFinder } from "../ranking/fallback-lists.ts";
import { type Hit, likenessExponent, likenessQueries } from "../ranking/item-index.ts";
import { type RuledRequest, rulesFor } from "../requests/list-rules.ts";
import { askedRows } from "./asked-rows.ts";
import { entryOf, type ListJob, listJob } from "./list-job.ts";

export interface SimilarLists extends RuledRequest {
  /** Ids of the items that get a list; all where absent. */
  readonly items?: readonly string[];
  readonly count: number;
}

/** UNKNOWN_ITEM where not one of the asked ids is known; errors of the rules. */
export async function similarJob(
  session: BundleSession,
  file: string,
  request: SimilarLists,
  context: RunContext,
): Promise<ListJob> {
  const { bundle } = session;
  const index = session.similar();
  const { catalog } = bundle;
  const { rows, unknown } = askedRows(request.items, catalog.ids, session.hasItem, session.itemRow);
  const rules = await rulesFor(session, { ...request, newPlaces: 0 }, "similar");
  const queriesOf = (block: Uint32Array) => ({
    ...likenessQueries(index, block),
    exclude: pairsOf(block, catalog.ids.length),
  });
  const ownerOf = (row: number, query: Float32Array) => ({
    history: [row],
    query,
    normExponent: likenessExponent(index),
  });
  const findFallback = (owners: readonly ListOwner[]) =>
    fallbackFinder(session.takers, "popularity", (place) => ({ exclude: owners[place].history }));
  const entriesOf = (_: number, hits: readonly Hit[]) => hits.map((hit) => entryOf(bundle, hit));
  const lists = { stage: "similar items", index, rows, ownerIds: catalog.ids, queriesOf, ownerOf, entriesOf };
  const filling = { fallback: "popularity" as const, findFallback };
  const job = { ...lists, ...filling, rules, count: request.count };
  return listJob(session, { kind: "similar", file, lists: rows.length, unknown }, job, context);
}

/** Each row with itself. */
function pairsOf(rows: Uint32Array, columns: number): SparseMatrix {
  const indptr = Uint32Array.from({ length: rows.length + 1 }, (_, i) => i);
  return { rows: rows.length, columns, indptr, indices: rows, values: new Float32Array(rows.length).fill(1) };
}
