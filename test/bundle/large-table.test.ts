import { mkdtemp, rm } from "node:fs/promises";
import { freemem, tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { loadBundleFiles, saveBundleFiles } from "../../src/bundle/bundle-store.ts";
import { decodeSafetensors, matrixNamed, safetensorsParts, tensorOf } from "../../src/data/files/safetensors.ts";
import { defaultBackend } from "../../src/math/compute/backend.ts";
import { zeros } from "../../src/math/matrix.ts";

const [ROWS, COLUMNS] = [3_000_000, 256];

/** Zeros take no memory until they are read back, so that one copy of 3 GB is all that the test holds. */
it.skipIf(freemem() < 16 * 2 ** 30)(
  "a table beyond 2^31 bytes is saved, verified, loaded and searched to its last row",
  { timeout: 300_000 },
  async () => {
    const folder = await mkdtemp(join(tmpdir(), "tailrec-large-"));
    try {
      await saveBundleFiles(join(folder, "bundle"), {
        manifest: {},
        files: { "vectors.safetensors": () => safetensorsParts({ vectors: tensorOf(markedTable()) }) },
      });
      const files = await loadBundleFiles(join(folder, "bundle"));
      const tensors = decodeSafetensors(files.read("vectors.safetensors"), "vectors.safetensors");
      const items = matrixNamed(tensors, "vectors", "vectors.safetensors");
      const queries = { rows: 1, columns: COLUMNS, values: new Float32Array(COLUMNS).fill(1) };
      const found = await defaultBackend().topK({ queries, items, count: 2 });
      expect(Array.from(found.items)).toEqual([ROWS - 1, 0]);
      expect(Array.from(found.scores)).toEqual([3, 2]);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
);

/** 2 in the first element, 3 in the last. */
function markedTable() {
  const table = zeros(ROWS, COLUMNS);
  table.values[0] = 2;
  table.values[table.values.length - 1] = 3;
  return table;
}
