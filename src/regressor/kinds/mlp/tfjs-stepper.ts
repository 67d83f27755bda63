/** Steps of the network by TensorFlow.js: forward pass, loss and gradients of mlp-step-graph.ts, one operation after the other. */
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
    const taken = tfjs.tidy(() => {
      const tensor = ({ rows, columns, values }: Matrix) => tfjs.tensor2d(values, [rows, columns]);
      const trunk = Object.fromEntries(names.map((name) => [name, tensor(weights[name])]));
      const inputs = { z: tensor(batch.x), target: tensor(batch.y), share: tensor(share), skip: tensor(skip) };
      return lossAndGradients(tfjs, depth, trunk, { ...inputs, masks: masks.map(tensor) });
    });
    const gradients: Record<string, Float32Array> = {};
    for (const name of names) gradients[name] = await numbersOf(taken[name]);
    return { loss: (await numbersOf(taken.loss))[0], gradients };
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

type Trunk = Readonly<Record<string, TfjsTensor>>;

/**
 * loss = sum_i v_i |f(z_i) - y_i|^2, and its gradients by the names of the trunk. The chain rule is written out with transposes of their
 * own: products of turned matrices, which automatic differentiation takes, are twenty times slower in WebAssembly.
 */
function lossAndGradients(tfjs: Tfjs, depth: number, trunk: Trunk, inputs: StepInputs): Trunk {
  const { z, target, share, skip, masks } = inputs;
  const left = (a: TfjsTensor, b: TfjsTensor) => tfjs.matMul(tfjs.transpose(a), b);
  const right = (a: TfjsTensor, b: TfjsTensor) => tfjs.matMul(a, tfjs.transpose(b));
  const columnSums = (a: TfjsTensor) => tfjs.sum(a, 0, true);
  const layers: { readonly u: TfjsTensor; readonly active: TfjsTensor; readonly masked: TfjsTensor }[] = [];
  let u = tfjs.matMul(z, trunk.project);
  for (let l = 0; l < depth; l++) {
    const active = tfjs.relu(tfjs.add(tfjs.matMul(u, trunk[`inner${l}`]), trunk[`innerBias${l}`]));
    const masked = tfjs.mul(active, masks[l]);
    layers.push({ u, active, masked });
    u = tfjs.add(u, tfjs.matMul(masked, trunk[`outer${l}`]));
  }
  const top = tfjs.relu(u);
  const kept = tfjs.mul(top, masks[depth]);
  const f = tfjs.add(tfjs.add(tfjs.matMul(kept, trunk.head), trunk.headBias), tfjs.matMul(z, skip));
  const error = tfjs.sub(f, target);
  const weighted = tfjs.mul(share, error);
  const df = tfjs.add(weighted, weighted);
  const gradients: Record<string, TfjsTensor> = {
    loss: tfjs.sum(tfjs.mul(weighted, error)),
    head: left(kept, df),
    headBias: columnSums(df),
  };
  let du = tfjs.mul(tfjs.mul(right(df, trunk.head), masks[depth]), tfjs.sign(top));
  for (let l = depth - 1; l >= 0; l--) {
    const { u: before, active, masked } = layers[l];
    gradients[`outer${l}`] = left(masked, du);
    const da = tfjs.mul(tfjs.mul(right(du, trunk[`outer${l}`]), masks[l]), tfjs.sign(active));
    gradients[`inner${l}`] = left(before, da);
    gradients[`innerBias${l}`] = columnSums(da);
    du = tfjs.add(du, right(da, trunk[`inner${l}`]));
  }
  return { ...gradients, project: left(z, du) };
}

/** The numbers of a tensor, which is given back. */
async function numbersOf(tensor: TfjsTensor): Promise<Float32Array> {
  const values = await tensor.data();
  tensor.dispose();
  return values instanceof Float32Array ? values : Float32Array.from(values);
}
