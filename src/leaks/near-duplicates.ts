/**
 * Near-duplicates across the cold split: a cold item that is a training item over again (another colour, another pack size) is
 * cold by id only. Catalogs are full of variants, so that a share of them is a property of the data and a warning; above the
 * allowed share the figures measure recognition of copies.
 */
import { setImmediate } from "node:timers/promises";
import type { Catalog } from "../data/catalog.ts";
import { excerpt } from "../excerpt.ts";
import { itemTexts } from "../features/item-text.ts";
import { defaultBackend } from "../math/compute/backend.ts";
import { type Matrix, takeRows } from "../math/matrix.ts";
import { unitRows } from "../math/row-norms.ts";
import { type RunContext, throwIfInterrupted } from "../run-context.ts";
import type { LeakFinding } from "./finding.ts";
import type { SplitCheck } from "./leak-check.ts";
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

/**
 * At most one pair a cold row: the first training text found at or above `similarity`. Empty texts are like nothing. A tenth
 * of a millisecond a text of a hundred words.
 */
export async function duplicateTexts(
  texts: readonly string[],
  { cold, warm }: ColdSplit,
  similarity: number,
  context: RunContext = {},
): Promise<DuplicatePair[]> {
  const known = new Map<number, Uint32Array>();
  const buckets = new Map<string, number[]>();
  const total = warm.length + cold.length;
  for (let i = 0; i < warm.length; i++) {
    await breathe(i, total, context);
    known.set(warm[i], shinglesOf(texts[warm[i]]));
    for (const key of bucketsOf(known.get(warm[i]))) bucketAt(buckets, key).push(warm[i]);
  }
  const pairs: DuplicatePair[] = [];
  for (let i = 0; i < cold.length; i++) {
    await breathe(warm.length + i, total, context);
    const own = shinglesOf(texts[cold[i]]);
    const copy = firstCopy(own, buckets, (row) => jaccard(own, known.get(row) ?? own) >= similarity);
    if (copy !== undefined) pairs.push([cold[i], copy]);
  }
  return pairs;
}

/** Lets the event loop turn, so that a run can be cancelled. */
async function breathe(done: number, total: number, context: RunContext): Promise<void> {
  if (done % 100 !== 0) return;
  context.onProgress?.({ stage: "compare texts", done, total });
  await setImmediate();
  throwIfInterrupted(context);
}

/** Stops at the first: whole families of variants share their buckets. */
function firstCopy(
  shingles: Uint32Array,
  buckets: ReadonlyMap<string, readonly number[]>,
  isCopy: (row: number) => boolean,
): number | undefined {
  const seen = new Set<number>();
  for (const key of bucketsOf(shingles)) {
    for (const row of buckets.get(key) ?? []) {
      if (seen.has(row)) continue;
      if (isCopy(row)) return row;
      seen.add(row);
    }
  }
  return undefined;
}

function bucketAt(buckets: Map<string, number[]>, key: string): number[] {
  const bucket = buckets.get(key) ?? [];
  buckets.set(key, bucket);
  return bucket;
}

function bucketsOf(shingles: Uint32Array | undefined): string[] {
  return shingles === undefined || shingles.length === 0
    ? []
    : bandKeys(shingles).map((key, band) => `${band}: ${key}`);
}

const NEAREST = 3;
/** A copy's vector differs by what another size or compression does to it. */
const LIKE = 0.95;

/** Pairs whose encoded inputs (n x d, zeros where there is none) are so alike that the inputs should be compared. */
export async function alikeInputs(vectors: Matrix, { cold, warm }: ColdSplit): Promise<DuplicatePair[]> {
  const unit = unitRows(vectors);
  const allow = new Uint8Array(unit.rows);
  for (const row of Array.from(warm)) allow[row] = 1;
  const found = await defaultBackend().topK({ queries: takeRows(unit, cold), items: unit, count: NEAREST, allow });
  return Array.from(found.items).flatMap((row, place): DuplicatePair[] =>
    row >= 0 && found.scores[place] >= LIKE ? [[cold[Math.floor(place / NEAREST)], row]] : [],
  );
}

/** Largest root mean square difference, of 255, between small versions of one input saved twice. */
const SAME_INPUT = 4;

/** Whether two small versions, bytes of equal length, are of one input. */
export function isSameInput(a: Uint8Array, b: Uint8Array): boolean {
  let sum = 0;
  for (let p = 0; p < a.length; p++) sum += (a[p] - b[p]) ** 2;
  return sum <= a.length * SAME_INPUT ** 2;
}

const EXAMPLES = 3;

/** What copies are looked for. */
export interface CopyCheck {
  /** Name of the check. */
  readonly check: string;
  /** What a cold item and a training item then have: "the same picture". */
  readonly likeness: string;
}

const TEXT = "near-duplicate-text";

/** Copies among the texts, by the share of three-word runs that makes two of them near-duplicates. */
export const textCheck: SplitCheck = {
  of: "split",
  name: TEXT,
  check: async ({ protocol, coldItems: cold, fittedOn: warm, catalog }, options, context) => {
    if (cold.length === 0) return undefined;
    const { textSimilarity } = options;
    const split = { cold, warm };
    const pairs = await duplicateTexts(itemTexts(catalog), split, textSimilarity, context);
    const likeness = `near-duplicate texts (${textSimilarity} or more of their three-word runs shared)`;
    const nameOf = (row: number) => itemName(catalog, row);
    return duplicateFinding({ check: TEXT, likeness }, protocol, pairs, split, nameOf, options);
  },
};

/** An item in words: its id and its title. */
export function itemName({ ids, titles }: Catalog, row: number): string {
  return `${ids[row]} "${excerpt(titles[row], 80)}"`;
}

/** The finding over pairs of a protocol's split; one a cold item counts. `nameOf` puts a row in words. */
export function duplicateFinding(
  { check, likeness }: CopyCheck,
  protocol: string,
  pairs: readonly DuplicatePair[],
  { cold }: ColdSplit,
  nameOf: (row: number) => string,
  { maximumDuplicates }: LeakOptions,
): LeakFinding {
  const count = new Set(pairs.map(([row]) => row)).size;
  const share = cold.length === 0 ? 0 : count / cold.length;
  const figures = `${count} of ${cold.length} cold items (${percent(share)}) and a training item have ${likeness}`;
  return {
    check,
    protocol,
    state: count === 0 ? "clean" : share > maximumDuplicates ? "stop" : "warning",
    summary: `${figures}; more than ${percent(maximumDuplicates)} stop the run`,
    examples: pairs.slice(0, EXAMPLES).map(([row, other]) => `${nameOf(row)} is cold, ${nameOf(other)} is not`),
  };
}

function percent(share: number): string {
  return `${Number((100 * share).toFixed(1))} %`;
}
