/**
 * A file of interactions that came after those of a training matrix, merged into it by the rules of the pipeline: weights in the same
 * unit, times in the same form, repeated pairs as `duplicates` says. Where weights decay, what is there ages first. Known users keep
 * their rows, new ones follow by first appearance.
 */
import { createInteractions, type Interactions, type Triplets } from "../interactions.ts";
import { writeCatalogTable } from "./catalog-table.ts";
import { type KnownWeighing, shareLeft } from "./cells/row-weights.ts";
import type { KnownRows } from "./ingest-held-out.ts";
import { type InteractionsContext, ingestInteractionsFile } from "./ingest-interactions.ts";
import type { ParsedInteractionsOptions } from "./ingest-options.ts";
import type { InteractionsReport, Reject } from "./rejects.ts";
import { checkRejectedShare } from "./rejects.ts";
import type { SourceFile } from "./source/source-file.ts";
import { withDatabase } from "./tables/database.ts";

export interface EarlierInteractions extends KnownRows {
  /** How the earlier rows were weighed. */
  readonly weighing: KnownWeighing;
  /** Ids of items that were deleted: their rows are left out, and are no rejects. */
  readonly deletedIds?: readonly string[];
}

export interface LaterInteractions {
  /** Earlier and later ones: users x the given items. */
  readonly interactions: Interactions;
  readonly userIds: readonly string[];
  /** The later ones alone, in the same rows and columns. */
  readonly later: Interactions;
  readonly report: InteractionsReport;
  readonly rejects: readonly Reject[];
  readonly outliers: readonly Reject[];
  readonly notes: readonly string[];
}

/** `earlier.itemIds` may be longer than the matrix is wide. TOO_MANY_REJECTS, and as `ingestInteractionsFile` throws. */
export function ingestLaterInteractions(
  source: SourceFile,
  options: ParsedInteractionsOptions,
  earlier: EarlierInteractions,
  maximumRejectedShare: number,
  context: InteractionsContext,
): Promise<LaterInteractions> {
  return withDatabase(async (connection) => {
    await writeCatalogTable(connection, earlier.itemIds, earlier.deletedIds);
    const items = earlier.itemIds.length;
    const weighed = { ...context, weighing: earlier.weighing };
    const read = await ingestInteractionsFile(connection, source, options, items, weighed);
    checkRejectedShare(read.report, read.rejects, maximumRejectedShare);
    const { userIds, rows } = joinedUsers(earlier.userIds, read.userIds);
    const added = tripletsOf(read.interactions, rows);
    const aged = ageOf(options, earlier.weighing, read.report);
    const known = tripletsOf(earlier.interactions, undefined, aged);
    const merged = createInteractions(userIds.length, items, joinTriplets(known, added), options.duplicates);
    const later = createInteractions(userIds.length, items, added, options.duplicates);
    return { ...read, interactions: merged, userIds, later };
  });
}

/** All users, and the row of each of the later ones among them. */
function joinedUsers(known: readonly string[], later: readonly string[]) {
  const rowOf = new Map(known.map((id, row) => [id, row]));
  for (const id of later) if (!rowOf.has(id)) rowOf.set(id, rowOf.size);
  return { userIds: [...rowOf.keys()], rows: later.map((id) => rowOf.get(id) ?? 0) };
}

/** What is left of earlier weights when age is counted back from a later day. */
function ageOf(
  { halfLifeDays }: ParsedInteractionsOptions,
  { latest }: KnownWeighing,
  { decay }: InteractionsReport,
): number {
  if (halfLifeDays === null || latest === undefined || decay === undefined) return 1;
  return shareLeft(halfLifeDays, latest, decay.latest);
}

/** A weight never becomes nothing. */
const SMALLEST = 2 ** -126;

/** The entries one by one: row u is user `rows[u]`, values times `scale`. */
function tripletsOf({ indptr, indices, values, times }: Interactions, rows?: readonly number[], scale = 1): Triplets {
  const users = new Uint32Array(indices.length);
  for (let u = 0; u + 1 < indptr.length; u++) users.fill(rows?.[u] ?? u, indptr[u], indptr[u + 1]);
  return {
    users,
    items: indices,
    values: scale === 1 ? values : values.map((value) => Math.max(value * scale, SMALLEST)),
    times,
  };
}

function joinTriplets(first: Triplets, second: Triplets): Triplets {
  const joined = {
    users: joinColumns(Uint32Array, first.users, second.users),
    items: joinColumns(Uint32Array, first.items, second.items),
    values: joinColumns(Float64Array, first.values, second.values),
  };
  if (first.times === undefined && second.times === undefined) return joined;
  return { ...joined, times: joinColumns(Float64Array, timesOf(first), timesOf(second)) };
}

function joinColumns<A extends Uint32Array | Float64Array>(
  Column: new (length: number) => A,
  first: ArrayLike<number>,
  second: ArrayLike<number>,
): A {
  const column = new Column(first.length + second.length);
  column.set(first);
  column.set(second, first.length);
  return column;
}

function timesOf({ times, values }: Triplets): ArrayLike<number> {
  return times ?? new Float64Array(values.length).fill(Number.NaN);
}
