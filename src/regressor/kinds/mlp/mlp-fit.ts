/**
 * Fits the network: a ridge, one trunk trained beside it on the kept items and stopped where its error on those held out is least,
 * then all members trained on everything for as many passes.
 */
import type { Matrix } from "../../../math/matrix.ts";
import { once } from "../../../once.ts";
import type { RegressionTask } from "../../regression-task.ts";
import type { PreparedKind, SettingTrial, Validated } from "../../regressor-kind.ts";
import { squaredError } from "../../residuals.ts";
import { judgeOf } from "../../setting-choice.ts";
import type { TrainingSet } from "../../training-set.ts";
import { prepareRidge } from "../ridge/ridge.ts";
import { addToRows, type RidgeMap } from "../ridge/ridge-regression.ts";
import { applyMlpMap, type MlpMap, type MlpWeights } from "./mlp-map.ts";
import type { MlpKindOptions } from "./mlp-options.ts";
import { type MemberTask, startWeights, trainMember } from "./mlp-training.ts";
import { fitWhitening, type Whitening } from "./whitening.ts";

type MlpTask = RegressionTask<MlpKindOptions>;

export function prepareMlp(task: MlpTask): PreparedKind<MlpMap> {
  const ridge = prepareRidge(task);
  const { epochs } = task.options.mlp;
  const whiten = once(() => fitWhitening(task.kept.y, task.metric, task.backend));
  const validate = once(async () => stopEarly(task, (await ridge.validate()).map, await whiten()));
  const passes = async () => (epochs === "auto" ? (await validate()).map.epochs : epochs);
  const refit = once(async () => trainMembers(task, await ridge.refit(), await whiten(), await passes()));
  return { validate, refit };
}

/** Trains one member on the kept items until the held-out error has not fallen for `patience` passes; the map of the best pass. */
async function stopEarly(task: MlpTask, ridge: RidgeMap, whitening: Whitening): Promise<Validated<MlpMap>> {
  const { metric, backend, options, context } = task;
  const [kept, heldOut] = [{ ...task.kept }, { ...task.heldOut }];
  const { epochs, maximumEpochs, patience } = options.mlp;
  const most = epochs === "auto" ? maximumEpochs : epochs;
  const member = await memberTask(task, kept, ridge, whitening, options.seed);
  const trials: SettingTrial[] = [];
  const measure = async (weights: MlpWeights, epoch: number): Promise<MlpMap> => {
    const map = mapOf(task, ridge, [await served(weights, ridge, whitening)], epoch);
    const error = squaredError(await applyMlpMap(map, heldOut.x, backend), heldOut.y, metric);
    trials.push({ setting: { epochs: epoch }, error });
    return map;
  };
  let best = await measure(member.start, 0);
  await trainMember(member, most, context, async (weights, epoch, loss) => {
    const map = await measure(weights, epoch);
    const least = Math.min(...trials.slice(0, -1).map(({ error }) => error));
    const { error } = trials[epoch];
    if (epochs !== "auto" || error < least) best = map;
    const note = `loss ${loss.toPrecision(3)}, held-out error ${error.toPrecision(4)} (ridge ${trials[0].error.toPrecision(4)})`;
    context.onProgress?.({ stage: "mlp, early stopping", done: epoch, total: most, note });
    return epochs !== "auto" || epoch - best.epochs < patience;
  });
  trials[best.epochs] = await judgeOf(task)({ epochs: best.epochs }, await applyMlpMap(best, heldOut.x, backend));
  return { trials: epochs === "auto" ? trials : trials.slice(-1), chosen: trials[best.epochs], map: best };
}

async function trainMembers(task: MlpTask, ridge: RidgeMap, whitening: Whitening, epochs: number): Promise<MlpMap> {
  const { options, context } = task;
  const all = { ...task.all };
  const members: MlpWeights[] = [];
  // Without a pass all members are the same: the ridge.
  const count = epochs === 0 ? 1 : options.mlp.members;
  for (let m = 0; m < count; m++) {
    const member = await memberTask(task, all, ridge, whitening, options.seed + m);
    const report = async (_: MlpWeights, epoch: number, loss: number): Promise<boolean> => {
      const note = `loss ${loss.toPrecision(3)}`;
      context.onProgress?.({ stage: "mlp", done: m * epochs + epoch, total: count * epochs, note });
      return true;
    };
    members.push(await served(await trainMember(member, epochs, context, report), ridge, whitening));
  }
  return mapOf(task, ridge, members, epochs);
}

function mapOf({ options }: MlpTask, ridge: RidgeMap, members: readonly MlpWeights[], epochs: number): MlpMap {
  return { depth: options.mlp.depth, members, epochs, regularization: ridge.regularization };
}

async function memberTask(
  { blocks, options, context }: MlpTask,
  training: TrainingSet,
  ridge: RidgeMap,
  whitening: Whitening,
  seed: number,
): Promise<MemberTask> {
  const above = addToRows(
    copyOf(training.y),
    ridge.intercept.map((value) => -value),
  );
  const whitened = { ...training, y: await whitening.apply(above) };
  const start = startWeights(whitened, options.mlp, seed);
  return {
    training: whitened,
    blocks,
    start,
    skip: await whitening.apply(ridge.weights),
    options: options.mlp,
    seed,
    tfjs: context.tfjs,
  };
}

/** The trunk with its whitening undone, and the ridge beside it. */
async function served(trunk: MlpWeights, ridge: RidgeMap, { undo }: Whitening): Promise<MlpWeights> {
  const copies = Object.entries(trunk).map(([name, matrix]) => [name, copyOf(matrix)]);
  const headBias = addToRows(await undo(trunk.headBias), ridge.intercept);
  return { ...Object.fromEntries(copies), head: await undo(trunk.head), headBias, skip: ridge.weights };
}

function copyOf(matrix: Matrix): Matrix {
  return { ...matrix, values: matrix.values.slice() };
}
