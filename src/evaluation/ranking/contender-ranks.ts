/**
 * Every contender's ranks on one split. An engine may rank users by their vectors, part by part: a rank depends on its own user alone.
 * What has no vectors is ranked here.
 */
import type { RunContext } from "../../run-context.ts";
import { rankEach } from "./measurement.ts";
import type { Contender, Factors } from "./scorer.ts";
import type { RankingRequest, TargetRanks } from "./target-ranks.ts";

/** A contender whose scores are inner products. */
export interface VectorContender {
  readonly name: string;
  readonly factors: Factors;
}

/** The ranks that `rankEach` would have found, one a contender. */
export type RankElsewhere = (
  contenders: readonly VectorContender[],
  request: RankingRequest,
  context: RunContext,
) => Promise<readonly TargetRanks[]>;

export interface RankingContext extends RunContext {
  /** Ranks in place of this process. */
  readonly rankElsewhere?: RankElsewhere;
}

/** One a contender. Errors: those of `rankEach`. */
export async function rankContenders(
  contenders: readonly Contender[],
  request: RankingRequest,
  context: RankingContext,
): Promise<readonly TargetRanks[]> {
  const { rankElsewhere } = context;
  const away = contenders.flatMap(byVectors);
  if (rankElsewhere === undefined || away.length === 0) return rankEach(contenders, request, context);
  const names = new Set(away.map(({ name }) => name));
  const here = contenders.filter(({ name }) => !names.has(name));
  const found = [...(await rankElsewhere(away, request, context)), ...(await rankEach(here, request, context))];
  const places = new Map([...away, ...here].map(({ name }, place) => [name, place]));
  return contenders.map(({ name }) => found[places.get(name) ?? 0]);
}

function byVectors(contender: Contender): VectorContender[] {
  if ("lists" in contender) return [];
  const { name, factors } = contender;
  return factors === undefined ? [] : [{ name, factors }];
}
