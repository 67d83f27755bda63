/**
 * Fits kernel ridge: bandwidths and penalties are tried on held-out items, the system is solved in dual form (`dual-ridge.ts`).
 * The system has a row an item: above `maximumTeachers` landmarks span f instead (`landmarks.ts`). Time grows with the cube of the
 * rows, so bandwidth and penalty are chosen on a sample where there are many; all items then try that penalty and smaller ones,
 * since more items want less of it.
 */
import type { FeatureBlock } from "../../../data/feature-matrix.ts";
import { TailrecError } from "../../../errors.ts";
import { sharedZeros } from "../../../math/compute/shared-memory.ts";
import { type Matrix, rowOf } from "../../../math/matrix.ts";
import { once } from "../../../once.ts";
import { nearestName } from "../../../options.ts";
import { CHOICE_SAMPLE, choosePenalty, type PenaltyMethod, penaltiesOf, smallerThan } from "../../penalty-choice.ts";
import { type RegressionTask, sampleTask } from "../../regression-task.ts";
import type { PreparedKind, SettingTrial, Validated } from "../../regressor-kind.ts";
import { bestTrial } from "../../setting-choice.ts";
import { gramMatrix, kernelTerms } from "./block-kernels.ts";
import { fitDuals, prepareDuals } from "./dual-ridge.ts";
import { kernelForms } from "./kernel-forms.ts";
import { type KernelMap, type KernelSpace, landmarksOf, predictFrom } from "./kernel-map.ts";
import type { KernelRidgeOptions } from "./kernel-options.ts";
import { landmarkMethod } from "./landmarks.ts";

type KernelTask = RegressionTask<KernelRidgeOptions>;

export function prepareKernelRidge(task: KernelTask): PreparedKind<KernelMap> {
  requireBlocks(Object.keys(task.options.kernelRidge.blockForms), task.blocks);
  const [penalties, bandwidths] = [penaltiesOf(task), bandwidthsOf(task)];
  if (bandwidths.length === 1 && penalties.length === 1) return atBandwidth(task, bandwidths[0]);
  if (task.places.kept.length <= CHOICE_SAMPLE) return prepared(once(() => tryBandwidths(task, bandwidths)));
  return prepared(once(() => tryOnSample(task, bandwidths)));
}

/** Every bandwidth to try; one where no rbf is used. */
function bandwidthsOf({ options }: KernelTask): readonly number[] {
  const { forms, blockForms, bandwidths } = options.kernelRidge;
  const hasWidth = [forms, ...Object.values(blockForms)].some((used) =>
    used.some((form) => kernelForms[form].hasWidth),
  );
  return hasWidth ? bandwidths : bandwidths.slice(0, 1);
}

interface Choice extends Validated<KernelMap> {
  readonly best: PreparedKind<KernelMap>;
}

function prepared(choice: () => Promise<Choice>): PreparedKind<KernelMap> {
  return { validate: choice, refit: async () => (await choice()).best.refit() };
}

/** Every penalty at the first bandwidth, then the other bandwidths at the best penalty. A Gram stays with the best alone. */
async function tryBandwidths(task: KernelTask, [first, ...others]: readonly number[]): Promise<Choice> {
  const kind = atBandwidth(task, first);
  let choice: Choice = { best: kind, ...(await kind.validate()) };
  for (const bandwidth of others) {
    const best = atBandwidth(task, bandwidth, [choice.map.regularization]);
    const tried = await best.validate();
    const trials = [...choice.trials, ...tried.trials];
    choice = { ...(bestTrial(trials) === tried.trials[0] ? { best, ...tried } : choice), trials };
  }
  return choice;
}

/** The trials are those of all items: a sample's errors are larger and stand beside no other kind's. */
async function tryOnSample(task: KernelTask, bandwidths: readonly number[]): Promise<Choice> {
  const { map: found } = await tryBandwidths(sampleTask(task, CHOICE_SAMPLE), bandwidths);
  const best = atBandwidth(task, found.bandwidth, [found.regularization], smallerThan(task, found.regularization));
  return { best, ...(await best.validate()) };
}

function atBandwidth(
  task: KernelTask,
  bandwidth: number,
  penalties?: readonly number[],
  smaller?: readonly number[],
): PreparedKind<KernelMap> {
  const space = kernelSpace(task, bandwidth);
  const { validate, refit } = choosePenalty(task, methodOf(space, task), penalties, smaller);
  const named = async () => {
    const { map, trials, chosen } = await validate();
    const withBandwidth = (trial: SettingTrial) => ({ ...trial, setting: { ...trial.setting, bandwidth } });
    return { map, trials: trials.map(withBandwidth), chosen: chosen && withBandwidth(chosen) };
  };
  return { validate: named, refit };
}

function kernelSpace({ options, blocks, kept }: KernelTask, bandwidth: number): KernelSpace {
  const { forms, blockForms, byField } = options.kernelRidge;
  const formsOf = ({ name }: FeatureBlock) => blockForms[name] ?? forms;
  const terms = kernelTerms(blocks, formsOf, kept, { bandwidth, byField, seed: options.seed });
  return { terms, blocks: blocks.length, bandwidth };
}

function isExact({ all, options }: KernelTask): boolean {
  return all.weights.length <= options.kernelRidge.maximumTeachers;
}

function methodOf(space: KernelSpace, task: KernelTask): PenaltyMethod<KernelMap> {
  return isExact(task) ? dualMethod(space, task) : landmarkMethod(space, task);
}

/** At one bandwidth and penalty the Gram and its factor serve fits to any factors of the same items. */
export function prepareRefits(task: KernelTask): ((y: Matrix) => Promise<KernelMap>) | undefined {
  const [[bandwidth], [regularization]] = [bandwidthsOf(task), penaltiesOf(task)];
  if (!isExact(task)) return undefined;
  const { all, backend } = task;
  const space = kernelSpace(task, bandwidth);
  const duals = once(async () => {
    const gram = await gramMatrix(space.terms, space.blocks, { ...all }, backend);
    return prepareDuals(gram, all.weights, regularization, backend);
  });
  return async (y) => ({ ...space, ...landmarksOf(all), ...(await (await duals())(y)), regularization });
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
  const gramOfAll = once(() => gramMatrix(space.terms, space.blocks, { ...task.all }, backend));
  // The kept items' part of it, from one penalty to the next; the last fit needs the memory.
  let ofKept: Matrix | undefined;
  const fit: PenaltyMethod<KernelMap>["fit"] = async (part, penalties) => {
    const gram = await gramOfAll();
    const { kept } = places;
    ofKept = part === "kept" ? (ofKept ?? takePlaces(gram, kept, kept)) : undefined;
    const duals = await fitDuals(ofKept ?? gram, task[part], penalties, backend);
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
  const taken = sharedZeros(rows.length, columns.length);
  const places = Uint32Array.from(columns);
  for (const [i, row] of rows.entries()) takeAt(rowOf(matrix, row), places, rowOf(taken, i));
  return taken;
}

function takeAt(from: Float32Array, places: Uint32Array, to: Float32Array): void {
  for (let j = 0; j < places.length; j++) to[j] = from[places[j]];
}
