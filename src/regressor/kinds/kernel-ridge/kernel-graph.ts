/** Kernel ridge as a graph: K(z, landmarks) a + b, a term of the kernel after another, the landmarks' side computed beforehand. */
import { transpose } from "../../../math/linear-map.ts";
import { columnRange, type Matrix, zeros } from "../../../math/matrix.ts";
import { floatTensor } from "../../../math/onnx/onnx-graph.ts";
import { squaredNorms } from "../../../math/row-norms.ts";
import {
  type GraphPart,
  joined,
  matrixTensor,
  node,
  scalar,
  sliceColumns,
  unitRowNodes,
} from "../../onnx-graph-part.ts";
import type { KernelForm } from "./kernel-forms.ts";
import type { KernelMap } from "./kernel-map.ts";
import type { KernelTerm } from "./kernel-term.ts";
import { termColumns } from "./term-side.ts";

export function kernelGraph({ terms, blocks, landmarks, dual, intercept }: KernelMap): GraphPart {
  const bits = columnRange(landmarks, landmarks.columns - blocks, landmarks.columns);
  const start: GraphPart = {
    nodes: [node("MatMul", "kernel0", ["presence", "landmark.bits"])],
    initializers: [matrixTensor("landmark.bits", transpose(bits))],
  };
  const parts = terms.flatMap((term, t) => [
    termGraph(`term${t}`, term, landmarks),
    sumGraph(`kernel${t + 1}`, `kernel${t}`, `term${t}`, term.scale),
  ]);
  const end: GraphPart = {
    nodes: [
      node("MatMul", "product", [`kernel${terms.length}`, "dual"]),
      node("Add", "prior", ["product", "intercept"]),
    ],
    initializers: [matrixTensor("dual", dual), floatTensor("intercept", [intercept.length], intercept)],
  };
  return joined([start, ...parts, end]);
}

/** `output` = `sum` + scale `term`. */
function sumGraph(output: string, sum: string, term: string, scale: number): GraphPart {
  return {
    nodes: [node("Mul", `${output}.scaled`, [term, `${output}.scale`]), node("Add", output, [sum, `${output}.scaled`])],
    initializers: [scalar(`${output}.scale`, scale)],
  };
}

function termGraph(name: string, term: KernelTerm, landmarks: Matrix): GraphPart {
  const [block, side] = [`${name}.block`, `${name}.landmarks`];
  const slice = sliceColumns(block, "masked", term.offset, term.dimension);
  const other = { nodes: [], initializers: [matrixTensor(side, transpose(termColumns(term, landmarks)))] };
  return joined([slice, other, formGraphs[term.form](name, block, side, term, landmarks)]);
}

/** From the term's columns `block` and those of the landmarks, `side`, to `name`: n x m. */
type FormGraph = (name: string, block: string, side: string, term: KernelTerm, landmarks: Matrix) => GraphPart;

const formGraphs: Readonly<Record<KernelForm, FormGraph>> = {
  linear: (name, block, side) => ({ nodes: [node("MatMul", name, [block, side])], initializers: [] }),
  cosine: (name, block, side) => {
    const product = { nodes: [node("MatMul", name, [`${name}.unit`, side])], initializers: [] };
    return joined([unitRowNodes(`${name}.unit`, block), product]);
  },
  rbf: distanceGraph,
};

/** exp(-max(0, |x|^2 + |y|^2 - 2 x'y) / w), masked by both presence bits. */
function distanceGraph(name: string, block: string, side: string, term: KernelTerm, landmarks: Matrix): GraphPart {
  const at = (part: string) => `${name}.${part}`;
  const squares = squaredNorms(termColumns(term, landmarks));
  const bits = zeros(1, landmarks.rows);
  for (let j = 0; j < landmarks.rows; j++) bits.values[j] = landmarks.values[j * landmarks.columns + term.bit];
  const bit = sliceColumns(at("bit"), "z", term.bit, 1);
  const nodes = [
    node("MatMul", at("products"), [block, side]),
    node("Mul", at("doubled"), [at("products"), at("minusTwo")]),
    node("ReduceSumSquare", at("squares"), [block], { axes: [1], keepdims: 1 }),
    node("Add", at("both"), [at("squares"), at("landmarkSquares")]),
    node("Add", at("distances"), [at("both"), at("doubled")]),
    node("Relu", at("positive"), [at("distances")]),
    node("Div", at("exponents"), [at("positive"), at("minusWidth")]),
    node("Exp", at("similarities"), [at("exponents")]),
    node("MatMul", at("mask"), [at("bit"), at("landmarkBits")]),
    node("Mul", name, [at("similarities"), at("mask")]),
  ];
  const initializers = [
    scalar(at("minusTwo"), -2),
    scalar(at("minusWidth"), -term.width),
    floatTensor(at("landmarkSquares"), [1, landmarks.rows], Float32Array.from(squares)),
    matrixTensor(at("landmarkBits"), bits),
  ];
  return joined([bit, { nodes, initializers }]);
}
