/** The choice of a ridge penalty, linear or kernel: every candidate is fitted on the kept items and measured on those held out. */
import { z } from "zod";
import type { Matrix } from "../math/matrix.ts";
import { once } from "../once.ts";
import { throwIfInterrupted } from "../run-context.ts";
import type { RegressionTask } from "./regression-task.ts";
import type { PreparedKind, Validated } from "./regressor-kind.ts";
import { bestTrial, chooseSetting } from "./setting-choice.ts";

/** The options of every kind that is a ridge or starts from one. */
export const penaltyOptions = {
  regularization: z
    .union([z.literal("auto"), z.number().positive()])
    .default("auto")
    .describe("ridge penalty per training item, or auto: chosen on held-out warm items treated as cold"),
  candidates: z
    .array(z.number().positive())
    .min(1)
    .default([1e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1])
    .describe("penalties that auto tries"),
};

export type PenaltyOptions = z.output<z.ZodObject<typeof penaltyOptions>>;

export interface PenalisedMap {
  /** The penalty used, per unit of item weight. */
  readonly regularization: number;
}

export interface PenaltyMethod<M extends PenalisedMap> {
  /** One map a penalty, fitted to that part of the items. */
  fit(part: "kept" | "all", penalties: readonly number[]): Promise<readonly M[]>;
  /** What maps fitted to the kept items say of those held out. */
  predictHeldOut(maps: readonly M[]): Promise<readonly Matrix[]>;
}

/**
 * Fits one map a penalty on the kept items; the best of them is chosen (`setting-choice.ts`). Of `smaller`, descending, each is tried
 * as long as the one before it is the best.
 */
export function choosePenalty<M extends PenalisedMap>(
  task: RegressionTask<PenaltyOptions>,
  method: PenaltyMethod<M>,
  penalties: readonly number[] = penaltiesOf(task),
  smaller: readonly number[] = [],
): PreparedKind<M> {
  const validate = once(() => tryDownwards(task, method, penalties, smaller));
  const isSettled = penalties.length === 1 && smaller.length === 0;
  const best = async () => (isSettled ? penalties[0] : (await validate()).map.regularization);
  return { validate, refit: once(async () => (await method.fit("all", [await best()]))[0]) };
}

async function tryDownwards<M extends PenalisedMap>(
  task: RegressionTask<PenaltyOptions>,
  method: PenaltyMethod<M>,
  penalties: readonly number[],
  smaller: readonly number[],
): Promise<Validated<M>> {
  let best = await tryPenalties(task, method, penalties);
  for (const penalty of smaller) {
    const next = await tryPenalties(task, method, [penalty]);
    const trials = [...best.trials, ...next.trials];
    const isBetter = bestTrial(trials) === next.trials[0];
    best = { ...(isBetter ? next : best), trials };
    if (!isBetter) break;
  }
  return best;
}

async function tryPenalties<M extends PenalisedMap>(
  task: RegressionTask,
  method: PenaltyMethod<M>,
  penalties: readonly number[],
): Promise<Validated<M>> {
  const maps = await method.fit("kept", penalties);
  throwIfInterrupted(task.context);
  const predictions = await method.predictHeldOut(maps);
  const candidates = maps.map((map, p) => ({
    setting: { regularization: penalties[p] },
    map,
    predict: () => predictions[p],
  }));
  return chooseSetting(task, candidates);
}

/** Items on which a choice is made where there are more, and by which it is measured, at most. */
export const CHOICE_SAMPLE = 1500;

/** What all items try after a sample has chosen, one after the other: more items want less of it. */
export function smallerThan(task: RegressionTask<PenaltyOptions>, chosen: number): readonly number[] {
  return penaltiesOf(task)
    .filter((penalty) => penalty < chosen)
    .toSorted((a, b) => b - a);
}

/** The chosen one, and the largest of the candidates below it. */
export function withNextSmaller(candidates: readonly number[], chosen: number): readonly number[] {
  const smaller = candidates.filter((penalty) => penalty < chosen);
  return smaller.length === 0 ? [chosen] : [chosen, Math.max(...smaller)];
}

/** Those to try. */
export function penaltiesOf({ options }: RegressionTask<PenaltyOptions>): readonly number[] {
  return options.regularization === "auto" ? options.candidates : [options.regularization];
}
