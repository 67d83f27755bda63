/**
 * The search over configurations. Random: every one at the full level (Bergstra and Bengio 2012). Successive halving (Jamieson and
 * Talwalkar 2016): all at the cheapest level, the best third at the next, the best third of these at the full one. Trial 0 is the
 * pipeline as written and is never dropped, so that what is chosen was measured against it. Configuration i follows from the
 * seed alone: a search that is taken up again is the search that was never stopped.
 */
import { TailrecError } from "../../errors.ts";
import { createRandom } from "../../math/random.ts";
import { drawValues, type SearchSpace, type TrialValues } from "./search-space.ts";
import { FULL, type Level, type TrialFigures } from "./trial.ts";
import type { TrialLog, TrialRecord } from "./trial-log.ts";

export interface SearchOptions {
  readonly kind: "halving" | "random";
  /** Configurations, the pipeline as written among them. */
  readonly trials: number;
  /** Ends the search when the trials have taken so long, those of an earlier sitting included. */
  readonly seconds?: number;
  readonly seed: number;
}

export interface SearchResult {
  /** Every trial that was run, in the order of the search. */
  readonly records: readonly TrialRecord[];
  /** The best at the highest level that was reached. */
  readonly chosen: TrialRecord;
  /** The pipeline as written, at that level. */
  readonly baseline: TrialRecord;
  /** Whether the time was over first. */
  readonly cutShort: boolean;
}

/** One third of a level goes on to the next. */
const SURVIVORS = 1 / 3;

export type Run = (values: TrialValues, level: Level) => Promise<TrialFigures>;

/** Runs what the log does not hold yet. Whatever keeps the pipeline as written from being fitted passes through. */
export async function search(
  space: SearchSpace,
  options: SearchOptions,
  log: TrialLog,
  run: Run,
): Promise<SearchResult> {
  const configurations = drawConfigurations(space, options);
  const known = new Map(log.records.map((record) => [`${record.trial} ${record.level}`, record]));
  const records: TrialRecord[] = [];
  const levels = levelsOf(options.kind);
  let candidates = configurations.map((_, trial) => trial);
  let best: readonly TrialRecord[] = [];
  let cutShort = false;
  for (const level of levels) {
    const ended: TrialRecord[] = [];
    for (const trial of candidates) {
      cutShort = isOver(records, options);
      if (cutShort) break;
      const earlier = known.get(`${trial} ${level}`);
      const record = earlier ?? (await runRecorded(trial, level, configurations[trial], run));
      if (earlier === undefined) await log.append(record);
      records.push(record);
      ended.push(record);
    }
    // One trial alone says nothing; the level before it does.
    if (ended.length > 1 || best.length === 0) best = byMerit(ended);
    if (cutShort) break;
    candidates = survivors(byMerit(ended));
  }
  const baseline = best.find(({ trial }) => trial === 0);
  if (baseline !== undefined) return { records, chosen: best[0], baseline, cutShort };
  throw new TailrecError("INVALID_ARGUMENT", "tune: the budget ended before the first trial; raise it");
}

/** The levels that each kind of search goes through. */
const LEVELS: Readonly<Record<SearchOptions["kind"], readonly Level[]>> = { halving: [0, 1, FULL], random: [FULL] };

function levelsOf(kind: SearchOptions["kind"]): readonly Level[] {
  if (Object.hasOwn(LEVELS, kind)) return LEVELS[kind];
  const message = `tune: expected a search of kind ${Object.keys(LEVELS).join(" or ")}, received "${kind}"`;
  throw new TailrecError("INVALID_ARGUMENT", message);
}

function drawConfigurations(space: SearchSpace, { trials, seed }: SearchOptions): TrialValues[] {
  const random = createRandom(seed);
  return [{}, ...Array.from({ length: trials - 1 }, () => drawValues(space, random))];
}

function isOver(records: readonly TrialRecord[], { seconds }: SearchOptions): boolean {
  return seconds !== undefined && records.reduce((sum, record) => sum + record.seconds, 0) >= seconds;
}

/** A configuration that cannot be fitted is a trial without merit; that the pipeline itself cannot be is an error. */
async function runRecorded(trial: number, level: Level, values: TrialValues, run: Run): Promise<TrialRecord> {
  const start = performance.now();
  const ended = (figures: TrialFigures & { readonly failed?: string }): TrialRecord => {
    return { trial, level, values, ...figures, seconds: Math.round(performance.now() - start) / 1000 };
  };
  try {
    return ended(await run(values, level));
  } catch (error) {
    if (trial === 0 || !(error instanceof TailrecError) || error.code === "INTERRUPTED") throw error;
    return ended({ known: 0, launched: 0, objective: 0, failed: error.message });
  }
}

/** Best first by the objective; equals in the order of the search. */
export function byMerit(records: readonly TrialRecord[]): TrialRecord[] {
  return [...records].sort((a, b) => b.objective - a.objective || a.trial - b.trial);
}

/** The pipeline as written first, then the best third. */
function survivors(ranked: readonly TrialRecord[]): number[] {
  const others = ranked.filter(({ trial, failed }) => trial !== 0 && failed === undefined);
  return [0, ...others.slice(0, Math.ceil(SURVIVORS * ranked.length)).map(({ trial }) => trial)];
}
