/** Who is asked what comes next: users, or items of which others are alike. */
import type { ListOwners } from "../../data/files/list-file.ts";
import type { Protocol } from "../measurement/protocol.ts";

export interface KnownIds {
  readonly userIds: readonly string[];
  readonly itemIds: readonly string[];
}

/** The column in which files name them, and their ids by row. */
export function askersOf(asks: Protocol["asks"], { userIds, itemIds }: KnownIds): ListOwners {
  switch (asks) {
    case "users":
      return { column: "user", ids: userIds };
    case "items":
      return { column: "query", ids: itemIds };
  }
}
