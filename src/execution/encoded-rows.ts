/**
 * Encoded items one by one, as workers and shards hand them on: the vector of every block, what went wrong, and a digest. It is
 * that of what the encoders read, and tells whether a vector is still that of its item.
 */
import { createHash } from "node:crypto";
import { isAbsolute, relative } from "node:path";
import { z } from "zod";
import type { Catalog } from "../data/catalog.ts";
import { ERROR_TABLE, type ErrorCode } from "../errors.ts";
import { type EncodedCatalog, encodedFor, type Quarantined } from "../features/encode-catalog.ts";
import { rowOf } from "../math/matrix.ts";

/** Why a block of an item has no vector. */
export type BlockFailure = Omit<Quarantined, "row">;

export interface EncodedRow {
  readonly id: string;
  /** sha256 in hexadecimal. */
  readonly input: string;
  /** By the name of the block; null where the item has no such input, or it could not be used. */
  readonly vectors: Readonly<Record<string, Float32Array | null>>;
  readonly failures: readonly BlockFailure[];
}

/** Digest of what the encoders read of each item; the same wherever the picture folder lies. */
export function inputDigests({ ids, titles, descriptions, images, imageRoot }: Catalog): string[] {
  const placeOf = (image: string | null) =>
    image === null || imageRoot === undefined || !isAbsolute(image) ? image : relative(imageRoot, image);
  return ids.map((_, row) => {
    const read = [titles[row], descriptions[row], placeOf(images[row])];
    return createHash("sha256").update(JSON.stringify(read)).digest("hex");
  });
}

/** The rows of a catalog with the named blocks. */
export function encodedRows(catalog: Catalog, encoded: EncodedCatalog, blocks: readonly string[]): EncodedRow[] {
  const inputs = inputDigests(catalog);
  const failures = new Map<number, BlockFailure[]>();
  for (const { row, ...failure } of encoded.quarantine) failures.set(row, [...(failures.get(row) ?? []), failure]);
  return catalog.ids.map((id, row) => ({
    id,
    input: inputs[row],
    vectors: Object.fromEntries(blocks.map((name) => [name, vectorOf(name, encoded, row)])),
    failures: failures.get(row) ?? [],
  }));
}

function vectorOf(name: string, encoded: EncodedCatalog, row: number): Float32Array | null {
  const block = encodedFor(name, encoded);
  return block === null || block.presence[row] === 0 ? null : rowOf(block.vectors, row);
}

const failuresSchema = z.array(
  z.strictObject({
    block: z.string(),
    code: z.enum(Object.keys(ERROR_TABLE) as [ErrorCode, ...ErrorCode[]]),
    reason: z.string(),
    file: z.string().optional(),
  }),
);

/** As one cell of a table; null where nothing failed. */
export function failuresText(failures: readonly BlockFailure[]): string | null {
  return failures.length === 0 ? null : JSON.stringify(failures);
}

/** What `failuresText` wrote; undefined for anything else. */
export function failuresIn(text: string | null): readonly BlockFailure[] | undefined {
  if (text === null) return [];
  try {
    return failuresSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
