/**
 * The file of held-out interactions: what users met after training, brought into the rows and columns of the training matrix.
 * It is read by the rules of the interactions file, without decay. What cannot be asked is counted: pairs of users whom training
 * does not know, and pairs that training has.
 */
import { createInteractions, type Interactions } from "../interactions.ts";
import { writeCatalogTable } from "./catalog-table.ts";
import { type IngestedInteractions, type InteractionsContext, ingestInteractionsFile } from "./ingest-interactions.ts";
import type { ParsedInteractionsOptions } from "./ingest-options.ts";
import type { HeldOutReport } from "./rejects.ts";
import type { SourceFile } from "./source/source-file.ts";
import { withDatabase } from "./tables/database.ts";

/** Whose rows and columns the matrix has. */
export interface KnownRows {
  readonly interactions: Interactions;
  readonly userIds: readonly string[];
  readonly itemIds: readonly string[];
}

export interface IngestedHeldOut extends Omit<IngestedInteractions, "userIds" | "report"> {
  readonly report: HeldOutReport;
}

/** Users x items as in training, without its pairs. Throws as `ingestInteractionsFile`. */
export function ingestHeldOutFile(
  source: SourceFile,
  options: ParsedInteractionsOptions,
  known: KnownRows,
  context: InteractionsContext,
): Promise<IngestedHeldOut> {
  return withDatabase(async (connection) => {
    await writeCatalogTable(connection, known.itemIds);
    const asWritten = { ...options, halfLifeDays: null };
    const { userIds, report, interactions, ...read } = await ingestInteractionsFile(
      connection,
      source,
      asWritten,
      known.itemIds.length,
      context,
    );
    const { askable, ofUnknownUsers, alsoInTraining } = alignPairs(interactions, userIds, known);
    return { ...read, interactions: askable, report: { ...report, ofUnknownUsers, alsoInTraining } };
  });
}

/** The pairs that somebody can be asked about, in the rows of training. */
function alignPairs(
  { rows, indptr, indices, values, times }: Interactions,
  userIds: readonly string[],
  known: KnownRows,
): { readonly askable: Interactions; readonly ofUnknownUsers: number; readonly alsoInTraining: number } {
  const rowOf = new Map(known.userIds.map((id, row) => [id, row]));
  const { indptr: taken, indices: takenItems } = known.interactions;
  const places: number[] = [];
  const users: number[] = [];
  let [ofUnknownUsers, alsoInTraining] = [0, 0];
  for (let row = 0; row < rows; row++) {
    const user = rowOf.get(userIds[row]);
    const own = new Set(user === undefined ? [] : takenItems.subarray(taken[user], taken[user + 1]));
    for (let p = indptr[row]; p < indptr[row + 1]; p++) {
      if (user === undefined) ofUnknownUsers++;
      else if (own.has(indices[p])) alsoInTraining++;
      else {
        places.push(p);
        users.push(user);
      }
    }
  }
  const triplets = {
    users,
    items: places.map((p) => indices[p]),
    values: places.map((p) => values[p]),
    ...(times && { times: places.map((p) => times[p]) }),
  };
  const askable = createInteractions(known.userIds.length, known.itemIds.length, triplets);
  return { askable, ofUnknownUsers, alsoInTraining };
}
