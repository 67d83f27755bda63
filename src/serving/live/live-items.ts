/**
 * Items that come, change and go while a bundle is served. What was put is listed at once; the vectors of clicked items follow a
 * moment later, all that wait in one row solve.
 */
import type { Bundle } from "../../bundle/bundle.ts";
import type { Interactions } from "../../data/interactions.ts";
import { confidenceInPriors } from "../../hybrid/item-parts.ts";
import { createItemSolver, type LiveItem, liftedAgain, type Meeting, type Stranger } from "../../hybrid/live-items.ts";
import { movedSimilar } from "../../hybrid/similar/moved-similar.ts";
import { defaultBackend } from "../../math/compute/backend.ts";
import { type Matrix, rowOf, type SparseMatrix } from "../../math/matrix.ts";
import { once } from "../../once.ts";
import { predictPrior } from "../../regressor/regressor.ts";
import type { BundleSession } from "../bundle-session.ts";
import type { NewItems } from "../vectors/new-items.ts";
import { createGrowingBundle, type GrowingBundle, type MovedItem } from "./growing-bundle.ts";
import type { LiveUsers } from "./live-users.ts";

/** With more interactions than these a click more moves an item by next to nothing, and it waits for the next run. */
const MOST_MOVED_SUPPORT = 50;

export interface LiveItems {
  readonly growing: GrowingBundle;
  itemRow(id: string): number | undefined;
  /** n flags; absent while every item may be listed. */
  listable(): Uint8Array | undefined;
  put(items: NewItems): Promise<void>;
  remove(id: string): void;
  setAvailable(id: string, available: boolean): void;
  /** Solves the items anew against all who met them; those of ample support and bundles that keep no solve stay. */
  move(ids: ReadonlySet<string>): Promise<void>;
}

export function createLiveItems(session: BundleSession, users: LiveUsers): LiveItems {
  const { bundle: base, findUser } = session;
  const growing = createGrowingBundle(base);
  const later = new Map<string, number>();
  const anyRow = (id: string) => later.get(id) ?? (session.hasItem(id) ? session.itemRow(id) : undefined);
  const removed = new Set<string>();
  const unavailable = new Set<string>();
  const { itemSolve } = base.model;
  const { exposure } = base.manifest.config.embeddings;
  const solver = itemSolve && createItemSolver(base.model, itemSolve, exposure, growing.trainedRow);
  const byItem = once(() => defaultBackend().transpose(base.interactions));
  const itemRow = (id: string): number | undefined => (removed.has(id) ? undefined : anyRow(id));

  const liveItem = async (id: string, row: number, bundle: Bundle): Promise<LiveItem> => ({
    prior: rowOf(bundle.model.prior, row),
    confidenceInPrior: confidenceAt(bundle, row),
    meetings: [...trainedMeetings(await byItem(), row), ...(await laterMeetings(users.meetings(id)))],
    share: row < base.catalog.ids.length ? 1 : users.events / (users.events + base.interactions.indices.length),
  });
  const laterMeetings = async (meetings: ReturnType<LiveUsers["meetings"]>): Promise<Meeting[]> => {
    const found: Meeting[] = [];
    for (const [user, { weight }] of meetings) {
      const known = findUser(user);
      found.push({ user: known ?? (await strangerOf(user)), weight });
    }
    return found;
  };
  const strangerOf = async (user: string): Promise<Stranger> => {
    const history = users.history(user, itemRow);
    const row = historyRow(history?.rows ?? [], history?.weights ?? [], growing.bundle().catalog.ids.length);
    const nothing = new Float32Array(base.model.prior.columns);
    return solver === undefined ? { served: nothing, plain: nothing } : solver.stranger(row);
  };

  return {
    growing,
    itemRow,
    listable: () => {
      if (removed.size + unavailable.size === 0) return undefined;
      const flags = new Uint8Array(growing.bundle().catalog.ids.length).fill(1);
      for (const id of [...removed, ...unavailable]) {
        const row = anyRow(id);
        if (row !== undefined) flags[row] = 0;
      }
      return flags;
    },
    put: async (items) => {
      const priors: Matrix = await predictPrior(base.model.regressor, items.features, defaultBackend());
      const placed = growing.put(items, priors, anyRow);
      for (const [i, id] of items.catalog.ids.entries()) {
        later.set(id, placed[i]);
        removed.delete(id);
        unavailable.delete(id);
      }
    },
    remove: (id) => {
      if (anyRow(id) !== undefined) removed.add(id);
    },
    setAvailable: (id, available) => {
      if (available) unavailable.delete(id);
      else unavailable.add(id);
    },
    move: async (ids) => {
      if (solver === undefined) return;
      const bundle = growing.bundle();
      const { support } = bundle.model.embeddings;
      const moved = [...ids].flatMap((id) => {
        const row = itemRow(id);
        return row === undefined || support[row] > MOST_MOVED_SUPPORT ? [] : [{ id, row }];
      });
      if (moved.length === 0) return;
      const items: LiveItem[] = [];
      for (const { id, row } of moved) items.push(await liveItem(id, row, bundle));
      const { factors, behaviour, source, uncertainty } = await solver.solve(items);
      const { similar } = bundle.model;
      const plain = similar && similar.settings.factors > 0 ? await solver.solvePlain(items) : undefined;
      const changes = moved.map(({ row }, i): MovedItem => {
        const after = items[i].meetings.length;
        const before = support[row];
        const vector = rowOf(bundle.model.embeddings.vectors, row);
        return {
          row,
          vector: liftedAgain(vector, rowOf(factors, i), base.model, { before, after }),
          behaviour: rowOf(behaviour, i),
          ...(similar &&
            plain && {
              similar: movedSimilar(similar, rowOf(similar.vectors, row), { factors: rowOf(plain, i), support: after }),
            }),
          support: after,
          source: source[i],
          uncertainty: uncertainty[i],
        };
      });
      growing.move(changes);
    },
  };
}

function confidenceAt({ features, model }: Bundle, row: number): number {
  const presence = { ...features.presence, rows: 1, values: rowOf(features.presence, row) };
  return confidenceInPriors({ blocks: features.blocks, presence }, model.regressor.missingBlockInflation)[0];
}

/** Those of the training data who met the item in `row`. */
function trainedMeetings({ rows, indptr, indices, values }: SparseMatrix, row: number): Meeting[] {
  if (row >= rows) return [];
  const meetings: Meeting[] = [];
  for (let p = indptr[row]; p < indptr[row + 1]; p++) meetings.push({ user: indices[p], weight: values[p] });
  return meetings;
}

function historyRow(rows: readonly number[], weights: readonly number[], items: number): Interactions {
  const order = Array.from(rows.keys()).sort((a, b) => rows[a] - rows[b]);
  return {
    rows: 1,
    columns: items,
    indptr: Uint32Array.of(0, rows.length),
    indices: Uint32Array.from(order, (p) => rows[p]),
    values: Float32Array.from(order, (p) => weights[p]),
  };
}
