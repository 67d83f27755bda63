/**
 * Exploration judged by simulation. Launched items begin blind, whatever training saw of them. Every day each user is shown a list, and
 * clicks what of it they took in the held-out truth. That they look at a place has the probability 1 / log2(1 + place). At night clicked
 * items are solved anew. An item's rank is its place by the mean user's score. It has settled once it stays within a twentieth of the
 * catalog of where all its held-out interactions put it.
 */
import { rowsWithTargets } from "../../evaluation/ranking/target-ranks.ts";
import type { ExplorationTrial, TrialPolicy } from "../../evaluation/report.ts";
import { type Matrix, rowOf, type SparseMatrix } from "../../math/matrix.ts";
import { quantile } from "../../math/statistics.ts";
import { hashOf, uniform } from "../../rules/draws.ts";
import { prepareRules, type ReadyRule } from "../../rules/prepared-rules.ts";
import type { Rule } from "../../rules/rule-kinds.ts";
import { type RunContext, throwIfInterrupted } from "../../run-context.ts";
import { createItemIndex } from "../../serving/ranking/item-index.ts";
import type { BlindLaunch, LaunchedVectors, Taken } from "./blind-launch.ts";
import { type ListMaker, listsForUsers } from "./user-lists.ts";

const DAYS = 14;
const MOST_USERS = 3000;
/** Share of the catalog by which a settled rank may differ. */
const NEAR = 0.05;

export interface TrialRequest extends Omit<ListMaker, "index"> {
  /** users x items: who would take what. */
  readonly test: SparseMatrix;
  /** A flag per item. */
  readonly launched: Uint8Array;
  readonly launch: BlindLaunch;
  /** With one that explores. */
  readonly rules: readonly Rule[];
}

/** The same launch without rules, with exploration alone, and under the others without and with it; undefined where nobody takes a launched item. */
export async function tryExploration(
  request: TrialRequest,
  context: RunContext,
): Promise<ExplorationTrial | undefined> {
  const users = someOf(rowsWithTargets(request.test), MOST_USERS);
  const truth = truthOf(request, users);
  if (truth.size === 0) return undefined;
  const policies: TrialPolicy[] = [];
  for (const [name, rules] of policiesOf(request.rules)) {
    policies.push(await launchUnder(name, rules, request, users, truth, context));
  }
  return { days: DAYS, users: users.length, items: truth.size, policies };
}

function policiesOf(rules: readonly Rule[]): [string, readonly Rule[]][] {
  const exploring = rules.filter(({ kind }) => kind === "exploration");
  const others = rules.filter(({ kind }) => kind !== "exploration");
  const alone: [string, readonly Rule[]][] = [
    ["no rules", []],
    ["exploration", exploring],
  ];
  return others.length === 0 ? alone : [...alone, ["the other rules", others], ["all together", rules]];
}

/** By launched item, the users who take it in the truth. */
function truthOf({ test, launched }: TrialRequest, users: Uint32Array): Taken {
  const truth = new Map<number, number[]>();
  for (const user of users) {
    for (const item of test.indices.subarray(test.indptr[user], test.indptr[user + 1])) {
      if (launched[item] === 1) truth.set(item, [...(truth.get(item) ?? []), user]);
    }
  }
  return truth;
}

/** At most so many, evenly drawn. */
function someOf(rows: Uint32Array, most: number): Uint32Array {
  const step = Math.max(1, rows.length / most);
  return Uint32Array.from({ length: Math.min(rows.length, most) }, (_, i) => rows[Math.floor(i * step)]);
}

async function launchUnder(
  name: string,
  rules: readonly Rule[],
  request: TrialRequest,
  users: Uint32Array,
  truth: Taken,
  context: RunContext,
): Promise<TrialPolicy> {
  const { launch, userVectors, tail } = request;
  const nobody: Taken = new Map([...truth.keys()].map((item) => [item, []]));
  const place = placer(userVectors, users, tail);
  const settled = place((await launch(truth)).vectors);
  const days: Night[] = [];
  const shown = new Set<number>();
  let taken = nobody;
  let today = await launch(nobody);
  const began = place(today.vectors);
  for (let day = 0; day < DAYS; day++) {
    throwIfInterrupted(context);
    const lists = await listsOfDay(request, today, dated(rules, day), users, taken);
    for (const list of lists) for (const row of list) if (truth.has(row)) shown.add(row);
    taken = afterClicks(taken, clicksOf(lists, users, truth, day));
    today = await launch(taken);
    days.push({ taken, ranks: place(today.vectors), shown: shown.size / truth.size });
    context.onProgress?.({ stage: `launch, ${name}`, done: day + 1, total: DAYS });
  }
  return { name, ...judged(began, days, settled, [...truth.keys()]) };
}

/** What stands at the end of a day. */
interface Night {
  readonly taken: Taken;
  /** By item row. */
  readonly ranks: Uint32Array;
  /** Share of the launched items that anybody has been shown. */
  readonly shown: number;
}

async function listsOfDay(
  request: TrialRequest,
  { vectors, uncertainty }: LaunchedVectors,
  rules: readonly Rule[],
  users: Uint32Array,
  taken: Taken,
): Promise<number[][]> {
  const index = createItemIndex(vectors);
  const world = {
    ...request.world,
    norms: () => index.norms,
    spread: () => ({ ...request.world.spread(), uncertainty }),
  };
  const ready = await prepareRules(rules, world, { lists: "recommend", strict: true });
  const lists = await listsForUsers({ ...request, index, world }, users, [...ready, notAgain(request, users, taken)]);
  return lists.map((hits) => hits.map(({ row }) => row));
}

/** Nobody is shown what they clicked. */
function notAgain({ userIds }: TrialRequest, users: Uint32Array, taken: Taken): ReadyRule {
  const own = new Map(Array.from(users, (user): [string, number[]] => [userIds[user], []]));
  for (const [item, takers] of taken) for (const user of takers) own.get(userIds[user])?.push(item);
  const excluded = ({ user = "" }: { readonly user?: string }) => own.get(user) ?? [];
  return { name: "clicked", givesWay: false, notes: [], effect: { excluded } };
}

/** The rules with the draws of a day of the simulation. */
function dated(rules: readonly Rule[], day: number): Rule[] {
  const date = new Date(Date.UTC(2000, 0, 1 + day)).toISOString().slice(0, 10);
  return rules.map((rule) => (rule.kind === "exploration" ? { ...rule, day: date } : rule));
}

function clicksOf(lists: readonly number[][], users: Uint32Array, truth: Taken, day: number): [number, number][] {
  return lists.flatMap((list, i) =>
    list.flatMap((item, place): [number, number][] => {
      const looks = uniform(hashOf(`${day} ${users[i]}`), item) < 1 / Math.log2(2 + place);
      return looks && truth.get(item)?.includes(users[i]) ? [[item, users[i]]] : [];
    }),
  );
}

function afterClicks(taken: Taken, clicks: readonly [number, number][]): Taken {
  const after = new Map(taken);
  for (const [item, user] of clicks) after.set(item, [...(after.get(item) ?? []), user]);
  return after;
}

/** Places of all items, from 1, by the score of the mean user. */
function placer(userVectors: Matrix, users: Uint32Array, tail: number): (vectors: Matrix) => Uint32Array {
  const mean = new Float64Array(userVectors.columns);
  for (const user of users)
    for (const [d, value] of rowOf(userVectors, user).entries()) mean[d] += value / users.length;
  return (vectors) => {
    const scores = Float64Array.from({ length: vectors.rows }, (_, row) => {
      const [product, square] = rowOf(vectors, row).reduce(([p, s], v, d) => [p + v * mean[d], s + v * v], [0, 0]);
      return square > 0 ? product / square ** (tail / 2) : 0;
    });
    const order = Uint32Array.from(scores.keys()).sort((a, b) => scores[b] - scores[a] || a - b);
    const places = new Uint32Array(vectors.rows);
    for (const [place, row] of order.entries()) places[row] = place + 1;
    return places;
  };
}

/** Those that settled of the items whose rank is off at the launch, and what it took them. */
function judged(
  began: Uint32Array,
  nights: readonly Night[],
  settled: Uint32Array,
  items: readonly number[],
): Omit<TrialPolicy, "name"> {
  const isAway = (ranks: Uint32Array, item: number) => Math.abs(ranks[item] - settled[item]) > NEAR * settled.length;
  const off = items.filter((item) => isAway(began, item));
  const at = off.map((item) => ({ item, night: nights.findLastIndex(({ ranks }) => isAway(ranks, item)) + 1 }));
  const came = at.filter(({ night }) => night < nights.length);
  const last = nights[nights.length - 1];
  const clicksOn = ({ taken }: Night, item: number) => taken.get(item)?.length ?? 0;
  return {
    shown: nights.map(({ shown }) => shown),
    clicked: items.filter((item) => clicksOn(last, item) > 0).length / items.length,
    off: off.length / items.length,
    settled: off.length === 0 ? 0 : came.length / off.length,
    interactions: medianOf(came.map(({ item, night }) => clicksOn(nights[night], item))),
    days: medianOf(came.map(({ night }) => night + 1)),
  };
}

function medianOf(values: readonly number[]): number | null {
  return values.length === 0
    ? null
    : quantile(
        [...values].sort((a, b) => a - b),
        0.5,
      );
}
