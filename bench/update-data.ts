/**
 * A data set as it arrived: interactions one after the other, users and items by when they were first met, so that whatever was known at
 * a moment is a prefix of both. A user's own interactions keep their order; their moments are drawn, for data of one short visit a
 * user have nobody who comes back.
 */
import { attributeOfRows, type Catalog } from "../src/data/catalog.ts";
import type { Ingested } from "../src/data/ingest/ingest.ts";
import { createInteractions, type Interactions } from "../src/data/interactions.ts";
import { createRandom } from "../src/math/random.ts";

export interface Arrivals {
  readonly catalog: Catalog;
  readonly users: number;
  /** The earliest first: row of the user, row of the item, weight, time. */
  readonly events: readonly Arrival[];
}

export interface Arrival {
  readonly user: number;
  readonly item: number;
  readonly value: number;
  readonly time: number;
  readonly at: number;
}

/** Users without an interaction are left out; items that nobody met come first, for they may have been there all along. */
export function arrivalsOf({ catalog, interactions }: Ingested, seed: number): Arrivals {
  const events = timed(interactions, seed).sort((a, b) => a.at - b.at);
  const users = firstSeen(events.map(({ user }) => user));
  const met = firstSeen(events.map(({ item }) => item));
  const unmet = Array.from(catalog.ids.keys()).filter((item) => !met.has(item));
  const order = [...unmet, ...met.keys()];
  const rowOf = new Map(order.map((item, row) => [item, row]));
  const renamed = events.map((event) => ({
    ...event,
    user: users.get(event.user) ?? 0,
    item: rowOf.get(event.item) ?? 0,
  }));
  return { catalog: reorder(catalog, order), users: users.size, events: renamed };
}

function timed(interactions: Interactions, seed: number): Arrival[] {
  const { rows, indptr, indices, values, times = new Float64Array(indices.length) } = interactions;
  const random = createRandom(seed);
  const events: Arrival[] = [];
  for (let user = 0; user < rows; user++) {
    const own = Array.from({ length: indptr[user + 1] - indptr[user] }, (_, i) => indptr[user] + i);
    own.sort((a, b) => times[a] - times[b]);
    const drawn = own.map(() => random.next()).sort((a, b) => a - b);
    for (const [i, p] of own.entries()) {
      events.push({ user, item: indices[p], value: values[p], time: times[p], at: drawn[i] });
    }
  }
  return events;
}

/** The place of each among those that came before it, by first appearance. */
function firstSeen(rows: readonly number[]): Map<number, number> {
  const places = new Map<number, number>();
  for (const row of rows) if (!places.has(row)) places.set(row, places.size);
  return places;
}

function reorder(catalog: Catalog, rows: readonly number[]): Catalog {
  const pick = <T>(values: readonly T[]): T[] => rows.map((row) => values[row]);
  return {
    ...catalog,
    ids: pick(catalog.ids),
    titles: pick(catalog.titles),
    descriptions: pick(catalog.descriptions),
    images: pick(catalog.images),
    attributes: catalog.attributes.map((attribute) => attributeOfRows(attribute, rows)),
  };
}

/** Events as a matrix over the first users and items. */
export function matrixOf(events: readonly Arrival[], users: number, items: number): Interactions {
  return createInteractions(users, items, {
    users: events.map(({ user }) => user),
    items: events.map(({ item }) => item),
    values: events.map(({ value }) => value),
    times: events.map(({ time }) => time),
  });
}
