/** The choice of a ridge penalty, linear or kernel: every candidate is fitted on the kept items and measured on those held out. */
import type { Matrix } from "../math/matrix.ts";
import { throwIfInterrupted } from "../run-context.ts";
import { once, type PreparedKind, type RegressionTask, type Validated } from "./regression-task.ts";
import type { RegressorMap } from "./regressor-map.ts";
import { squaredError } from "./residuals.ts";

export type PenalisedMap = RegressorMap & { readonly regularization: number };

export interface PenaltyMethod<M extends PenalisedMap> {
  /** One map a penalty, taught by that part of the items. */
  fit(part: "kept" | "all", penalties: readonly number[]): Promise<readonly M[]>;
  /** What maps taught by the kept items say of those held out. */
  predictHeldOut(maps: readonly M[]): Promise<readonly Matrix[]>;
}

/** Fits one map a penalty on the kept items; the one with the least held-out error is the best. */
export function choosePenalty<M extends PenalisedMap>(
  task: RegressionTask,
  method: PenaltyMethod<M>,
  penalties: readonly number[] = penaltiesOf(task),
): PreparedKind<M> {
  const validate = once(() => tryPenalties(task, method, penalties));
  const best = async () => (penalties.length === 1 ? penalties[0] : (await validate()).map.regularization);
  return { validate, finish: once(async () => (await method.fit("all", [await best()]))[0]) };
}

async function tryPenalties<M extends PenalisedMap>(
  { heldOut, metric, context }: RegressionTask,
  method: PenaltyMethod<M>,
  penalties: readonly number[],
): Promise<Validated<M>> {
  const maps = await method.fit("kept", penalties);
  throwIfInterrupted(context);
  const predictions = await method.predictHeldOut(maps);
  const errors = predictions.map((prediction) => squaredError(prediction, heldOut.y, metric));
  return {
    trials: errors.map((error, p) => ({ kind: maps[p].kind, setting: { regularization: penalties[p] }, error })),
    map: maps[errors.indexOf(Math.min(...errors))],
  };
}

function penaltiesOf({ options }: RegressionTask): readonly number[] {
  return options.regularization === "auto" ? options.candidates : [options.regularization];
}
