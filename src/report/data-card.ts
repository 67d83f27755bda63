/** What the data are like before any model: size, density, and how unequally the items share the interactions. */
import type { Catalog } from "../data/catalog.ts";
import { type FeatureMatrix, likenessParts } from "../data/feature-matrix.ts";
import { itemSupport } from "../data/interactions.ts";
import { defaultSlices, type Slice } from "../data/slices.ts";
import type { SparseMatrix } from "../math/matrix.ts";
import { quantile } from "../math/statistics.ts";
import type { DataCard } from "./html/report-document.ts";

/** Places of the popularity curve that are kept. */
const PLACES = 120;

/** The card of all interactions (users x items) and the features of the same items. */
export function dataCard(interactions: SparseMatrix, catalog: Catalog, features: FeatureMatrix): DataCard {
  const support = itemSupport(interactions);
  const descending = support.slice().sort().reverse();
  const total = interactions.indices.length;
  const tenth = Math.ceil(support.length / 10);
  return {
    users: interactions.rows,
    items: interactions.columns,
    interactions: total,
    density: total / Math.max(interactions.rows * interactions.columns, 1),
    medianItemSupport: quantile(support.slice().sort(), 0.5),
    medianUserInteractions: quantile(userCounts(interactions).sort(), 0.5),
    topTenthShare: sumOf(descending.subarray(0, tenth)) / Math.max(total, 1),
    ranges: defaultSlices.filter(({ name }) => name !== "all").map((slice) => rangeOf(slice, support)),
    popularity: placesOf(descending.length).map((place) => ({ place, support: descending[place - 1] })),
    contents: [...contentsOf(features), ...attributesOf(catalog)],
    likeness: likenessParts(features.blocks),
  };
}

function userCounts({ rows, indptr }: SparseMatrix): Uint32Array {
  return Uint32Array.from({ length: rows }, (_, user) => indptr[user + 1] - indptr[user]);
}

function rangeOf({ name, minimum, maximum }: Slice, support: Uint32Array): DataCard["ranges"][number] {
  const within = support.filter((count) => count >= minimum && count <= maximum);
  return { name, items: within.length, interactions: sumOf(within) };
}

function sumOf(counts: Uint32Array): number {
  return counts.reduce((sum, count) => sum + count, 0);
}

/** Distinct places 1..n, evenly spread on a log scale, both ends among them. */
function placesOf(n: number): number[] {
  const steps = Array.from({ length: PLACES }, (_, i) => Math.round(n ** (i / (PLACES - 1))));
  return [...new Set(steps)].filter((place) => place >= 1 && place <= n);
}

function contentsOf({ presence, blocks }: FeatureMatrix): DataCard["contents"] {
  return blocks.map(({ name, dimension }, b) => {
    let items = 0;
    for (let row = 0; row < presence.rows; row++) items += presence.values[row * presence.columns + b] > 0 ? 1 : 0;
    return { name, items, dimensions: dimension };
  });
}

function attributesOf({ attributes }: Catalog): DataCard["contents"] {
  return attributes.map((attribute) => {
    const items =
      attribute.kind === "category"
        ? attribute.values.filter((values) => values.length > 0).length
        : attribute.values.filter((value) => !Number.isNaN(value)).length;
    return { name: `attribute ${attribute.name}`, items, dimensions: 0 };
  });
}
