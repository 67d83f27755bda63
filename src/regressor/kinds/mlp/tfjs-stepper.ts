/** Steps of the network by TensorFlow.js: the forward pass and the loss of mlp-step-graph.ts, its gradients by their chain of operations. */
import type { Matrix } from "../../../math/matrix.ts";
import { loadTfjs, type Tfjs, type TfjsTensor } from "../../../math/tfjs/tfjs.ts";
import type { MlpEngine, MlpStepper } from "./mlp-engine.ts";
import { trunkNames } from "./mlp-map.ts";

/** On the caller's instance, else on the one that is installed. ENGINE_MISSING when there is none. */
export const openTfjsStepper: MlpEngine = async ({ depth }, given) => {
  const tfjs = given ?? (await loadTfjs());
  const names = trunkNames(depth);
  const step: MlpStepper["step"] = async (batch, masks, weights, skip) => {
    const share = { rows: batch.x.rows, columns: 1, values: Float32Array.from(batch.weights) };
    const { value, grads } = tfjs.tidy(() => {
      const tensor = ({ rows, columns, values }: Matrix) => tfjs.tensor2d(values, [rows, columns]);
      const given = { z: tensor(batch.x), target: tensor(batch.y), share: tensor(share), skip: tensor(skip) };
      const loss = lossOf(tfjs, depth, { ...given, masks: masks.map(tensor) });
      const byName = (values: TfjsTensor[]) => Object.fromEntries(names.map((name, i) => [name, values[i]]));
      return tfjs.valueAndGrads((...values) => loss(byName(values)))(names.map((name) => tensor(weights[name])));
    });
    const gradients: Record<string, Float32Array> = {};
    for (const [i, name] of names.entries()) gradients[name] = await taken(grads[i]);
    return { loss: (await taken(value))[0], gradients };
  };
  return { step, close: async () => undefined };
};

interface StepInputs {
  readonly z: TfjsTensor;
  readonly target: TfjsTensor;
  readonly share: TfjsTensor;
  readonly skip: TfjsTensor;
  readonly masks: readonly TfjsTensor[];
}

/** sum_i v_i |f(z_i) - y_i|^2 as a function of the trunk. */
function lossOf(tfjs: Tfjs, depth: number, { z, target, share, skip, masks }: StepInputs) {
  return (trunk: Readonly<Record<string, TfjsTensor>>): TfjsTensor => {
    let u = tfjs.matMul(z, trunk.project);
    for (let l = 0; l < depth; l++) {
      const inner = tfjs.relu(tfjs.add(tfjs.matMul(u, trunk[`inner${l}`]), trunk[`innerBias${l}`]));
      u = tfjs.add(u, tfjs.matMul(tfjs.mul(inner, masks[l]), trunk[`outer${l}`]));
    }
    const kept = tfjs.mul(tfjs.relu(u), masks[depth]);
    const nonlinear = tfjs.add(tfjs.matMul(kept, trunk.head), trunk.headBias);
    const error = tfjs.sub(tfjs.add(nonlinear, tfjs.matMul(z, skip)), target);
    return tfjs.sum(tfjs.mul(share, tfjs.mul(error, error)));
  };
}

/** The numbers of a tensor, which is given back. */
async function taken(tensor: TfjsTensor): Promise<Float32Array> {
  const values = await tensor.data();
  tensor.dispose();
  return values instanceof Float32Array ? values : Float32Array.from(values);
}
