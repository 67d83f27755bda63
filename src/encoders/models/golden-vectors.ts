/**
 * The parity gate: an encoder on this machine must give what the Python reference gave (onnxruntime, tokenizers, Pillow; see
 * models/golden/make-goldens.py). Token ids are equal; vectors agree in cosine to .9999 for texts and .995 for pictures, whose
 * decoders differ a little. Golden files are named like the encoder and lie in a folder `golden` beside the manifest, or in that of
 * `models/`: whoever calls an encoder all-MiniLM-L6-v2 says that it is that one.
 */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { TailrecError } from "../../errors.ts";
import { readError } from "../../file-errors.ts";
import { cosineOf } from "../../math/cosine.ts";
import { describeMismatch } from "../../options.ts";
import type { EncoderInput } from "../run/encoder.ts";
import { openEncoder } from "../run/opened-encoder.ts";
import { taskNamed } from "../tasks.ts";
import { textAt } from "./folder-files.ts";
import { type LocatedManifest, modelsFolder } from "./manifest.ts";

export interface Parity {
  /** Golden inputs that were encoded. */
  readonly inputs: number;
  readonly worstCosine: number;
}

const vector = z.base64();
const goldenSchema = z.strictObject({
  encoder: z.string(),
  provenance: z.strictObject({
    script: z.string(),
    weights: z.string(),
    versions: z.record(z.string(), z.string()),
  }),
  texts: z.array(z.strictObject({ text: z.string(), ids: z.array(z.int()), vector })).default([]),
  pictures: z.array(z.strictObject({ file: z.string(), sha256: z.string(), vector })).default([]),
});

export type GoldenFile = z.output<typeof goldenSchema>;

/** Encodes the golden inputs of the encoder; null where it has none. MODEL_INVALID, with the input, where it deviates. */
export async function checkParity(
  located: LocatedManifest,
  files: Readonly<Record<string, string>>,
): Promise<Parity | null> {
  const { manifest, folder } = located;
  for (const home of [join(folder, "golden"), join(modelsFolder, "golden")]) {
    const path = join(home, `${manifest.name}.json`);
    const text = await textAt(path);
    if (text !== null) return compareWithGoldens(located, files, readGoldens(text, path), home);
  }
  return null;
}

/** Encodes goldens from elsewhere, like `checkParity`; `folder` is where the paths of their pictures start. */
export async function compareWithGoldens(
  { manifest }: LocatedManifest,
  files: Readonly<Record<string, string>>,
  { texts, pictures }: GoldenFile,
  folder: string,
): Promise<Parity> {
  const task = taskNamed(manifest.task);
  const opening = { manifest, files, threads: 1 };
  const tokenizer = await task.openTokenizer?.(opening);
  for (const { text, ids } of texts) {
    if (tokenizer !== undefined) requireTokens(manifest.name, text, tokenizer.encode(text), ids);
  }
  const cases = [
    ...texts.map(({ text, vector }) => ({ label: JSON.stringify(text.slice(0, 40)), input: text, vector })),
    ...(await Promise.all(pictures.map((picture) => pictureCase(picture, folder)))),
  ];
  const encoder = await openEncoder(opening);
  try {
    let worstCosine = 1;
    for (const { label, input, vector } of cases) {
      const { vectors, failures } = await encoder.encode([input]);
      const cosine = failures.length > 0 ? 0 : likeness(vectors, floatsOf(vector));
      if (!(cosine >= task.lowestCosine)) throw deviates(manifest.name, label, cosine, failures[0]?.reason);
      worstCosine = Math.min(worstCosine, cosine);
    }
    return { inputs: cases.length, worstCosine };
  } finally {
    await encoder.close();
  }
}

/** Parses a golden file; MODEL_INVALID when it is none. */
export function readGoldens(text: string, path: string): GoldenFile {
  const parsed = goldenSchema.safeParse(JSON.parse(text));
  if (parsed.success) return parsed.data;
  throw new TailrecError("MODEL_INVALID", `${path}: not a golden file: ${describeMismatch(parsed.error)}`);
}

interface GoldenCase {
  readonly label: string;
  readonly input: EncoderInput;
  readonly vector: string;
}

async function pictureCase(
  { file, sha256, vector }: GoldenFile["pictures"][number],
  folder: string,
): Promise<GoldenCase> {
  const path = join(folder, file);
  const bytes = new Uint8Array(
    await readFile(path).catch((cause: unknown) => {
      throw readError(path, cause);
    }),
  );
  const digest = createHash("sha256").update(bytes).digest("hex");
  if (digest === sha256) return { label: file, input: bytes, vector };
  throw new TailrecError("MODEL_INVALID", `${path}: has sha256 ${digest}, the golden file says ${sha256}; restore it`);
}

function requireTokens(name: string, text: string, received: readonly number[], expected: readonly number[]): void {
  const place = expected.findIndex((id, i) => received[i] !== id);
  if (place < 0 && received.length === expected.length) return;
  throw new TailrecError(
    "MODEL_INVALID",
    `encoder "${name}": the reference cuts ${JSON.stringify(text.slice(0, 40))} into other tokens, first at ${place < 0 ? expected.length : place}; the tokenizer file is not the one of these weights, or its kind is not supported`,
  );
}

function deviates(name: string, label: string, cosine: number, reason = "the vectors differ"): TailrecError {
  return new TailrecError(
    "MODEL_INVALID",
    `encoder "${name}": ${label} has cosine ${cosine.toFixed(5)} with the reference (${reason}); check the weights, and pooling, resize rule, mean and std in the manifest`,
  );
}

/** Little-endian float32, as every machine that runs this stores them. */
function floatsOf(base64: string): Float32Array {
  return new Float32Array(Uint8Array.from(Buffer.from(base64, "base64")).buffer);
}

/** The cosine; 0 for vectors of two lengths, and for zeros. */
function likeness(computed: Float32Array, expected: Float32Array): number {
  return computed.length === expected.length ? (cosineOf(computed, expected) ?? 0) : 0;
}
