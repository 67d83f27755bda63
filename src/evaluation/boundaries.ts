/**
 * The folding check: how often the nearest neighbours of an item lie across a boundary that the shop has declared, such as
 * between children's and adults' products. Averages hide this: a model can rank well and still fold two worlds on each other.
 */
import { z } from "zod";
import type { Catalog, CategoryAttribute } from "../data/catalog.ts";
import { TailrecError } from "../errors.ts";
import { defaultBackend } from "../math/compute/backend.ts";
import { type Matrix, rowOf, takeRows } from "../math/matrix.ts";
import { unitRows } from "../math/row-norms.ts";

export const boundarySchema = z.strictObject({
  name: z.string().min(1).describe("name of the boundary, as reports show it"),
  attribute: z.string().min(1).describe("category attribute that tells the sides apart"),
  sides: z
    .record(z.string(), z.array(z.string()).min(1))
    .refine((sides) => Object.keys(sides).length >= 2, "expected at least two sides")
    .describe("attribute values of each side; items of no side, or of several, are left out"),
  maximum: z
    .number()
    .min(0)
    .max(1)
    .nullable()
    .default(null)
    .describe("largest allowed rate of the hybrid's neighbours across it; null to report only"),
});

export type Boundary = z.output<typeof boundarySchema>;

export const boundaryRateSchema = z.object({
  boundary: z.string(),
  /** "als", "content" or "hybrid". */
  vectors: z.string(),
  /** Mean share of an item's nearest neighbours that belong to another side; null where no item could be asked. */
  rate: z.number().nullable(),
  /** The same for neighbours drawn at random. */
  chance: z.number(),
  /** Items asked: of exactly one side, with a vector. */
  items: z.int(),
  neighbours: z.int(),
  maximum: z.number().nullable(),
  /** Items with the most neighbours across, in words. */
  examples: z.array(z.string()).readonly(),
});

export type BoundaryRate = z.output<typeof boundaryRateSchema>;

const NEIGHBOURS = 10;
const EXAMPLES = 3;

/** Rates of one boundary for named vectors of the catalog's items (n x d, likeness by cosine). INVALID_OPTIONS for an unknown attribute. */
export async function boundaryRates(
  boundary: Boundary,
  catalog: Catalog,
  vectors: Readonly<Record<string, Matrix>>,
): Promise<BoundaryRate[]> {
  const side = sidesOf(boundary, catalog);
  const rates: BoundaryRate[] = [];
  for (const [name, matrix] of Object.entries(vectors)) rates.push(await rateOf(boundary, side, name, matrix, catalog));
  return rates;
}

/** Throws BOUNDARY_CROSSED where the served vectors cross a boundary more often than it allows. */
export function stopAtBoundaries(rates: readonly BoundaryRate[]): void {
  const crossed = rates.filter(
    ({ vectors, rate, maximum }) => vectors === "hybrid" && maximum !== null && (rate ?? 0) > maximum,
  );
  if (crossed.length === 0) return;
  const lines = crossed.map(
    ({ boundary, rate, maximum, examples }) =>
      `"${boundary}": ${((rate ?? 0) * 100).toFixed(1)} % of the nearest neighbours lie across, allowed ${100 * (maximum ?? 0)} %, such as ${examples.join("; ")}`,
  );
  throw new TailrecError("BOUNDARY_CROSSED", `${lines.join("; ")}; mend the content of these items, or raise maximum`);
}

/** The attribute of a boundary; INVALID_OPTIONS where the catalog has no such category attribute. */
export function boundaryAttribute({ name, attribute }: Boundary, { attributes }: Catalog): CategoryAttribute {
  const known = attributes.filter((candidate) => candidate.kind === "category");
  const found = known.find((candidate) => candidate.name === attribute);
  if (found !== undefined) return found;
  const names = known.map((candidate) => candidate.name).join(", ") || "the pipeline maps none";
  const message = `boundary "${name}": expected a category attribute (${names}), received "${attribute}"`;
  throw new TailrecError("INVALID_OPTIONS", message);
}

/** Place of each item's side, -1 for none or several. */
function sidesOf(boundary: Boundary, catalog: Catalog): Int32Array {
  const members = Object.values(boundary.sides).map((values) => new Set(values));
  return Int32Array.from(boundaryAttribute(boundary, catalog).values, (values) => {
    const places = members.flatMap((side, place) => (values.some((value) => side.has(value)) ? [place] : []));
    return places.length === 1 ? places[0] : -1;
  });
}

async function rateOf(
  boundary: Boundary,
  side: Int32Array,
  name: string,
  vectors: Matrix,
  { ids, titles }: Catalog,
): Promise<BoundaryRate> {
  const unit = unitRows(vectors);
  const hasVector = Uint8Array.from(ids, (_, row) => (rowOf(unit, row).some((value) => value !== 0) ? 1 : 0));
  const asked = [...side.keys()].filter((row) => side[row] >= 0 && hasVector[row] !== 0);
  const crossings = await crossingsOf(asked, unit, side, hasVector);
  const worst = [...asked.keys()].filter((i) => crossings[i] > 0).sort((a, b) => crossings[b] - crossings[a] || a - b);
  return {
    boundary: boundary.name,
    vectors: name,
    rate: asked.length === 0 ? null : crossings.reduce((sum, share) => sum + share, 0) / asked.length,
    chance: chanceOf(asked, side, hasVector),
    items: asked.length,
    neighbours: NEIGHBOURS,
    maximum: boundary.maximum,
    examples: worst
      .slice(0, EXAMPLES)
      .map((i) => `${ids[asked[i]]} "${titles[asked[i]]}" (${Math.round(100 * crossings[i])} % across)`),
  };
}

/** Share of each asked item's neighbours on another side; neighbours of no side count as not across. */
async function crossingsOf(
  asked: readonly number[],
  unit: Matrix,
  side: Int32Array,
  allow: Uint8Array,
): Promise<number[]> {
  const count = Math.min(NEIGHBOURS + 1, unit.rows);
  if (asked.length === 0) return [];
  const found = await defaultBackend().topK({ queries: takeRows(unit, asked), items: unit, count, allow });
  return asked.map((row, i) => {
    const listed = Array.from(found.items.subarray(i * count, (i + 1) * count));
    const neighbours = listed.filter((other) => other !== -1 && other !== row).slice(0, NEIGHBOURS);
    const across = neighbours.filter((other) => side[other] >= 0 && side[other] !== side[row]);
    return neighbours.length === 0 ? 0 : across.length / neighbours.length;
  });
}

function chanceOf(asked: readonly number[], side: Int32Array, hasVector: Uint8Array): number {
  const sizes = new Map<number, number>();
  let candidates = -1;
  for (const [row, place] of side.entries()) {
    if (hasVector[row] === 0) continue;
    candidates++;
    if (place >= 0) sizes.set(place, (sizes.get(place) ?? 0) + 1);
  }
  const sided = asked.length;
  const across = asked.reduce((sum, row) => sum + sided - (sizes.get(side[row]) ?? 0), 0);
  return sided === 0 || candidates <= 0 ? 0 : across / sided / candidates;
}
