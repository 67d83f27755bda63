/** Which output of an unknown graph holds vectors, and how long they are: found by running it once on a small input. */
import { Tensor } from "onnxruntime-node";
import { TailrecError } from "../../errors.ts";
import { openGraph } from "../run/onnx-session.ts";

export interface GraphOutput {
  readonly name: string;
  readonly dimension: number;
  /** One vector a token (n x tokens x d), to be pooled; false when the graph gives one an input. */
  readonly tokens: boolean;
}

export type Probe = { readonly task: "text" } | { readonly task: "image"; readonly size: number };

/** Names that exporters give to vectors, best first; then whatever the graph names first. */
const PREFERRED = {
  text: ["last_hidden_state", "token_embeddings"],
  image: ["image_embeds", "features", "pooler_output", "last_hidden_state"],
};
const PROBE_TOKENS = 4;

/** MODEL_INVALID when the graph cannot be run, or no output has the shape of vectors. */
export async function vectorOutput(path: string, probe: Probe): Promise<GraphOutput> {
  const graph = await openGraph(path, 1);
  try {
    const shapes = await graph.shapes(feedsOf(graph.inputNames, probe));
    const names = [...PREFERRED[probe.task], ...graph.outputNames].filter((name) => name in shapes);
    for (const name of names) {
      const output = vectorShape(name, shapes[name], probe);
      if (output !== undefined) return output;
    }
    const seen = Object.entries(shapes).map(([name, shape]) => `${name} ${shape.join(" x ")}`);
    const wanted = probe.task === "text" ? "batch x tokens x dimension" : "batch x dimension";
    throw new TailrecError(
      "MODEL_INVALID",
      `${path}: expected an output of ${wanted}, the graph gives ${seen.join(", ")}`,
    );
  } finally {
    await graph.close();
  }
}

/** The side of the squares that a picture graph takes, where it fixes one. MODEL_INVALID when the file is no ONNX model. */
export async function squareSide(path: string): Promise<number | undefined> {
  const graph = await openGraph(path, 1);
  const side = graph.inputShape.at(-1);
  await graph.close();
  return typeof side === "number" && side > 0 ? side : undefined;
}

function vectorShape(name: string, shape: readonly number[], probe: Probe): GraphOutput | undefined {
  const [batch, second, third, ...rest] = shape;
  if (batch !== 1) return undefined;
  if (probe.task === "text") {
    return shape.length === 3 && second === PROBE_TOKENS ? { name, dimension: third, tokens: true } : undefined;
  }
  if (shape.length === 3) return { name, dimension: third, tokens: true };
  const flat = shape.length === 2 || (shape.length === 4 && third === 1 && rest[0] === 1);
  return flat ? { name, dimension: second, tokens: false } : undefined;
}

function feedsOf(inputNames: readonly string[], probe: Probe): Record<string, Tensor> {
  if (probe.task === "image") {
    const shape = [1, 3, probe.size, probe.size];
    return { [inputNames[0]]: new Tensor("float32", new Float32Array(3 * probe.size ** 2), shape) };
  }
  const integers = (value: bigint) =>
    new Tensor("int64", new BigInt64Array(PROBE_TOKENS).fill(value), [1, PROBE_TOKENS]);
  const values: Readonly<Record<string, bigint>> = { input_ids: 1n, attention_mask: 1n, token_type_ids: 0n };
  return Object.fromEntries(inputNames.map((name) => [name, integers(values[name] ?? 0n)]));
}
