import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { decodeNpy } from "../../../src/data/files/npy.ts";
import { decodeSafetensors, matrixNamed } from "../../../src/data/files/safetensors.ts";
import { vectorPaths, writeVectors } from "../../../src/data/files/vector-files.ts";
import type { VectorTable } from "../../../src/data/files/vector-table.ts";

let base: string;

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), "tailrec-vectors-"));
});

afterEach(() => rm(base, { recursive: true, force: true }));

const table: VectorTable = {
  ids: ["007", 'a,"b"', "two\nlines", "雪", "18446744073709551615"],
  vectors: {
    rows: 5,
    columns: 2,
    values: Float32Array.of(0.1, -2, 1e-30, 3.4028234e38, 0, -0.5, 1 / 3, 7, 16777216, -1e-7),
  },
  extra: {
    source: ["behaviour", "blend", "content", "content", "blend"],
    uncertainty: Float32Array.of(0.25, 0.1, Number.NaN, 1, 0),
    support: Uint32Array.of(4_000_000_000, 3, 0, 0, 1),
  },
};

/** What any of the formats holds, as plain lists. */
interface Read {
  readonly ids: unknown[];
  readonly vectors: number[][];
  readonly extra: Record<string, unknown[]>;
}

async function readBeside(path: string): Promise<Pick<Read, "ids" | "extra">> {
  const { ids, ...extra } = JSON.parse(await readFile(path, "utf8"));
  return { ids, extra };
}

function rowsOf({ rows, columns, values }: VectorTable["vectors"]): number[][] {
  return Array.from({ length: rows }, (_, i) => [...values.subarray(i * columns, (i + 1) * columns)]);
}

const READERS: Record<string, (path: string) => Promise<Read>> = {
  npy: async (path) => ({
    ...(await readBeside(path.replace(/npy$/, "ids.json"))),
    vectors: rowsOf(decodeNpy(await readFile(path), path)),
  }),
  safetensors: async (path) => ({
    ...(await readBeside(path.replace(/safetensors$/, "ids.json"))),
    vectors: rowsOf(matrixNamed(decodeSafetensors(await readFile(path), path), "vectors", path)),
  }),
  jsonl: async (path) => {
    const lines = (await readFile(path, "utf8")).split("\n").filter((line) => line !== "");
    return columnwise(lines.map((line) => JSON.parse(line)));
  },
  parquet: async (path) => {
    const connection = await (await DuckDBInstance.create(":memory:")).connect();
    const reader = await connection.runAndReadAll(`SELECT * FROM read_parquet('${path}')`);
    connection.closeSync();
    return columnwise(reader.getRowObjectsJS());
  },
};

function columnwise(rows: Record<string, unknown>[]): Read {
  const names = Object.keys(rows[0] ?? {}).filter((name) => name !== "id" && name !== "vector");
  const columns = names.map((name) => [name, rows.map((row) => row[name])]);
  const vectors = rows.map(({ vector }) => Array.from(vector as number[], Math.fround));
  return { ids: rows.map(({ id }) => id), vectors, extra: Object.fromEntries(columns) };
}

describe.each(Object.keys(READERS))("a .%s vector file", (extension) => {
  it("gives back ids, vectors and further columns, whatever the ids hold", async () => {
    const path = join(base, `items.v1.${extension}`);
    await writeVectors(path, table);
    const read = await READERS[extension](path);
    expect(read.ids).toEqual(table.ids);
    expect(read.vectors).toEqual(rowsOf(table.vectors));
    expect(read.extra.source).toEqual(table.extra?.source);
    expect(read.extra.support).toEqual([4_000_000_000, 3, 0, 0, 1]);
    const uncertainty = read.extra.uncertainty.map((value) =>
      value === null ? Number.NaN : Math.fround(Number(value)),
    );
    expect(uncertainty).toEqual([0.25, Math.fround(0.1), Number.NaN, 1, 0]);
  });

  it("gives back any finite float32 to the bit", async () => {
    const finite = fc.float({ noNaN: true, noDefaultInfinity: true });
    const path = join(base, `v.${extension}`);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.string({ unit: "grapheme" }), finite, finite), { minLength: 1 }),
        async (rows) => {
          const ids = rows.map(([id]) => id);
          const values = Float32Array.from(rows.flatMap(([, x, y]) => [x + 0, y + 0]));
          await writeVectors(path, { ids, vectors: { rows: rows.length, columns: 2, values } });
          const read = await READERS[extension](path);
          expect(read.ids).toEqual(ids);
          expect(read.vectors.flat()).toEqual([...values]);
        },
      ),
      { numRuns: 15 },
    );
  });

  it("may be empty, and may be longer than one chunk of the writer", async () => {
    for (const rows of [0, 2049]) {
      const path = join(base, `${rows}.${extension}`);
      const ids = Array.from({ length: rows }, (_, i) => `i${i}`);
      await writeVectors(path, {
        ids,
        vectors: { rows, columns: 1, values: Float32Array.from({ length: rows }, (_, i) => i) },
      });
      const read = await READERS[extension](path);
      expect(read.ids).toEqual(ids);
      expect(read.vectors.map(([value]) => value)).toEqual(ids.map((_, i) => i));
    }
  });

  it("says OUTPUT_FAILED and leaves no temporary when it cannot take its place", async () => {
    const path = join(base, `v.${extension}`);
    await mkdir(path);
    await expect(writeVectors(path, table)).rejects.toMatchObject({ code: "OUTPUT_FAILED" });
    expect((await readdir(base)).filter((name) => name.includes("tmp"))).toEqual([]);
  });
});

describe("writeVectors", () => {
  it("writes the shortest decimals that are the same float32", async () => {
    await writeVectors(join(base, "v.jsonl"), {
      ids: ["a"],
      vectors: { rows: 1, columns: 2, values: Float32Array.of(0.1, 1 / 3) },
    });
    expect(await readFile(join(base, "v.jsonl"), "utf8")).toBe('{"id":"a","vector":[0.1,0.33333334]}\n');
  });

  it("leaves vectors and ids as they were when the ids cannot be written", async () => {
    await writeFile(join(base, "v.npy"), "old");
    await mkdir(join(base, "v.ids.json"));
    await expect(writeVectors(join(base, "v.npy"), table)).rejects.toMatchObject({ code: "OUTPUT_FAILED" });
    expect(await readFile(join(base, "v.npy"), "utf8")).toBe("old");
    expect((await readdir(base)).sort()).toEqual(["v.ids.json", "v.npy"]);
  });

  it("refuses an unknown extension, naming the known ones, before anything is written", async () => {
    const expected = {
      code: "INVALID_ARGUMENT",
      message: expect.stringContaining(".npy, .safetensors, .parquet, .jsonl"),
    };
    await expect(writeVectors(join(base, "v.csv"), table)).rejects.toMatchObject(expected);
    expect(() => vectorPaths("vectors")).toThrow(expect.objectContaining(expected));
    expect(await readdir(base)).toEqual([]);
  });

  it.each([
    ["too few ids", { ...table, ids: ["a"] }, "5 ids, received 1"],
    ["a column of another length", { ...table, extra: { support: new Uint32Array(2) } }, "5 values of support"],
    ["a column called vector", { ...table, extra: { vector: new Uint32Array(5) } }, '"vector"'],
    [
      "a value that is not finite",
      { ...table, vectors: { ...table.vectors, values: table.vectors.values.with(4, NaN) } },
      "two\nlines",
    ],
  ])("refuses %s", async (_title, broken, part) => {
    const expected = { code: "INVALID_ARGUMENT", message: expect.stringContaining(part) };
    await expect(writeVectors(join(base, "v.npy"), broken)).rejects.toMatchObject(expected);
  });
});
