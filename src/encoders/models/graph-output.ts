/** Which output of an unknown graph holds vectors, and how long they are: found by running it once on a small input. */
import { TailrecError } from "../../errors.ts";
import { describeValues, type Feeds, fixedSize, type OnnxGraphSession } from "../run/onnx-session.ts";
import { isFloating } from "../run/tensor-values.ts";

export interface GraphOutput {
  readonly name: string;
  /** Element type, by ONNX Runtime's names. */
  readonly type: string;
  readonly dimension: number;
  /** One vector a token (n x tokens x d), to be pooled; false when the graph gives one an input. */
  readonly tokens: boolean;
}

/** A small input, and what the vectors of its kind look like. */
export interface GraphProbe {
  /** Names that exporters give to vectors, best first; then whatever the graph names first. */
  readonly preferred: readonly string[];
  /** Shape of the output, for messages. */
  readonly wanted: string;
  readonly feeds: Feeds;
  /** What to advise where the graph fails on the input. */
  readonly remedy: string;
  /** The vectors in an output of this shape; undefined when it holds none. */
  vectors(shape: readonly number[]): Pick<GraphOutput, "dimension" | "tokens"> | undefined;
}

/** MODEL_INVALID when the graph cannot be run, or no output has the shape and the type of vectors. */
export async function vectorOutput(graph: OnnxGraphSession, probe: GraphProbe): Promise<GraphOutput> {
  const floating = graph.outputs.filter(({ type }) => isFloating(type));
  const names = floating.map(({ name }) => name);
  const given = names.length === 0 ? {} : await graph.run(probe.feeds, names, probe.remedy);
  for (const name of [...probe.preferred, ...names].filter((output) => output in given)) {
    const { dims, type } = given[name];
    const vectors = isAsDeclared(graph, name, dims) ? probe.vectors(dims) : undefined;
    if (vectors !== undefined && vectors.dimension > 0) return { name, type, ...vectors };
  }
  const seen = graph.outputs.map((output) => ({ ...output, shape: given[output.name]?.dims ?? output.shape }));
  throw new TailrecError(
    "MODEL_INVALID",
    `${graph.path}: expected an output of ${probe.wanted} in float32, float64 or float16, the graph gives ${describeValues(seen)}; export it with such an output`,
  );
}

/** Whether an output has the sizes that the graph fixes for it: others come of inputs that it is not made for. */
function isAsDeclared({ outputs }: OnnxGraphSession, name: string, shape: readonly number[]): boolean {
  const declared = outputs.find((output) => output.name === name)?.shape ?? [];
  return (
    declared.length !== shape.length || declared.every((size, axis) => (fixedSize(size) ?? shape[axis]) === shape[axis])
  );
}
