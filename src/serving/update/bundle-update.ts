/**
 * A bundle brought forward by what came since: interactions, items and users, read by the rules of its pipeline. No feature and no
 * regressor is fitted again (hybrid/hybrid-update.ts). Score axes stay, so that vectors of before and after are comparable.
 */
import type { Bundle, BundleConfig } from "../../bundle/bundle.ts";
import type { BundleUpkeep } from "../../bundle/bundle-upkeep.ts";
import { fingerprintOf } from "../../bundle/data-fingerprint.ts";
import type { Attribute } from "../../data/catalog.ts";
import { openTemporaryFolder } from "../../data/files/temporary-folder.ts";
import { readUsers } from "../../data/ingest/ingest.ts";
import {
  type EarlierInteractions,
  ingestLaterInteractions,
  type LaterInteractions,
} from "../../data/ingest/ingest-later.ts";
import type { UserRows } from "../../data/ingest/ingest-users.ts";
import type { ItemRecord } from "../../data/ingest/item-records.ts";
import { loggedMapping, writeEvents } from "../../data/ingest/service-log/logged-events.ts";
import { openSource } from "../../data/ingest/source/source-file.ts";
import { describeAbsent } from "../../data/ingest/tables/raw-columns.ts";
import type { Interactions } from "../../data/interactions.ts";
import { TailrecError } from "../../errors.ts";
import { type UnusableInput, unusableInputs } from "../../features/unusable-inputs.ts";
import { alignedAxes } from "../../hybrid/alignment.ts";
import type { HybridModel } from "../../hybrid/hybrid.ts";
import { updateHybrid } from "../../hybrid/hybrid-update.ts";
import { staysInPlace } from "../../hybrid/similar/similar-model.ts";
import type { Matrix } from "../../math/matrix.ts";
import type { RunContext } from "../../run-context.ts";
import { type DescribedItems, describeItemsFrom } from "../vectors/new-items.ts";
import { driftOf } from "./drift.ts";
import { type LoggedChanges, readLoggedChanges, withoutWhatLeft } from "./logged-changes.ts";
import { requireNew } from "./repeated-interactions.ts";
import { type UpdatedItems, updateItems } from "./updated-items.ts";
import { updateAttributes } from "./updated-users.ts";

export interface UpdateSource {
  /** Path of a file of interactions, with the columns of the pipeline. */
  readonly interactions?: string;
  /** Path of a file of items, new ones and changed ones, or the items. */
  readonly items?: string | readonly ItemRecord[];
  /** Path of a file of users. */
  readonly users?: string;
  /** Folder of a service's log, in place of files of interactions and items. */
  readonly log?: string;
  /** Where relative pictures start, and what they may not leave; as for `embedItemsFrom`. */
  readonly imageFolder?: string;
  readonly imageRoot?: string;
  readonly cacheFolder?: string;
}

export interface UpdateCounts {
  /** User-item pairs that came or changed. */
  readonly pairs: number;
  readonly newItems: number;
  /** Known items whose interactions or content changed. */
  readonly changedItems: number;
  /** Items that the log says were deleted. */
  readonly deletedItems: number;
  readonly newUsers: number;
  readonly changedUsers: number;
}

/** What was read, each part as ingest reports it. */
export interface UpdateReading {
  readonly items?: DescribedItems;
  readonly met?: LaterInteractions;
  readonly users?: UserRows;
  readonly unusable: readonly UnusableInput[];
}

export interface UpdatedBundle {
  readonly bundle: Bundle;
  readonly counts: UpdateCounts;
  readonly read: UpdateReading;
  /** User-item pairs that the bundle has at the same time or later. */
  readonly repeated: number;
  /** How much the last full run has not seen (drift.ts). */
  readonly drift: number;
}

/**
 * The bundle after the update. INVALID_ARGUMENT for a bundle that keeps too little, for no source at all, and for interactions that
 * are in the bundle already; else the errors of ingest and of encoders.
 */
export async function updateBundle(
  given: Bundle,
  source: UpdateSource,
  context: RunContext = {},
): Promise<UpdatedBundle> {
  const upkeep = requireUpkeep(given);
  requireSource(source);
  const log = source.log === undefined ? undefined : await readLoggedChanges(source.log, given);
  const bundle = log === undefined ? given : withoutWhatLeft(given, log);
  const read = await readUpdate(bundle, upkeep, { ...source, log }, context);
  const items = itemsAfter(bundle, read);
  const { userIds, interactions } = read.met ?? { ...bundle, interactions: widened(bundle, items) };
  const users = usersAfter(upkeep, userIds, read);
  const later = read.met?.later;
  const added = later && { catalog: items.catalog, userIds, interactions: later };
  const { digest, repeated } = added === undefined ? { digest: "", repeated: 0 } : requireNew(bundle, upkeep, added);
  const changedUsers = union(users.named, later === undefined ? [] : rowsWithEntries(later));
  const changedItems = union(items.changed, later?.indices ?? []);
  const change = { interactions, features: items.features, items: changedItems, users: changedUsers };
  const userAttributes = users.attributes;
  const options = bundle.manifest.config.embeddings;
  const model = await updateHybrid(bundle.model, { ...change, userAttributes }, options, context);
  const deletedItems = given.catalog.ids.length - bundle.catalog.ids.length;
  const counts = { ...countsOf(bundle, userIds, items, changedItems, changedUsers, later), deletedItems };
  const { catalog, features } = items;
  const data = { catalog, userIds, interactions };
  const { pairs, newItems, newUsers } = counts;
  const manifest = { ...bundle.manifest, fingerprint: fingerprintOf(data) };
  const updates = [...upkeep.updates, { digest, pairs, newItems, newUsers }];
  const decayLatest = read.met?.report.decay?.latest ?? upkeep.decayLatest;
  const kept = { ...upkeep, updates, ...(decayLatest !== undefined && { decayLatest }), userAttributes };
  const drift = driftOf(upkeep.fittedPairs, interactions.indices.length);
  const similarAxes = await similarAxesAfter(bundle, catalog.ids, model);
  const after = { ...bundle, ...data, features, model, manifest, upkeep: kept, ...(similarAxes && { similarAxes }) };
  return { bundle: after, counts, read, repeated, drift };
}

/** Axes that turn compared vectors to where they lay, where an update worked all of them out anew; undefined where they stayed. */
async function similarAxesAfter(
  { catalog, model, similarAxes: axes }: Bundle,
  ids: readonly string[],
  { similar }: HybridModel,
): Promise<Matrix | undefined> {
  if (similar === undefined || model.similar === undefined || staysInPlace(model.similar)) return undefined;
  return alignedAxes({ ids, vectors: similar.vectors }, { ids: catalog.ids, vectors: model.similar.vectors, axes });
}

function requireUpkeep({ upkeep }: Bundle): BundleUpkeep {
  if (upkeep !== undefined) return upkeep;
  throw invalid(
    "this bundle keeps too little to be updated, since an earlier tailrec made it; make it again by tailrec run",
  );
}

function requireSource({ interactions, items, users, log }: UpdateSource): void {
  const files = interactions ?? items;
  if (log !== undefined && files !== undefined) {
    throw invalid("expected either a log or files of interactions and items, received both");
  }
  if (files !== undefined || users !== undefined || log !== undefined) return;
  throw invalid("expected interactions, items, users or a log to update by, received none");
}

type ReadSource = Omit<UpdateSource, "log"> & { readonly log?: LoggedChanges };

async function readUpdate(
  bundle: Bundle,
  upkeep: BundleUpkeep,
  source: ReadSource,
  context: RunContext,
): Promise<UpdateReading> {
  const { imageFolder, imageRoot, cacheFolder } = source;
  const described = { imageFolder, imageRoot, cacheFolder };
  const { log } = source;
  const given = log !== undefined && log.items.length > 0 ? log.items : source.items;
  const items =
    given === undefined ? undefined : await describeItemsFrom(bundle, { ...described, items: given }, context);
  if (items !== undefined) requireColumns(bundle, items);
  const users = source.users === undefined ? undefined : await readLaterUsers(bundle, source.users, context);
  const itemIds = [...new Set([...bundle.catalog.ids, ...(items?.catalog.ids ?? [])])];
  const met = await readMet(bundle, upkeep, { interactions: source.interactions, log }, itemIds, context);
  const unusable = items === undefined ? [] : unusableInputs(items.catalog, items.encoded.quarantine);
  return { ...(items && { items }), ...(met && { met }), ...(users && { users }), unusable };
}

/** A column that a later file lacks would wipe out what is known of its items. */
function requireColumns({ catalog }: Bundle, { catalog: later, report }: DescribedItems): void {
  const [absent] = report.absentColumns;
  const known = new Set(catalog.ids);
  const item = absent && later.ids.find((id) => known.has(id));
  if (item === undefined) return;
  const message = `${describeAbsent(absent)}, and "${item}" is in the bundle: it would lose what is known of it; add the column`;
  throw new TailrecError("UNKNOWN_COLUMN", message);
}

interface MetSource {
  readonly interactions?: string;
  readonly log?: LoggedChanges;
}

/** From a file in the pipeline's columns, or from a log. */
async function readMet(
  bundle: Bundle,
  upkeep: BundleUpkeep,
  { interactions: path, log }: MetSource,
  itemIds: readonly string[],
  context: RunContext,
): Promise<LaterInteractions | undefined> {
  const { data } = bundle.manifest.config;
  const { interactions: own } = data;
  const timeFormat = upkeep.timeForm ?? own.timeFormat;
  if (path !== undefined) return readLater(bundle, upkeep, { ...own, path, timeFormat }, { itemIds }, context);
  if (log === undefined || log.events.length === 0) return undefined;
  const folder = await openTemporaryFolder();
  try {
    const mapping = { ...loggedMapping(data), path: await writeEvents(folder.path, log.events) };
    return await readLater(bundle, upkeep, mapping, { itemIds, deletedIds: log.deleted }, context);
  } finally {
    await folder.close();
  }
}

async function readLater(
  { manifest, interactions, userIds }: Bundle,
  { weightUnit: unit, decayLatest: latest }: BundleUpkeep,
  options: BundleConfig["data"]["interactions"],
  items: Pick<EarlierInteractions, "itemIds" | "deletedIds">,
  context: RunContext,
): Promise<LaterInteractions> {
  const { interactions: mapping, maximumRejectedShare } = manifest.config.data;
  const source = await openSource({ ...options, format: "auto", otherwise: mapping.format });
  const earlier = { interactions, userIds, ...items, weighing: { unit, latest } };
  return ingestLaterInteractions(source, options, earlier, maximumRejectedShare, context);
}

async function readLaterUsers({ manifest }: Bundle, path: string, context: RunContext): Promise<UserRows> {
  const { users: mapping, maximumRejectedShare } = manifest.config.data;
  if (mapping === null) {
    throw invalid(
      "the bundle knows no user attributes; name a users file in the pipeline (data.users) and run it again",
    );
  }
  const options = { ...mapping, path, format: "auto" as const };
  return readUsers(options, { maximumRejectedShare }, { ...context, defaultFormat: mapping.format });
}

function itemsAfter(bundle: Bundle, { items }: UpdateReading): UpdatedItems {
  const { catalog, features } = bundle;
  return items === undefined ? { catalog, features, changed: [] } : updateItems(bundle, items);
}

/** The bundle's interactions over a catalog that has grown. */
function widened({ interactions }: Bundle, { catalog }: UpdatedItems): Interactions {
  return { ...interactions, columns: catalog.ids.length };
}

function usersAfter({ userAttributes }: BundleUpkeep, userIds: readonly string[], { users }: UpdateReading) {
  if (userAttributes === undefined) return { named: [] };
  const { ids = [], attributes = [] } = users ?? {};
  const { attributes: after, named } = updateAttributes(userIds, userAttributes, ids, attributes);
  return { named, attributes: after as readonly Attribute[] };
}

function rowsWithEntries({ rows, indptr }: Interactions): number[] {
  return Array.from({ length: rows }, (_, row) => row).filter((row) => indptr[row + 1] > indptr[row]);
}

function union(a: Iterable<number>, b: Iterable<number>): number[] {
  return [...new Set([...a, ...b])].sort((x, y) => x - y);
}

function countsOf(
  bundle: Bundle,
  userIds: readonly string[],
  { catalog }: UpdatedItems,
  items: readonly number[],
  users: readonly number[],
  later: Interactions | undefined,
): Omit<UpdateCounts, "deletedItems"> {
  const newItems = catalog.ids.length - bundle.catalog.ids.length;
  const newUsers = userIds.length - bundle.userIds.length;
  return {
    pairs: later?.indices.length ?? 0,
    newItems,
    changedItems: items.length - newItems,
    newUsers,
    changedUsers: users.length - newUsers,
  };
}

function invalid(message: string): TailrecError {
  return new TailrecError("INVALID_ARGUMENT", message);
}
