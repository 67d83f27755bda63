/** A pipeline over the tiny shop that needs no encoder: it runs in this process, in a second. */
import { join } from "node:path";
import { z } from "zod";
import { type PipelineConfig, type PipelineKinds, parsePipeline } from "../../src/config.ts";
import { protocolKinds } from "../../src/experiment/protocols/protocol-kinds.ts";

const tiny = join(import.meta.dirname, "..", "..", "fixtures", "tiny");

/** Files in place of the tiny shop's events, and beside them. */
interface TinyFiles {
  readonly interactions?: string;
  readonly heldOut?: string;
}

/** The pipeline with an `evaluation:` part in YAML, which may name the given kinds, writing to `output`. */
export function tinyExperiment(
  output: string,
  evaluation: string,
  extensions: PipelineKinds = {},
  { interactions = join(tiny, "events.csv"), heldOut }: TinyFiles = {},
): PipelineConfig {
  const text = `name: tiny
data:
  interactions:
    path: ${interactions}
    columns: { event: event, time: timestamp }
    eventWeights: { view: 1, cart: 2, purchase: 4 }
${heldOut === undefined ? "" : `  heldOut: { path: ${heldOut} }\n`}  items:
    path: ${join(tiny, "items.jsonl")}
    columns: { title: title, description: description }
    attributes: [{ column: brand, kind: category }, { column: category, kind: category }]
features: { text: null, image: null, lexical: { dimension: 8 }, attributes: {} }
collaborative: { rank: 6, iterations: 4, regularization: 0.003, unobservedWeight: 0.1 }
evaluation: ${evaluation}
output: ${output}
`;
  return parsePipeline(text, "tiny.yaml", extensions);
}

/** YAML that leaves out every built-in protocol but those at the named options. */
export function withoutProtocols(...kept: readonly string[]): string {
  const names = { model: z.string() };
  const left = protocolKinds.filter(({ option }) => !kept.includes(option));
  return left
    .map(({ option, schema }) => `${option}: ${schema(names).safeParse(null).success ? "null" : "false"}`)
    .join(", ");
}
