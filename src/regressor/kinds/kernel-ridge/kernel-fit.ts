/**
 * Fits kernel ridge: bandwidths and penalties are tried on held-out items, the system is solved in dual form (`dual-ridge.ts`).
 * The system has a row an item: above `maximumTeachers` landmarks span f instead (`landmarks.ts`).
 *
 * Nothing is kept from fit to fit: the factorisation of 2,000 items takes .1 s of processor time, an eigendecomposition that could be reused 5.6 s.
 */
import type { FeatureBlock } from "../../../data/feature-matrix.ts";
import { TailrecError } from "../../../errors.ts";
import { type Matrix, zeros } from "../../../math/matrix.ts";
import { once } from "../../../once.ts";
import { nearestName } from "../../../options.ts";
import { choosePenalty, type PenaltyMethod } from "../../penalty-choice.ts";
import type { RegressionTask } from "../../regression-task.ts";
import type { PreparedKind } from "../../regressor-kind.ts";
import { toFloat64 } from "../ridge/ridge-regression.ts";
import { gramMatrix, kernelTerms } from "./block-kernels.ts";
import { fitDuals } from "./dual-ridge.ts";
import { kernelForms } from "./kernel-forms.ts";
import { type KernelMap, type KernelSpace, landmarksOf, predictFrom } from "./kernel-map.ts";
import type { KernelRidgeOptions } from "./kernel-options.ts";
import { landmarkMethod } from "./landmarks.ts";

type KernelTask = RegressionTask<KernelRidgeOptions>;

/** Every penalty at the first bandwidth, then the other bandwidths at the best penalty; without an rbf there is no bandwidth to choose. */
export function prepareKernelRidge(task: KernelTask): PreparedKind<KernelMap> {
  const { forms, blockForms, bandwidths } = task.options.kernelRidge;
  requireBlocks(Object.keys(blockForms), task.blocks);
  const hasWidth = [forms, ...Object.values(blockForms)].some((used) =>
    used.some((form) => kernelForms[form].hasWidth),
  );
  const [first, ...others] = hasWidth ? bandwidths : bandwidths.slice(0, 1);
  if (others.length === 0) return atBandwidth(task, first);
  const choice = once(() => tryBandwidths(task, first, others));
  return {
    validate: async () => (await choice()).validated,
    refit: async () => (await choice()).best.refit(),
  };
}

/** A Gram stays with the best bandwidth alone. */
async function tryBandwidths(task: KernelTask, first: number, others: readonly number[]) {
  let best = atBandwidth(task, first);
  let { map, trials } = await best.validate();
  for (const bandwidth of others) {
    const kind = atBandwidth(task, bandwidth, [map.regularization]);
    const tried = await kind.validate();
    if (tried.trials[0].error < Math.min(...trials.map(({ error }) => error))) [best, map] = [kind, tried.map];
    trials = [...trials, ...tried.trials];
  }
  return { best, validated: { map, trials } };
}

function atBandwidth(task: KernelTask, bandwidth: number, penalties?: readonly number[]): PreparedKind<KernelMap> {
  const { options, blocks, kept, all } = task;
  const { forms, blockForms, maximumTeachers } = options.kernelRidge;
  const formsOf = ({ name }: FeatureBlock) => blockForms[name] ?? forms;
  const space = {
    terms: kernelTerms(blocks, formsOf, kept, bandwidth, options.seed),
    blocks: blocks.length,
    bandwidth,
  };
  const method = all.x.rows > maximumTeachers ? landmarkMethod(space, task) : dualMethod(space, task);
  const { validate, refit } = choosePenalty(task, method, penalties);
  const named = async () => {
    const { map, trials } = await validate();
    return { map, trials: trials.map((trial) => ({ ...trial, setting: { ...trial.setting, bandwidth } })) };
  };
  return { validate: named, refit };
}

function requireBlocks(names: readonly string[], blocks: readonly FeatureBlock[]): void {
  const known = blocks.map(({ name }) => name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const near = nearestName(unknown, known);
  const remedy = near === undefined ? `the features have ${known.join(", ")}` : `did you mean "${near}"?`;
  throw new TailrecError("INVALID_OPTIONS", `regressor: kernelRidge.blockForms: no block "${unknown}", ${remedy}`);
}

/** Exact: every training item is a landmark. One Gram of all serves the kept items, those held out and the last fit. */
function dualMethod(space: KernelSpace, task: KernelTask): PenaltyMethod<KernelMap> {
  const { backend, places } = task;
  const gramOfAll = once(() => gramMatrix(space.terms, space.blocks, task.all, backend));
  const fit: PenaltyMethod<KernelMap>["fit"] = async (part, penalties) => {
    const gram = await gramOfAll();
    const among = part === "all" ? gram : takePlaces(gram, places.kept, places.kept);
    const duals = await fitDuals(toFloat64(among), task[part], penalties, backend);
    const landmarks = landmarksOf(task[part]);
    return duals.map((dual, p) => ({
      ...space,
      ...landmarks,
      ...dual,
      regularization: penalties[p],
    }));
  };
  const predictHeldOut: PenaltyMethod<KernelMap>["predictHeldOut"] = async (maps) => {
    const similarities = takePlaces(await gramOfAll(), places.heldOut, places.kept);
    return Promise.all(maps.map((map) => predictFrom(similarities, map, backend)));
  };
  return { fit, predictHeldOut };
}

function takePlaces(matrix: Matrix, rows: readonly number[], columns: readonly number[]): Matrix {
  const taken = zeros(rows.length, columns.length);
  for (const [i, row] of rows.entries()) {
    for (let j = 0; j < columns.length; j++) {
      taken.values[i * columns.length + j] = matrix.values[row * matrix.columns + columns[j]];
    }
  }
  return taken;
}
