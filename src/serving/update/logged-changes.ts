/** What a service's log changes of a bundle before the update itself: deleted items leave it, and erased users lose their names. */
import type { Bundle } from "../../bundle/bundle.ts";
import { takeCatalogRows } from "../../data/catalog.ts";
import { takeItems } from "../../data/feature-matrix.ts";
import type { ItemRecord } from "../../data/ingest/item-records.ts";
import { type ErasedUsers, readErasedUsers, withoutErased } from "../../data/ingest/service-log/erased-users.ts";
import { readLoggedItems } from "../../data/ingest/service-log/item-changes.ts";
import { readLoggedEvents } from "../../data/ingest/service-log/logged-events.ts";
import type { LogRecord } from "../../data/ingest/service-log/record-lines.ts";
import { takeInteractionColumns } from "../../data/interactions.ts";
import { TailrecError } from "../../errors.ts";
import type { HybridModel } from "../../hybrid/hybrid.ts";
import { takeRows } from "../../math/matrix.ts";

export interface LoggedChanges {
  readonly items: readonly ItemRecord[];
  readonly deleted: readonly string[];
  readonly erased: ErasedUsers;
  readonly events: readonly LogRecord[];
}

/** Errors: those of `readRecordLog`. */
export async function readLoggedChanges(folder: string, { interactions }: Bundle): Promise<LoggedChanges> {
  const { put: items, deleted } = await readLoggedItems(folder);
  const { events } = await readLoggedEvents(folder, interactions);
  return { items, deleted, erased: await readErasedUsers(folder), events };
}

/** The bundle without what left; vectors of everybody else stay until something new is known of them. INVALID_ARGUMENT where nothing stays. */
export function withoutWhatLeft(bundle: Bundle, { deleted, erased }: LoggedChanges): Bundle {
  const left = withoutItems(bundle, new Set(deleted));
  return { ...left, userIds: withoutErased(left.userIds, left.interactions, erased) };
}

function withoutItems(bundle: Bundle, gone: ReadonlySet<string>): Bundle {
  const { catalog, interactions, features, model } = bundle;
  const rows = [...catalog.ids.keys()].filter((row) => !gone.has(catalog.ids[row]));
  if (rows.length === catalog.ids.length) return bundle;
  if (rows.length === 0) {
    throw new TailrecError("INVALID_ARGUMENT", "the log deletes every item of the bundle; put some, and run it again");
  }
  // Graphs are built when the bundle is written.
  const { graphs: _, ...others } = bundle;
  return {
    ...others,
    catalog: takeCatalogRows(catalog, rows),
    interactions: takeInteractionColumns(interactions, Uint32Array.from(rows)),
    features: takeItems(features, rows),
    model: modelOf(model, rows),
  };
}

function modelOf(model: HybridModel, rows: readonly number[]): HybridModel {
  const { als, prior, behaviour, embeddings, similar } = model;
  const { vectors, support, source, uncertainty } = embeddings;
  const lengths = similar?.coOccurrenceLengths;
  return {
    ...model,
    als: { ...als, itemFactors: takeRows(als.itemFactors, rows) },
    prior: takeRows(prior, rows),
    behaviour: takeRows(behaviour, rows),
    embeddings: {
      ...embeddings,
      vectors: takeRows(vectors, rows),
      support: Uint32Array.from(rows, (row) => support[row]),
      source: rows.map((row) => source[row]),
      uncertainty: Float32Array.from(rows, (row) => uncertainty[row]),
    },
    ...(similar && {
      similar: {
        ...similar,
        vectors: takeRows(similar.vectors, rows),
        ...(lengths && { coOccurrenceLengths: Float32Array.from(rows, (row) => lengths[row]) }),
      },
    }),
  };
}
