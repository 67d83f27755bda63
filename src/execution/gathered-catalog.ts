/** The encoded catalog from rows that were encoded elsewhere: what one machine would have made of the same items. */
import type { Catalog } from "../data/catalog.ts";
import type { EncodedBlock, EncodedCatalog, Quarantined } from "../features/encode-catalog.ts";
import { zeros } from "../math/matrix.ts";
import type { EncodedPartBlock } from "./encoded-parts.ts";
import { type EncodedRow, inputDigests } from "./encoded-rows.ts";

export interface GatheredCatalog {
  readonly encoded: EncodedCatalog;
  /** Rows of the catalog that nobody has encoded as they are today. */
  readonly missing: readonly number[];
}

/** `absent` names the encoded kinds that the options leave out. An item that was encoded twice is taken as it comes first. */
export async function gatherCatalog(
  catalog: Catalog,
  blocks: readonly EncodedPartBlock[],
  absent: readonly string[],
  parts: AsyncIterable<readonly EncodedRow[]>,
): Promise<GatheredCatalog> {
  const places = new Map(catalog.ids.map((id, row) => [id, row]));
  const inputs = inputDigests(catalog);
  const gathered = new Uint8Array(catalog.ids.length);
  const values = blocks.map(({ dimension }) => ({
    vectors: zeros(catalog.ids.length, dimension),
    presence: new Uint8Array(catalog.ids.length),
  }));
  const quarantine: Quarantined[] = [];
  for await (const rows of parts) {
    for (const { id, input, vectors, failures } of rows) {
      const row = places.get(id);
      if (row === undefined || gathered[row] === 1 || inputs[row] !== input) continue;
      gathered[row] = 1;
      for (const [b, { name, dimension }] of blocks.entries()) {
        const vector = vectors[name];
        if (vector === null || vector === undefined) continue;
        values[b].vectors.values.set(vector, row * dimension);
        values[b].presence[row] = 1;
      }
      quarantine.push(...failures.map((failure) => ({ ...failure, row })));
    }
  }
  const filled = blocks.map(({ name, encoder, digest }, b): [string, EncodedBlock] => {
    const reused = values[b].presence.reduce((sum, bit) => sum + bit, 0);
    return [name, { ...values[b], encoder, digest, reused }];
  });
  const names = absent.map((name) => [name, null] as const);
  const place = new Map(blocks.map(({ name }, b) => [name, b]));
  const order = (a: Quarantined, b: Quarantined) =>
    (place.get(a.block) ?? 0) - (place.get(b.block) ?? 0) || a.row - b.row;
  const encoded = {
    ...Object.fromEntries<EncodedBlock | null>([...names, ...filled]),
    quarantine: quarantine.sort(order),
  };
  return { encoded, missing: Array.from(gathered.keys()).filter((row) => gathered[row] === 0) };
}
