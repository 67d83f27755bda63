/** The recommendations for every user, or for some, as a file, each with the item of theirs that it is nearest to. */
import { takeRows, takeSparseRows } from "../../math/matrix.ts";
import type { ListOwner } from "../../rules/rule-kind.ts";
import type { RunContext } from "../../run-context.ts";
import type { BundleSession } from "../bundle-session.ts";
import { type FallbackModel, fallbackFinder } from "../ranking/fallback-lists.ts";
import { createNearest, type Hit } from "../ranking/item-index.ts";
import { type RuledRequest, rulesFor } from "../requests/list-rules.ts";
import { askedRows } from "./asked-rows.ts";
import { entryOf, type ListJob, listJob } from "./list-job.ts";

export interface UserLists extends RuledRequest {
  /** Ids of the users who get a list; all where absent. */
  readonly users?: readonly string[];
  readonly count: number;
  readonly tail?: number;
  readonly fallback: FallbackModel;
}

/** UNKNOWN_USER where not one of the asked ids is known; errors of the rules. */
export async function recommendJob(
  session: BundleSession,
  file: string,
  request: UserLists,
  context: RunContext,
): Promise<ListJob> {
  const { userIds, interactions, model, manifest, catalog } = session.bundle;
  const { tail = manifest.tailDefault, fallback } = request;
  const { rows, unknown } = askedRows(request.users, userIds, session.hasUser, session.userRow);
  const rules = await rulesFor(session, request, "recommend");
  const takenBy = (user: number) =>
    interactions.indices.subarray(interactions.indptr[user], interactions.indptr[user + 1]);
  const queriesOf = (block: Uint32Array) => ({
    queries: takeRows(model.userVectors, block),
    exclude: takeSparseRows(interactions, block),
    normExponent: tail,
  });
  const ownerOf = (user: number, query: Float32Array) => ({
    history: takenBy(user),
    user: userIds[user],
    query,
    normExponent: tail,
  });
  const findFallback = (owners: readonly ListOwner[]) =>
    fallbackFinder(session.takers, fallback, (place) => ({
      like: owners[place].query,
      exclude: owners[place].history,
    }));
  const nearestTaken = createNearest(session.index);
  const entriesOf = (user: number, hits: readonly Hit[]) => {
    const taken = takenBy(user);
    return hits.map((hit) => {
      const nearest = nearestTaken(hit.row, taken);
      return { ...entryOf(session.bundle, hit), because: nearest < 0 ? null : catalog.ids[nearest] };
    });
  };
  const lists = {
    stage: "recommendations",
    index: session.index,
    rows,
    ownerIds: userIds,
    queriesOf,
    ownerOf,
    entriesOf,
  };
  const job = { ...lists, fallback, findFallback, rules, count: request.count };
  return listJob(session, { kind: "recommend", file, lists: rows.length, unknown }, job, context);
}
