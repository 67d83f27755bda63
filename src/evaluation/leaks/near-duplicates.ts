/**
 * Near-duplicates across the cold split: a cold item that is a training item over again (another colour, another pack size) is
 * cold by id only. Catalogs are full of variants, so that a share of them is a property of the data and a warning; above the
 * allowed share the figures measure recognition of copies.
 */
import { defaultKernel } from "../../math/kernel.ts";
import { type Matrix, takeRows } from "../../math/matrix.ts";
import { unitRows } from "../../math/unit-rows.ts";
import type { LeakFinding } from "./finding.ts";
import type { LeakOptions } from "./leak-options.ts";
import { bandKeys, jaccard, shinglesOf } from "./shingles.ts";

export interface ColdSplit {
  /** Rows without training interactions on purpose. */
  readonly cold: ArrayLike<number>;
  /** Rows with training interactions. */
  readonly warm: ArrayLike<number>;
}

/** A cold row and the training row that it repeats. */
export type DuplicatePair = readonly [cold: number, warm: number];

/** At most one pair a cold row: the first training text found at or above `similarity`. Empty texts are like nothing. */
export function duplicateTexts(
  texts: readonly string[],
  { cold, warm }: ColdSplit,
  similarity: number,
): DuplicatePair[] {
  const shingles = new Map<number, Uint32Array>();
  const buckets = new Map<string, number[]>();
  for (const row of Array.from(warm)) {
    const known = shinglesOf(texts[row]);
    if (known.length === 0) continue;
    shingles.set(row, known);
    for (const key of bucketsOf(known)) buckets.set(key, [...(buckets.get(key) ?? []), row]);
  }
  return Array.from(cold).flatMap((row): DuplicatePair[] => {
    const own = shinglesOf(texts[row]);
    const candidates = own.length === 0 ? [] : new Set(bucketsOf(own).flatMap((key) => buckets.get(key) ?? []));
    for (const other of candidates) {
      if (jaccard(own, shingles.get(other) ?? own) >= similarity) return [[row, other]];
    }
    return [];
  });
}

function bucketsOf(shingles: Uint32Array): string[] {
  return bandKeys(shingles).map((key, band) => `${band}: ${key}`);
}

const NEAREST = 3;
/** A copy's vector differs by what another size or compression does to it. */
const LIKE = 0.95;

/** Pairs whose encoded pictures (n x d, zeros where there is none) are so alike that the pictures should be compared. */
export async function alikePictures(vectors: Matrix, { cold, warm }: ColdSplit): Promise<DuplicatePair[]> {
  const unit = unitRows(vectors);
  const allow = new Uint8Array(unit.rows);
  for (const row of Array.from(warm)) allow[row] = 1;
  const found = await defaultKernel().topK({ queries: takeRows(unit, cold), items: unit, count: NEAREST, allow });
  return Array.from(found.items).flatMap((row, place): DuplicatePair[] =>
    row >= 0 && found.scores[place] >= LIKE ? [[cold[Math.floor(place / NEAREST)], row]] : [],
  );
}

/** Largest root mean square difference, of 255, between small versions of one picture saved twice. */
const SAME_PICTURE = 4;

/** Whether two small pictures, bytes of equal length, are one. */
export function isSamePicture(a: Uint8Array, b: Uint8Array): boolean {
  let sum = 0;
  for (let p = 0; p < a.length; p++) sum += (a[p] - b[p]) ** 2;
  return sum <= a.length * SAME_PICTURE ** 2;
}

const EXAMPLES = 3;

/** The finding over pairs; one a cold item counts. `nameOf` puts a row in words. */
export function duplicateFinding(
  what: "text" | "pictures",
  pairs: readonly DuplicatePair[],
  { cold }: ColdSplit,
  nameOf: (row: number) => string,
  { maximumDuplicates, textSimilarity }: LeakOptions,
): LeakFinding {
  const count = new Set(pairs.map(([row]) => row)).size;
  const share = cold.length === 0 ? 0 : count / cold.length;
  const likeness =
    what === "text"
      ? `near-duplicate texts (${textSimilarity} or more of their three-word runs shared)`
      : "the same picture";
  const figures = `${count} of ${cold.length} cold items (${percent(share)}) and a training item have ${likeness}`;
  return {
    check: `near-duplicate-${what}`,
    protocol: "cold-items",
    state: count === 0 ? "clean" : share > maximumDuplicates ? "stop" : "warning",
    summary: `${figures}; more than ${percent(maximumDuplicates)} stop the run`,
    examples: pairs.slice(0, EXAMPLES).map(([row, other]) => `${nameOf(row)} is cold, ${nameOf(other)} is not`),
  };
}

function percent(share: number): string {
  return `${Number((100 * share).toFixed(1))} %`;
}
