/**
 * A ranking in parts: users' held-out items among all items, by the vectors of several models. A folder holds what all parts share
 * (`question.safetensors`) and a row a user (`rows`). Engines leave a row a user beside it (`answers`).
 */
import { createHash } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { writeParts } from "../data/files/file-parts.ts";
import { fillParquetFile, integersCell, type ParquetPart, vectorCell } from "../data/files/parquet-file.ts";
import {
  decodeSafetensors,
  float32Values,
  matrixNamed,
  safetensorsParts,
  tensorOf,
  vectorTensor,
} from "../data/files/safetensors.ts";
import { TailrecError } from "../errors.ts";
import type { VectorContender } from "../evaluation/ranking/contender-ranks.ts";
import type { Factors } from "../evaluation/ranking/scorer.ts";
import { type RankingRequest, rowsWithTargets } from "../evaluation/ranking/target-ranks.ts";
import { tieOrderOf } from "../evaluation/ranking/tie-order.ts";
import { type Matrix, rowOf, type SparseMatrix } from "../math/matrix.ts";
import { describeMismatch } from "../options.ts";
import { type RunContext, throwIfInterrupted } from "../run-context.ts";
import { QUESTION, questionFolder, ROWS } from "./question-folder.ts";

/** The column of contender c's query vectors. */
export function queryColumn(contender: number): string {
  return `query${contender}`;
}

/** Users whose vectors are in memory together. */
const BLOCK = 4096;

/** Writes the question below `folder`, unless it is there, and gives its own folder. OUTPUT_FAILED. */
export function writeQuestion(
  folder: string,
  contenders: readonly VectorContender[],
  request: RankingRequest,
  context: RunContext,
): Promise<string> {
  return questionFolder(folder, (staging) => fillQuestion(staging, contenders, request, context));
}

/** Gives the digest. */
async function fillQuestion(
  folder: string,
  contenders: readonly VectorContender[],
  request: RankingRequest,
  context: RunContext,
): Promise<string> {
  const digest = createHash("sha256");
  const { sha256 } = await writeParts(join(folder, QUESTION), sharedParts(contenders, request));
  digest.update(sha256);
  await mkdir(join(folder, ROWS));
  const columns = [
    { name: "row", type: "text" as const },
    { name: "train", type: "integers" as const },
    { name: "test", type: "integers" as const },
    ...contenders.map((_, c) => ({ name: queryColumn(c), type: "vector" as const })),
  ];
  const parts = rowParts(contenders, request, (bytes) => digest.update(bytes), context);
  await fillParquetFile(join(folder, ROWS, "part-0.parquet"), columns, parts);
  return digest.digest("hex").slice(0, 16);
}

function sharedParts(contenders: readonly VectorContender[], request: RankingRequest): readonly Uint8Array[] {
  const { candidateSets, tieOrder, depth, listLength } = request;
  const sets = candidateSets.flatMap(({ rows, targets }, s) => [
    [`set${s}.rows`, vectorTensor(rows)] as const,
    [`set${s}.targets`, vectorTensor(targets)] as const,
  ]);
  const items = contenders.flatMap(({ factors: { items: vectors, itemScale } }, c) => [
    [`items${c}`, tensorOf(vectors)] as const,
    ...(itemScale === undefined ? [] : [[`scale${c}`, vectorTensor(itemScale)] as const]),
  ]);
  const names = JSON.stringify(contenders.map(({ name }) => name));
  return safetensorsParts(
    { order: vectorTensor(tieOrder.rows), ...Object.fromEntries([...sets, ...items]) },
    { contenders: names, sets: String(candidateSets.length), depth: String(depth), listLength: String(listLength) },
  );
}

async function* rowParts(
  contenders: readonly VectorContender[],
  { train, test }: RankingRequest,
  hash: (bytes: Uint8Array) => void,
  context: RunContext,
): AsyncGenerator<ParquetPart> {
  const rows = rowsWithTargets(test);
  for (let begin = 0; begin < rows.length; begin += BLOCK) {
    throwIfInterrupted(context);
    const block = rows.slice(begin, begin + BLOCK);
    const queries: Matrix[] = [];
    for (const { factors } of contenders) queries.push(await factors.queries.take(block));
    for (const { values } of [{ values: block }, ...queries]) hash(bytesOf(values));
    for (const row of block) for (const side of [train, test]) hash(bytesOf(Uint32Array.from(entriesOf(side, row))));
    yield {
      rows: block.length,
      cells: [
        (i) => String(block[i]),
        (i) => integersCell(entriesOf(train, block[i])),
        (i) => integersCell(entriesOf(test, block[i])),
        ...queries.map((matrix) => (i: number) => vectorCell(rowOf(matrix, i))),
      ],
    };
  }
}

function entriesOf({ indptr, indices }: SparseMatrix, row: number): Uint32Array {
  return indices.subarray(indptr[row], indptr[row + 1]);
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array | Uint32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** What all parts of a ranking share. */
export interface RankingQuestion extends Pick<RankingRequest, "candidateSets" | "tieOrder" | "depth" | "listLength"> {
  readonly contenders: readonly (Pick<Factors, "items" | "itemScale"> & { readonly name: string })[];
  /** Items of the catalog. */
  readonly items: number;
}

/** The file `question.safetensors`. UNREADABLE_INPUT for anything else. */
export function decodeQuestion(bytes: Uint8Array, path: string): RankingQuestion {
  const file = decodeSafetensors(bytes, path);
  const parsed = metadataSchema.safeParse(file.metadata);
  if (!parsed.success) throw notQuestion(path, describeMismatch(parsed.error));
  const { contenders: names, sets, depth, listLength } = parsed.data;
  const integers = (name: string): Uint32Array => {
    const { values } = file.tensors[name] ?? {};
    if (values instanceof Uint32Array) return values;
    throw notQuestion(path, `no "${name}"`);
  };
  const flags = (name: string): Uint8Array => {
    const { values } = file.tensors[name] ?? {};
    if (values instanceof Uint8Array) return values;
    throw notQuestion(path, `no "${name}"`);
  };
  const rows = integers("order");
  return {
    contenders: names.map((name, c) => {
      const { values: itemScale } = file.tensors[`scale${c}`] ?? {};
      const items = matrixNamed(file, `items${c}`, path);
      return { name, items, ...(itemScale && { itemScale: float32Values(itemScale) }) };
    }),
    items: rows.length,
    candidateSets: Array.from({ length: sets }, (_, s) => ({
      rows: integers(`set${s}.rows`),
      targets: flags(`set${s}.targets`),
    })),
    tieOrder: tieOrderOf(rows),
    depth,
    listLength,
  };
}

const count = z
  .string()
  .regex(/^\d{1,9}$/)
  .transform(Number);

const metadataSchema = z.strictObject({
  contenders: z
    .string()
    .transform((text): unknown => JSON.parse(text))
    .pipe(z.array(z.string())),
  sets: count,
  depth: count,
  listLength: count,
});

function notQuestion(path: string, fault: string): TailrecError {
  return new TailrecError("UNREADABLE_INPUT", `${path}: expected the question of a ranking: ${fault}; rank again`);
}
