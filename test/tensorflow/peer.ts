/** The part of TensorFlow.js that the contracts use: its own types are there only where its package is installed. */
import type { Tfjs, TfjsTensor } from "../../src/math/tfjs/tfjs.ts";

export interface LoadedLayers {
  predict(inputs: readonly TfjsTensor[]): TfjsTensor;
}

export interface Tensorflow extends Tfjs {
  memory(): { readonly numTensors: number };
  loadLayersModel(handler: { load(): Promise<object> }): Promise<LoadedLayers>;
}

const load = async <T>(name: string): Promise<T> => {
  const module: { readonly default?: T } & T = await import(name);
  return module.default ?? module;
};

export const tensorflow = await load<Tensorflow>("@tensorflow/tfjs");
export const wasm = await load<object>("@tensorflow/tfjs-backend-wasm");
