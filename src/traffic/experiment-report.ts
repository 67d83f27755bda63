/**
 * What an experiment says so far: by variant click-through, conversion, NDCG of what was clicked and the kinds of items listed, each
 * with an interval over users; against the first variant a difference with CUPED and a p that holds at every look; and whether users
 * came in the shares that they were given.
 */

import type { Experiment } from "./experiment.ts";
import type { Exposure } from "./exposure.ts";
import { groupedBy } from "./grouping.ts";
import { chiSquareTail, twoSidedP } from "./normal.ts";
import type { Action, Traffic } from "./read-traffic.ts";
import { type SequentialResult, sequentialTest } from "./sequential-test.ts";
import { adjustedRatios, type RatioEstimate, ratioOf, type UserSums } from "./user-ratio.ts";

const figures = ["clickThrough", "conversion", "ndcg", "tailShare", "newShare"] as const;
type FigureName = (typeof figures)[number];

export interface Figure {
  readonly value: number;
  readonly ci95: readonly [number, number];
}

export interface VariantReport {
  readonly name: string;
  readonly users: number;
  readonly lists: number;
  readonly figures: Readonly<Record<FigureName, Figure>>;
  /** Of click-through against the first variant; absent for that one. */
  readonly difference?: SequentialResult & { readonly value: number; readonly isAdjusted: boolean };
}

export interface ExperimentReport {
  readonly experiment: string;
  readonly variants: readonly VariantReport[];
  /** p of the shares of users, as they came against as they were set: below 0.001 the assignment is broken. */
  readonly sampleRatioP: number;
  /** Of lists shared by two variants: wins by list with a click, and the p of as uneven a split by chance. */
  readonly interleaving?: { readonly a: number; readonly b: number; readonly ties: number; readonly p: number };
}

/** `experiment` says shares, order and effect; the log says what happened. */
export function reportExperiment(experiment: Experiment, { exposures, actions }: Traffic): ExperimentReport {
  const own = exposures.filter(({ experiment: name }) => name === experiment.name);
  const followed = actionsByRequest(actions);
  const start = own.map(({ time }) => time).sort()[0] ?? "";
  const before = clicksBefore(actions, start);
  const users = experiment.variants.map(({ name }) =>
    usersOf(
      own.filter(({ variant }) => variant === name),
      followed,
      before,
    ),
  );
  const variants = experiment.variants.map(({ name }, v): VariantReport => {
    const described = {
      name,
      users: users[v].length,
      lists: users[v].reduce((sum, { lists }) => sum + lists, 0),
      figures: figuresOf(users[v]),
    };
    return v === 0 ? described : { ...described, difference: differenceOf(users[0], users[v], experiment.effect) };
  });
  const shared = own.filter(({ teams }) => teams !== undefined);
  return {
    experiment: experiment.name,
    variants,
    sampleRatioP: sampleRatioP(experiment, variants),
    ...(shared.length > 0 && { interleaving: interleavingOf(shared, followed) }),
  };
}

interface UserFigures {
  readonly lists: number;
  readonly sums: Readonly<Record<FigureName, UserSums>>;
}

function usersOf(
  exposures: readonly Exposure[],
  followed: ReadonlyMap<string, readonly Action[]>,
  before: ReadonlyMap<string, number>,
): UserFigures[] {
  const byUser = groupedBy(exposures, ({ user }) => user);
  return [...byUser].map(([user, lists]) => {
    const outcomes = lists.map((list) => outcomeOf(list, followed.get(list.requestId) ?? []));
    const sum = (of: (outcome: ReturnType<typeof outcomeOf>) => number) =>
      outcomes.reduce((all, one) => all + of(one), 0);
    const places = sum(({ places }) => places);
    const count = lists.length;
    return {
      lists: count,
      sums: {
        clickThrough: { x: sum(({ clicked }) => clicked), y: count, before: before.get(user) ?? 0 },
        conversion: { x: sum(({ bought }) => bought), y: count },
        ndcg: { x: sum(({ ndcg }) => ndcg), y: count },
        tailShare: { x: sum(({ tail }) => tail), y: places },
        newShare: { x: sum(({ fresh }) => fresh), y: places },
      },
    };
  });
}

/** One list and what followed from it; NDCG of the clicked items, 0 without a click. */
function outcomeOf({ items, tail, fresh }: Exposure, actions: readonly Action[]) {
  const clicked = new Set(actions.filter(({ event }) => event !== "dismissal").map(({ item }) => item));
  const gain = items.reduce((sum, id, place) => sum + (clicked.has(id) ? 1 / Math.log2(place + 2) : 0), 0);
  const hits = items.filter((id) => clicked.has(id)).length;
  const best = Array.from({ length: hits }, (_, place) => 1 / Math.log2(place + 2)).reduce((sum, one) => sum + one, 0);
  return {
    clicked: hits > 0 ? 1 : 0,
    bought: actions.some(({ event, item }) => event === "purchase" && items.includes(item)) ? 1 : 0,
    ndcg: best > 0 ? gain / best : 0,
    places: items.length,
    tail,
    fresh,
  };
}

function figuresOf(users: readonly UserFigures[]): Record<FigureName, Figure> {
  const named = figures.map((name): [FigureName, Figure] => [
    name,
    figureOf(ratioOf(users.map(({ sums }) => sums[name]))),
  ]);
  return Object.fromEntries(named) as Record<FigureName, Figure>;
}

function figureOf({ value, variance }: RatioEstimate): Figure {
  const radius = 1.96 * Math.sqrt(variance);
  return { value, ci95: [value - radius, value + radius] };
}

function differenceOf(first: readonly UserFigures[], other: readonly UserFigures[], effect: number) {
  const sums = (users: readonly UserFigures[]) => users.map(({ sums: { clickThrough } }) => clickThrough);
  const [a, b] = [sums(first), sums(other)];
  // A covariate that is the same for all tells nothing.
  const isAdjusted = [...a, ...b].some(({ before }) => before !== 0);
  const [base, changed] = isAdjusted ? adjustedRatios(a, b) : [ratioOf(a), ratioOf(b)];
  const value = changed.value - base.value;
  return { value, isAdjusted, ...sequentialTest(value, base.variance + changed.variance, effect) };
}

function sampleRatioP({ variants }: Experiment, reports: readonly VariantReport[]): number {
  const total = reports.reduce((sum, { users }) => sum + users, 0);
  const shares = variants.reduce((sum, { share }) => sum + share, 0);
  if (total === 0) return 1;
  const chi = reports.reduce((sum, { users }, v) => {
    const expected = (total * variants[v].share) / shares;
    return sum + (users - expected) ** 2 / expected;
  }, 0);
  return chiSquareTail(chi, variants.length - 1);
}

function interleavingOf(shared: readonly Exposure[], followed: ReadonlyMap<string, readonly Action[]>) {
  let [a, b, ties] = [0, 0, 0];
  for (const { requestId, items, teams = [] } of shared) {
    const clicked = new Set((followed.get(requestId) ?? []).map(({ item }) => item));
    const score = (team: "a" | "b") => items.filter((id, place) => teams[place] === team && clicked.has(id)).length;
    if (score("a") > score("b")) a++;
    else if (score("b") > score("a")) b++;
    else ties++;
  }
  const z = a + b === 0 ? 0 : (a - b) / Math.sqrt(a + b);
  return { a, b, ties, p: twoSidedP(z) };
}

function actionsByRequest(actions: readonly Action[]): ReadonlyMap<string, readonly Action[]> {
  return groupedBy(
    actions.filter(({ requestId }) => requestId !== undefined),
    ({ requestId = "" }) => requestId,
  );
}

/** By user: what they did before the experiment began. */
function clicksBefore(actions: readonly Action[], start: string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { user, time } of actions) if (time < start) counts.set(user, (counts.get(user) ?? 0) + 1);
  return counts;
}
