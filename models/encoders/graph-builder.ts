/** Collects nodes and weights of an ONNX graph while it is written down as expressions; names count upwards. */
import type { OnnxAttribute, OnnxNode, OnnxTensor } from "../../src/math/onnx/onnx-graph.ts";
import type { Random } from "../../src/math/random.ts";

export interface GraphBuilder {
  readonly nodes: OnnxNode[];
  readonly initializers: OnnxTensor[];
  /** Adds a node; gives the name of its output. */
  apply(operator: string, inputs: readonly string[], attributes?: Readonly<Record<string, OnnxAttribute>>): string;
  constant(values: ArrayLike<number>, dimensions?: readonly number[]): string;
  integers(...values: number[]): string;
  /** Seeded normal weights of the given deviation, stored as int8 and a scale: as random as float32, a quarter of the bytes. */
  weight(dimensions: readonly number[], deviation: number, rowScale?: (row: number) => number): string;
}

/** int8 steps in one standard deviation: the clipped tail lies beyond 3.6 deviations. */
const STEPS = 35;
const FLOAT32 = 1;

export function graphBuilder(random: Random): GraphBuilder {
  const nodes: OnnxNode[] = [];
  const initializers: OnnxTensor[] = [];
  const add = (tensor: Omit<OnnxTensor, "name">): string => {
    const name = `w${initializers.length}`;
    initializers.push({ name, ...tensor });
    return name;
  };
  const apply: GraphBuilder["apply"] = (operator, inputs, attributes = {}) => {
    const output = `v${nodes.length}`;
    nodes.push({ operator, inputs, outputs: [output], attributes });
    return output;
  };
  const constant: GraphBuilder["constant"] = (values, dimensions = []) =>
    add({ dimensions, data: Float32Array.from(values) });
  const integers = (...values: number[]): string =>
    add({ dimensions: [values.length], data: BigInt64Array.from(values, BigInt) });
  const weight: GraphBuilder["weight"] = (dimensions, deviation, rowScale = () => 1) => {
    const size = dimensions.reduce((product, side) => product * side, 1);
    const rowLength = size / dimensions[0];
    const draw = (_: unknown, i: number): number =>
      Math.max(-127, Math.min(127, Math.round(random.normal() * STEPS * rowScale(Math.floor(i / rowLength)))));
    const steps = add({ dimensions, data: Int8Array.from({ length: size }, draw) });
    return scaled(steps, deviation);
  };
  const scaled = (steps: string, deviation: number): string =>
    apply("Mul", [apply("Cast", [steps], { to: FLOAT32 }), constant([deviation / STEPS])]);
  return { nodes, initializers, apply, constant, integers, weight };
}
