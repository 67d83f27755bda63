import { InferenceSession, Tensor } from "onnxruntime-node";
import { describe, expect, it } from "vitest";
import { floatTensor, type OnnxGraph, onnxModel } from "../../../src/math/onnx/onnx-graph.ts";

const affine: OnnxGraph = {
  name: "affine",
  inputs: [{ name: "x", element: "float32", dimensions: ["batch", 3] }],
  outputs: [{ name: "y", element: "float32", dimensions: ["batch", 2] }],
  nodes: [
    {
      operator: "Gemm",
      inputs: ["x", "weight", "bias"],
      outputs: ["sum"],
      attributes: { transB: 1, alpha: { float: 2 } },
    },
    { operator: "LeakyRelu", inputs: ["sum"], outputs: ["y"], attributes: { alpha: { float: 0.5 } } },
  ],
  initializers: [
    floatTensor("weight", [2, 3], Float32Array.of(1, 0, -1, 2, 1, 0)),
    floatTensor("bias", [2], Float32Array.of(0.25, -20)),
  ],
  metadata: { purpose: "a test" },
};

/** The output "y", copied out: its memory goes with the session. */
async function run(graph: OnnxGraph, feeds: Record<string, Tensor>) {
  const session = await InferenceSession.create(onnxModel(graph));
  const { y } = await session.run(feeds);
  const result = { dims: y.dims, data: Array.from(y.data as Float32Array) };
  await session.release();
  return result;
}

describe("onnxModel", () => {
  it("writes a graph that ONNX Runtime runs to the values of its equations, for any batch", async () => {
    const x = Float32Array.of(1, 2, 3, 4, 5, 6);
    const y = await run(affine, { x: new Tensor("float32", x, [2, 3]) });
    const expected = [
      [1, 2, 3],
      [4, 5, 6],
    ].flatMap(([a, b, c]) => [2 * (a - c) + 0.25, 2 * (2 * a + b) - 20].map((z) => (z < 0 ? 0.5 * z : z)));
    expect(y.dims).toEqual([2, 2]);
    expect(y.data).toEqual(expected);
  });

  it("carries integer lists, scalars, int8 and int64 tensors", async () => {
    const graph: OnnxGraph = {
      name: "table",
      inputs: [{ name: "ids", element: "int64", dimensions: ["batch"] }],
      outputs: [{ name: "y", element: "float32", dimensions: [2, "batch"] }],
      nodes: [
        { operator: "Gather", inputs: ["table", "ids"], outputs: ["rows"], attributes: { axis: 0 } },
        { operator: "Cast", inputs: ["rows"], outputs: ["whole"], attributes: { to: 1 } },
        { operator: "Mul", inputs: ["whole", "scale"], outputs: ["values"] },
        { operator: "Transpose", inputs: ["values"], outputs: ["turned"], attributes: { perm: [1, 0] } },
        { operator: "Reshape", inputs: ["turned", "shape"], outputs: ["y"] },
      ],
      initializers: [
        { name: "table", dimensions: [3, 2], data: Int8Array.of(1, 2, 3, 4, -5, -6) },
        { name: "scale", dimensions: [], data: Float32Array.of(0.5) },
        { name: "shape", dimensions: [2], data: BigInt64Array.of(2n, -1n) },
      ],
    };
    const y = await run(graph, { ids: new Tensor("int64", BigInt64Array.of(2n, 0n), [2]) });
    expect(y.data).toEqual([-2.5, 0.5, -3, 1]);
  });

  it("writes the same bytes for the same graph", () => {
    expect(onnxModel(affine)).toEqual(onnxModel(affine));
  });

  it("refuses tensors whose data do not fit their dimensions", () => {
    const graph = {
      ...affine,
      initializers: [floatTensor("weight", [2, 3], new Float32Array(5)), affine.initializers[1]],
    };
    expect(() => onnxModel(graph)).toThrow("tensor weight: expected 6 values (2 x 3), received 5");
  });

  it("refuses a node that reads a name nothing defines, and a name defined twice", () => {
    expect(() => onnxModel({ ...affine, initializers: [] })).toThrow('Gemm reads "weight"');
    const twice = [...affine.initializers, floatTensor("bias", [1], new Float32Array(1))];
    expect(() => onnxModel({ ...affine, initializers: twice })).toThrow('"bias" is defined twice');
  });
});
