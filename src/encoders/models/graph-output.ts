/** Which output of an unknown graph holds vectors, and how long they are: found by running it once on a small input. */

import { TailrecError } from "../../errors.ts";
import type { Tensor } from "../../math/onnx/onnx-runtime.ts";
import { openGraph } from "../run/onnx-session.ts";

export interface GraphOutput {
  readonly name: string;
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
  feeds(inputNames: readonly string[]): Readonly<Record<string, Tensor>>;
  /** The vectors in an output of this shape, of one input; undefined when it holds none. */
  vectors(shape: readonly number[]): Omit<GraphOutput, "name"> | undefined;
}

/** MODEL_INVALID when the graph cannot be run, or no output has the shape of vectors. */
export async function vectorOutput(path: string, probe: GraphProbe): Promise<GraphOutput> {
  const graph = await openGraph(path, 1);
  try {
    const shapes = await graph.shapes(probe.feeds(graph.inputNames));
    const names = [...probe.preferred, ...graph.outputNames].filter((name) => name in shapes);
    for (const name of names) {
      const vectors = shapes[name][0] === 1 ? probe.vectors(shapes[name]) : undefined;
      if (vectors !== undefined) return { name, ...vectors };
    }
    const seen = Object.entries(shapes).map(([name, shape]) => `${name} ${shape.join(" x ")}`);
    throw new TailrecError(
      "MODEL_INVALID",
      `${path}: expected an output of ${probe.wanted}, the graph gives ${seen.join(", ")}`,
    );
  } finally {
    await graph.close();
  }
}
