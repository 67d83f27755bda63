/**
 * A residual network on standardised blocks, averaged over members of different seeds:
 *   u_0 = sum_b p_b (x_b P_b + c_b),   u_{l+1} = u_l + relu(u_l A_l + a_l) B_l,   f(x) = relu(u_L) H + x S + b,
 * p_b the presence bit: the projections of all blocks, stacked with their levels c, are one matrix on z = [x, p], and a missing block adds nothing.
 * x S is the ridge, fitted before and left alone; H starts at zero, so that training adds what no linear map can say.
 */
import type { ComputeBackend } from "../../../math/compute/backend.ts";
import { transpose } from "../../../math/linear-map.ts";
import { type Matrix, zeros } from "../../../math/matrix.ts";
import type { PenalisedMap } from "../../penalty-choice.ts";
import { addToRows } from "../ridge/ridge-regression.ts";

/**
 * Matrices by name: `project` (d + blocks) x H, for every layer l `inner<l>` H x H, `innerBias<l>` 1 x H, `outer<l>` H x H, then `head` H x k,
 * `headBias` 1 x k, `skip` (d + blocks) x k.
 */
export type MlpWeights = Readonly<Record<string, Matrix>>;

/** The penalty is that of the ridge that the members started from. */
export interface MlpMap extends PenalisedMap {
  readonly depth: number;
  readonly members: readonly MlpWeights[];
  /** Passes over the items. */
  readonly epochs: number;
}

export async function applyMlpMap({ depth, members }: MlpMap, z: Matrix, backend: ComputeBackend): Promise<Matrix> {
  const outputs: Matrix[] = [];
  for (const weights of members) outputs.push(await applyMember(weights, depth, z, backend));
  const mean = zeros(z.rows, outputs[0].columns);
  for (let p = 0; p < mean.values.length; p++) {
    mean.values[p] = outputs.reduce((sum, { values }) => sum + values[p], 0) / outputs.length;
  }
  return mean;
}

async function applyMember(weights: MlpWeights, depth: number, z: Matrix, backend: ComputeBackend): Promise<Matrix> {
  const times = (a: Matrix, name: string) => backend.multiplyTransposed(a, transpose(weights[name]));
  let trunk = await times(z, "project");
  for (let l = 0; l < depth; l++) {
    const inner = rectified(addToRows(await times(trunk, `inner${l}`), weights[`innerBias${l}`].values));
    trunk = plus(trunk, await times(inner, `outer${l}`));
  }
  const head = addToRows(await times(rectified(trunk), "head"), weights.headBias.values);
  return plus(head, await times(z, "skip"));
}

function rectified(matrix: Matrix): Matrix {
  return { ...matrix, values: matrix.values.map((value) => Math.max(0, value)) };
}

function plus(a: Matrix, b: Matrix): Matrix {
  return { ...a, values: a.values.map((value, p) => value + b.values[p]) };
}

/** Names of the matrices that are trained, in their order. */
export function trunkNames(depth: number): string[] {
  const layers = Array.from({ length: depth }, (_, l) => [`inner${l}`, `innerBias${l}`, `outer${l}`]);
  return ["project", ...layers.flat(), "head", "headBias"];
}

/** Names of all matrices of a member. */
export function mlpNames(depth: number): string[] {
  return [...trunkNames(depth), "skip"];
}
