/**
 * Moments in parts (`regressor/moments.ts`). A folder holds what makes items regression inputs (`question.safetensors`: feature space,
 * mean and scale) and a row a training item (`rows`: id, digest of what was encoded, weight, factors). Engines leave the moments of
 * every part beside it (`answers`).
 */
import { createHash } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { Catalog } from "../data/catalog.ts";
import type { Standardisation } from "../data/feature-matrix.ts";
import { writeParts } from "../data/files/file-parts.ts";
import { fillParquetFile, type ParquetPart, vectorCell } from "../data/files/parquet-file.ts";
import {
  decodeSafetensors,
  float32Values,
  matrixNamed,
  type Safetensors,
  safetensorsParts,
  tensorOf,
  vectorTensor,
} from "../data/files/safetensors.ts";
import { TailrecError } from "../errors.ts";
import { type EncodedCatalog, encodedFor } from "../features/encode-catalog.ts";
import { type FeatureSpace, featureBlocks } from "../features/feature-space.ts";
import { featureSpaceFromParts, featureSpaceToParts } from "../features/feature-space-parts.ts";
import { rowOf } from "../math/matrix.ts";
import { describeMismatch } from "../options.ts";
import type { MomentsRequest } from "../regressor/moments.ts";
import type { EncodedPartBlock } from "./encoded-parts.ts";
import { inputDigests } from "./encoded-rows.ts";
import { QUESTION, questionFolder, ROWS } from "./question-folder.ts";

/** What a part needs beside its rows. */
export interface MomentsQuestion {
  readonly space: FeatureSpace;
  readonly standardisation: Standardisation;
  /** Blocks whose vectors come with the rows. */
  readonly encoded: readonly EncodedPartBlock[];
  /** Kinds of block that are encoded and that the options leave out. */
  readonly absent: readonly string[];
  /** Length of the factors. */
  readonly rank: number;
}

/** Columns of the rows, and before the names of blocks: no column of items begins so. */
export const MOMENT_COLUMNS = { id: "_id", input: "_input", weight: "_weight", factors: "_factors" } as const;
export const BLOCK_PREFIX = "_block_";

/** The items that are asked about. */
export interface MomentsItems {
  readonly catalog: Catalog;
  readonly encoded: EncodedCatalog;
  readonly space: FeatureSpace;
}

/** Writes the question below `folder`, unless it is there, and gives its own folder. OUTPUT_FAILED. */
export function writeMomentsQuestion(folder: string, items: MomentsItems, request: MomentsRequest): Promise<string> {
  return questionFolder(folder, async (staging) => {
    const digest = createHash("sha256");
    const { sha256 } = await writeParts(join(staging, QUESTION), sharedParts(items, request));
    digest.update(sha256);
    await mkdir(join(staging, ROWS));
    const columns = [
      { name: MOMENT_COLUMNS.id, type: "text" as const },
      { name: MOMENT_COLUMNS.input, type: "text" as const },
      { name: MOMENT_COLUMNS.weight, type: "double" as const },
      { name: MOMENT_COLUMNS.factors, type: "vector" as const },
    ];
    const hash = (bytes: Uint8Array | string) => digest.update(bytes);
    await fillParquetFile(join(staging, ROWS, "part-0.parquet"), columns, rowParts(items.catalog, request, hash));
    return digest.digest("hex").slice(0, 16);
  });
}

/** Items whose cells are in memory together. */
const BLOCK = 4096;

function* rowParts(
  catalog: Catalog,
  { rows, weights, factors }: MomentsRequest,
  hash: (bytes: Uint8Array | string) => void,
): Generator<ParquetPart> {
  const inputs = inputDigests(catalog);
  for (let begin = 0; begin < rows.length; begin += BLOCK) {
    const some = rows.slice(begin, begin + BLOCK);
    for (const [i, row] of some.entries()) {
      hash(JSON.stringify([catalog.ids[row], inputs[row], weights[begin + i]]));
      const { buffer, byteOffset, byteLength } = rowOf(factors, row);
      hash(new Uint8Array(buffer, byteOffset, byteLength));
    }
    yield {
      rows: some.length,
      cells: [
        (i) => catalog.ids[some[i]],
        (i) => inputs[some[i]],
        (i) => weights[begin + i],
        (i) => vectorCell(rowOf(factors, some[i])),
      ],
    };
  }
}

function sharedParts(
  { space, encoded }: MomentsItems,
  { standardisation, factors }: MomentsRequest,
): readonly Uint8Array[] {
  const { json, tensors } = featureSpaceToParts(space);
  const named = Object.entries(tensors).map(([name, matrix]) => [`space.${name}`, tensorOf(matrix)] as const);
  const { mean, scale } = standardisation;
  const encoding = space.kinds.filter(({ encode }) => encode !== undefined).map(({ name }) => name);
  const blocks = encoding.flatMap((name): EncodedPartBlock[] => {
    const block = encodedFor(name, encoded);
    return block === null
      ? []
      : [{ name, encoder: block.encoder, digest: block.digest, dimension: block.vectors.columns }];
  });
  const absent = encoding.filter((name) => !blocks.some((block) => block.name === name));
  return safetensorsParts(
    { ...Object.fromEntries(named), mean: vectorTensor(mean), scale: vectorTensor(scale) },
    {
      space: JSON.stringify(json),
      encoded: JSON.stringify(blocks),
      absent: JSON.stringify(absent),
      rank: String(factors.columns),
    },
  );
}

/** The file `question.safetensors`. UNREADABLE_INPUT for anything else. */
export function decodeMomentsQuestion(bytes: Uint8Array, path: string): MomentsQuestion {
  const file = decodeSafetensors(bytes, path);
  const parsed = metadataSchema.safeParse(file.metadata);
  if (!parsed.success) throw notQuestion(path, describeMismatch(parsed.error));
  const { space: json, ...rest } = parsed.data;
  const prefix = "space.";
  const names = Object.keys(file.tensors).filter((name) => name.startsWith(prefix));
  const tensors = names.map((name) => [name.slice(prefix.length), matrixNamed(file, name, path)] as const);
  const space = featureSpaceFromParts({ json, tensors: Object.fromEntries(tensors) });
  const values = (name: string) => valuesOf(file, name, path);
  const standardisation = { blocks: featureBlocks(space), mean: values("mean"), scale: values("scale") };
  return { space, standardisation, ...rest };
}

function valuesOf({ tensors }: Safetensors, name: string, path: string): Float32Array {
  const { values } = tensors[name] ?? {};
  if (values === undefined) throw notQuestion(path, `no "${name}"`);
  return float32Values(values);
}

const json = z.string().transform((text): unknown => JSON.parse(text));

const metadataSchema = z.strictObject({
  space: json,
  encoded: json.pipe(
    z.array(z.strictObject({ name: z.string(), encoder: z.string(), digest: z.string(), dimension: z.int() })),
  ),
  absent: json.pipe(z.array(z.string())),
  rank: json.pipe(z.int().positive()),
});

function notQuestion(path: string, fault: string): TailrecError {
  return new TailrecError("UNREADABLE_INPUT", `${path}: expected the question of moments: ${fault}; run again`);
}
