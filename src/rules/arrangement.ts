/**
 * The places of one list, filled from the first to the last: each goes to the best candidate that no cap shuts out, reserved places to
 * those that they are kept for. With diversity, best is (1 - w) r - w max cos to what is listed, r the score on the scale 0..1.
 */
import { evenlySpread } from "../evaluation/ranking/reserved-places.ts";
import type { Matrix } from "../math/matrix.ts";
import type { PreparedRule, RuleEffect, ScoredRow } from "./rule-kind.ts";

export interface Arrangement {
  readonly caps: readonly NonNullable<RuleEffect["cap"]>[];
  /** Shares of the places, in the order of the rules. */
  readonly lanes: readonly NonNullable<RuleEffect["places"]>[];
  readonly diversity?: RuleEffect["diversity"];
}

/** What the rules ask of the places. */
export function arrangementOf(rules: readonly PreparedRule[]): Arrangement {
  const effects = rules.map(({ effect }) => effect);
  const caps = effects.flatMap(({ cap }) => (cap === undefined ? [] : [cap]));
  const lanes = effects.flatMap(({ places }) => (places === undefined ? [] : [places]));
  const diversity = effects.find((effect) => effect.diversity !== undefined)?.diversity;
  return { caps, lanes, diversity };
}

export interface Candidates {
  /** Best first. */
  readonly main: readonly ScoredRow[];
  /** Of each lane, best first. */
  readonly kept: readonly (readonly ScoredRow[])[];
  /** What stands in the first places already. */
  readonly listed: readonly ScoredRow[];
}

/** At most `count` items in the order of the places, the listed ones first. */
export function arrange(
  { caps, lanes, diversity }: Arrangement,
  { main, kept, listed: standing }: Candidates,
  count: number,
): ScoredRow[] {
  const listed = [...standing];
  const rows = new Set(listed.map(({ row }) => row));
  const capped = createCaps(caps);
  const worth = createWorth(diversity, [main, ...kept]);
  const laneOf = createLanes(lanes);
  for (const row of rows) {
    capped.add(row);
    worth.add(row);
  }
  while (listed.length < count) {
    const lane = laneOf(listed.length);
    const isFree = ({ row }: ScoredRow) => !rows.has(row) && capped.allows(row);
    const next = (lane < 0 ? undefined : worth.best(kept[lane], isFree)) ?? worth.best(main, isFree);
    if (next === undefined) return listed;
    listed.push(next);
    rows.add(next.row);
    capped.add(next.row);
    worth.add(next.row);
  }
  return listed;
}

/** Which lane a place is kept for, -1 for none: of the first n places, n times the sum of shares are kept, each for who is most behind. */
function createLanes(lanes: Arrangement["lanes"]): (place: number) => number {
  const given = lanes.map(() => 0);
  const sum = lanes.reduce((total, { share }) => total + share, 0);
  const isKept = evenlySpread(sum);
  return (place) => {
    if (!isKept(place)) return -1;
    const behind = lanes.map(({ share }, lane) => share * (place + 1) - given[lane]);
    const lane = behind.indexOf(Math.max(...behind));
    given[lane]++;
    return lane;
  };
}

function createCaps(caps: Arrangement["caps"]) {
  const counts = caps.map(() => new Map<string, number>());
  const used = (cap: number, key: string) => counts[cap].get(key) ?? 0;
  return {
    allows: (row: number) => caps.every(({ keysOf, maximum }, c) => keysOf(row).every((key) => used(c, key) < maximum)),
    add: (row: number) => {
      for (const [c, { keysOf }] of caps.entries()) for (const key of keysOf(row)) counts[c].set(key, used(c, key) + 1);
    },
  };
}

/** Without diversity the order of the candidates; with it the largest worth, ties to the earlier. */
function createWorth(diversity: RuleEffect["diversity"], pools: readonly (readonly ScoredRow[])[]) {
  if (diversity === undefined) {
    return {
      best: (pool: readonly ScoredRow[], isFree: (hit: ScoredRow) => boolean) => pool.find(isFree),
      add: () => {},
    };
  }
  const { weight, directions } = diversity;
  const hits = pools.flat();
  const scores = hits.map(({ score }) => score);
  const [lowest, highest] = scores.reduce(
    ([low, high], s) => [Math.min(low, s), Math.max(high, s)],
    [Infinity, -Infinity],
  );
  const range = highest > lowest ? highest - lowest : 1;
  const rows = Uint32Array.from(new Set(hits.map(({ row }) => row)));
  const placeOf = new Map(Array.from(rows, (row, place) => [row, place]));
  // -Infinity until something is listed.
  const likeness = new Float64Array(rows.length).fill(Number.NEGATIVE_INFINITY);
  const worthOf = ({ row, score }: ScoredRow) => {
    const like = likeness[placeOf.get(row) ?? 0];
    return (1 - weight) * ((score - lowest) / range) - weight * (like === Number.NEGATIVE_INFINITY ? 0 : like);
  };
  return {
    best: (pool: readonly ScoredRow[], isFree: (hit: ScoredRow) => boolean) => {
      let [best, most]: [ScoredRow | undefined, number] = [undefined, Number.NEGATIVE_INFINITY];
      for (const hit of pool) {
        const worth = worthOf(hit);
        if (best !== undefined && worth <= most) continue;
        if (isFree(hit)) [best, most] = [hit, worth];
      }
      return best;
    },
    add: (listed: number) => {
      for (let place = 0; place < rows.length; place++) {
        likeness[place] = Math.max(likeness[place], product(directions, rows[place], listed));
      }
    },
  };
}

function product({ columns, values }: Matrix, a: number, b: number): number {
  const [left, right] = [a * columns, b * columns];
  let sum = 0;
  for (let d = 0; d < columns; d++) sum += values[left + d] * values[right + d];
  return sum;
}
