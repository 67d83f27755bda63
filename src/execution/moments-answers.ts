/** Moments as one cell of a table, and the sum of those that an engine's parts have left. */
import { join, resolve } from "node:path";
import { decodeSafetensors, safetensorsParts, tensorOf, vectorTensor } from "../data/files/safetensors.ts";
import { parquetFilesAt, readVectorTables } from "../data/ingest/vector-tables.ts";
import { TailrecError } from "../errors.ts";
import { addMoments, type Moments } from "../regressor/moments.ts";
import { ANSWERS } from "./question-folder.ts";

/** Column of the moments; the others of a row say which item has none, and why. */
export const MOMENTS = "moments";

/** safetensors as base64: a text passes through every engine as it is. */
export function momentsText({ items, outputs, gram }: Moments): string {
  const parts = safetensorsParts({ gram: tensorOf(gram), counts: vectorTensor(Float64Array.of(items, outputs)) });
  return Buffer.concat(parts).toString("base64");
}

/** UNREADABLE_INPUT for what `momentsText` did not write. */
export function momentsIn(text: string, file: string): Moments {
  const { gram, counts } = decodeSafetensors(Buffer.from(text, "base64"), file).tensors;
  if (!(gram?.values instanceof Float64Array) || gram.shape[0] !== gram.shape[1] || counts === undefined) {
    throw new TailrecError("UNREADABLE_INPUT", `${file}: expected moments; remove its folder and run again`);
  }
  const [rows, columns] = gram.shape;
  const [items, outputs] = counts.values;
  return { items, outputs, gram: { rows, columns, values: gram.values } };
}

/**
 * The sum of all parts, in the order of their files. SHARDS_MISSING where they are not those of so many items, with the reason of
 * one that was set aside.
 */
export async function readMoments(folder: string, items: number): Promise<Moments> {
  const columns = { texts: ["id", MOMENTS, "quarantine"], vectors: [] };
  let sum: Moments | undefined;
  let reason = "";
  for await (const { file, texts, rows } of readVectorTables(await parquetFilesAt(join(folder, ANSWERS)), columns)) {
    for (let row = 0; row < rows; row++) {
      const [id, text, fault] = [texts.id[row], texts[MOMENTS][row], texts.quarantine[row]];
      if (fault !== null && reason === "") reason = `, such as "${id}": ${fault}`;
      if (text === null) continue;
      const moments = momentsIn(text, file);
      sum = sum === undefined ? moments : addMoments(sum, moments);
    }
  }
  if (sum !== undefined && sum.items === items) return sum;
  const message = `${sum?.items ?? 0} of ${items} items are added up in ${resolve(folder)}${reason}; run python -m tailrec_spark again, or --engine local`;
  throw new TailrecError("SHARDS_MISSING", message);
}
