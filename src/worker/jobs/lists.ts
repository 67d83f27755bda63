/**
 * The job `lists`: owners to their lists by a bundle. A column `user` asks for recommendations and a column `item` for similar items,
 * as `tailrec lists` writes them. A column `vector` asks for the items that score highest with it.
 */
import type { RunContext } from "../../run-context.ts";
import type { BundleSession } from "../../serving/bundle-session.ts";
import { similarJob } from "../../serving/lists/similar-lists.ts";
import { recommendJob } from "../../serving/lists/user-lists.ts";
import type { OpenedJob } from "../job.ts";
import type { ListOwner } from "../list-owners.ts";
import { ownedLists } from "./owned-lists.ts";
import { vectorLists } from "./vector-lists.ts";

export interface ListsRequest {
  readonly session: BundleSession;
  readonly by: ListOwner;
  readonly count: number;
  /** The tail dial; the bundle's own where absent. */
  readonly tail?: number;
}

/** Out: the owner, items, scores and sources, best first. */
export async function openLists(request: ListsRequest, context: RunContext): Promise<OpenedJob> {
  const { by } = request;
  const owner = by === "vector" ? "id" : by;
  return {
    needs: by === "vector" ? [owner, by] : [owner],
    columns: [
      { name: owner, type: "text" },
      { name: "items", type: "texts" },
      { name: "scores", type: "vector" },
      { name: "sources", type: "texts" },
    ],
    run: await RUNS[by](request, { signal: context.signal }),
    close: async () => undefined,
  };
}

type Opening = (request: ListsRequest, context: RunContext) => Promise<OpenedJob["run"]> | OpenedJob["run"];

const RUNS: Readonly<Record<ListsRequest["by"], Opening>> = {
  user: ({ session, count, tail }, context) => {
    const asked = { count, tail, fallback: "popularity" as const, strict: true };
    const jobOf = (users: readonly string[]) => recommendJob(session, "", { ...asked, users }, context);
    return (rows) => ownedLists(rows, { column: "user", isKnown: session.hasUser, jobOf });
  },
  item: ({ session, count }, context) => {
    const jobOf = (items: readonly string[]) => similarJob(session, "", { count, strict: true, items }, context);
    return (rows) => ownedLists(rows, { column: "item", isKnown: session.hasItem, jobOf });
  },
  vector: ({ session, count, tail = session.bundle.manifest.tailDefault }) =>
    vectorLists(session, { count, normExponent: tail }),
};
