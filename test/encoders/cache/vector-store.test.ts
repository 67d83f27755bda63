import { appendFileSync, readFileSync, renameSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { inputKey } from "../../../src/encoders/cache/embedding-cache.ts";
import { encodeRecord, recordSize, scanBytes, type VectorEntry } from "../../../src/encoders/cache/vector-record.ts";
import { openVectorStore, type VectorStore } from "../../../src/encoders/cache/vector-store.ts";
import { temporaryFolder } from "../encoding-fixtures.ts";

const DIMENSION = 5;
const SIZE = recordSize(DIMENSION);

const vectorOf = (seed: number): Float32Array => Float32Array.from({ length: DIMENSION }, (_, j) => seed + j / 7);
const entryOf = (seed: number): VectorEntry => ({ key: inputKey(`input ${seed}`), vector: vectorOf(seed) });
const entries = (...seeds: number[]): VectorEntry[] => seeds.map(entryOf);
const newPath = (): string => join(temporaryFolder(), "some.vectors");

async function withStore<T>(path: string, work: (store: VectorStore) => Promise<T>): Promise<T> {
  const store = await openVectorStore(path, DIMENSION);
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

/** Which of the seeds a newly opened store finds; every vector it gives must be the right one. */
function seedsIn(path: string, seeds: readonly number[]): Promise<number[]> {
  return withStore(path, async (store) => {
    const vectors = await store.read(seeds.map((seed) => entryOf(seed).key));
    return seeds.filter((seed, i) => {
      if (vectors[i] !== undefined) expect(vectors[i]).toEqual(vectorOf(seed));
      return vectors[i] !== undefined;
    });
  });
}

describe("vector store", () => {
  it("gives back what was added, in this opening and in the next, and nothing else", async () => {
    const path = newPath();
    await withStore(path, async (store) => {
      await store.add(entries(1, 2, 3));
      const keys = [3, 9, 1].map((seed) => entryOf(seed).key);
      expect(await store.read(keys)).toEqual([vectorOf(3), undefined, vectorOf(1)]);
    });
    expect(await seedsIn(path, [0, 1, 2, 3])).toEqual([1, 2, 3]);
  });

  it("writes a key once, however often it is added", async () => {
    const path = newPath();
    await withStore(path, async (store) => {
      await Promise.all([store.add(entries(1, 2)), store.add(entries(2, 3)), store.add(entries(1))]);
    });
    expect(statSync(path).size).toBe(3 * SIZE);
  });

  it("whatever byte its file is cut off at, has every record that was whole, and goes on", async () => {
    const whole = Buffer.concat(entries(1, 2, 3).map((entry) => encodeRecord(entry, 7)));
    const path = newPath();
    for (let length = 0; length <= whole.length; length += 3) {
      writeFileSync(path, whole.subarray(0, length));
      expect(await seedsIn(path, [1, 2, 3])).toEqual([1, 2, 3].slice(0, Math.floor(length / SIZE)));
      await withStore(path, (store) => store.add(entries(1, 2, 3, 4)));
      expect(await seedsIn(path, [1, 2, 3, 4])).toEqual([1, 2, 3, 4]);
    }
  });

  it("loses the record of a flipped byte alone, wherever the byte is", async () => {
    const whole = Buffer.concat(entries(1, 2, 3).map((entry) => encodeRecord(entry, 7)));
    const path = newPath();
    for (let byte = 0; byte < whole.length; byte += 5) {
      const bytes = Buffer.from(whole);
      bytes[byte] ^= 0x10;
      writeFileSync(path, bytes);
      const lost = 1 + Math.floor(byte / SIZE);
      expect(await seedsIn(path, [1, 2, 3])).toEqual([1, 2, 3].filter((seed) => seed !== lost));
    }
  });

  it("finds what another store of the same file has written since", async () => {
    const path = newPath();
    await withStore(path, (one) =>
      withStore(path, async (other) => {
        await other.add(entries(1));
        expect(one.has(entryOf(1).key)).toBe(false);
        await one.refresh();
        expect(await one.read([entryOf(1).key])).toEqual([vectorOf(1)]);
        await one.add(entries(1, 2));
      }),
    );
    expect(statSync(path).size).toBe(2 * SIZE);
  });

  it("writes into the new file when its own has been renamed over or removed", async () => {
    const path = newPath();
    await withStore(path, async (store) => {
      await store.add(entries(1, 2));
      writeFileSync(`${path}.new`, encodeRecord(entryOf(2), 7));
      renameSync(`${path}.new`, path);
      await store.add(entries(2, 3));
      expect(await seedsIn(path, [1, 2, 3])).toEqual([2, 3]);
      rmSync(path);
      await store.add(entries(4));
    });
    expect(await seedsIn(path, [2, 3, 4])).toEqual([4]);
  });

  it("gives no vector for a record that was damaged while it was open, and takes it again", async () => {
    const path = newPath();
    await withStore(path, async (store) => {
      await store.add(entries(1, 2));
      const bytes = readFileSync(path);
      bytes[SIZE - 10] ^= 1;
      // In place: the same file, other bytes.
      truncateSync(path);
      appendFileSync(path, bytes);
      expect(await store.read([entryOf(1).key, entryOf(2).key])).toEqual([undefined, vectorOf(2)]);
      await store.add(entries(1));
      expect(await store.read([entryOf(1).key])).toEqual([vectorOf(1)]);
    });
  });

  it("reads records that lie megabytes apart", async () => {
    const path = newPath();
    const between = Buffer.alloc(3 << 20, `${"no record ".repeat(100)}TRv1`);
    const [first, second] = entries(1, 2).map((entry) => encodeRecord(entry, 7));
    writeFileSync(path, Buffer.concat([first, between, second]));
    expect(await seedsIn(path, [2, 1])).toEqual([2, 1]);
  });
});

describe("scanBytes", () => {
  it("never takes the mark of the next record for the end of one that lost its last bytes", () => {
    const next = encodeRecord(entryOf(1), 7);
    for (let time = 1; time <= 3000; time++) {
      const cut = encodeRecord(entryOf(0), time).subarray(0, -1);
      const { records } = scanBytes(Buffer.concat([cut, next]), DIMENSION, 0);
      expect(records.map(({ key }) => key)).toEqual([entryOf(1).key]);
    }
  });

  it("accounts for every byte: records, gaps and what may still become a record", () => {
    const piece = fc.oneof(
      fc.nat(50).map((seed) => encodeRecord(entryOf(seed), 7)),
      fc.uint8Array({ maxLength: 2 * SIZE }).map((bytes) => Buffer.from(bytes)),
      fc.tuple(fc.nat(50), fc.nat(SIZE - 1)).map(([seed, cut]) => encodeRecord(entryOf(seed), 7).subarray(0, cut)),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const bytes = Buffer.concat(pieces);
        const { records, gaps, end } = scanBytes(bytes, DIMENSION, 1000);
        const parts = [
          ...records.map(({ position }) => ({ position, length: SIZE })),
          ...gaps,
          { position: end, length: 1000 + bytes.length - end },
        ].sort((a, b) => a.position - b.position || a.length - b.length);
        let position = 1000;
        for (const part of parts) {
          expect(part.position).toBe(position);
          position += part.length;
        }
        expect(1000 + bytes.length - end).toBeLessThan(SIZE);
        const whole = pieces.filter((part) => part.length === SIZE && part.subarray(0, 4).toString() === "TRv1");
        expect(records.length).toBeGreaterThanOrEqual(whole.length);
      }),
    );
  });
});

describe("a vector store against a Map", () => {
  type Command = { do: "add"; seeds: number[] } | { do: "reopen" } | { do: "tear"; bytes: number } | { do: "junk" };
  const seeds = fc.array(fc.nat(12), { maxLength: 4 });
  const command: fc.Arbitrary<Command> = fc.oneof(
    { weight: 4, arbitrary: fc.record({ do: fc.constant("add" as const), seeds }) },
    fc.constant({ do: "reopen" as const }),
    fc.record({ do: fc.constant("tear" as const), bytes: fc.integer({ min: 1, max: SIZE - 1 }) }),
    fc.constant({ do: "junk" as const }),
  );

  it("holds exactly the keys whose records were written whole, after any sequence of additions, crashes and openings", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(command, { maxLength: 12 }), async (commands) => {
        const path = newPath();
        const model = new Map<number, Float32Array>();
        let store = await openVectorStore(path, DIMENSION);
        let lastAdded: number | undefined;
        for (const step of commands) {
          if (step.do === "add") {
            const fresh = [...new Set(step.seeds)].filter((seed) => !model.has(seed));
            await store.add(entries(...new Set(step.seeds)));
            for (const seed of fresh) model.set(seed, vectorOf(seed));
            lastAdded = fresh.at(-1) ?? lastAdded;
          } else {
            await store.close();
            if (step.do === "junk") {
              appendFileSync(path, Buffer.alloc(SIZE + 3, "T"));
              lastAdded = undefined;
            }
            if (step.do === "tear" && lastAdded !== undefined) {
              truncateSync(path, statSync(path).size - step.bytes);
              model.delete(lastAdded);
              lastAdded = undefined;
            }
            store = await openVectorStore(path, DIMENSION);
          }
        }
        const all = Array.from({ length: 13 }, (_, seed) => seed);
        const found = await store.read(all.map((seed) => entryOf(seed).key));
        expect(found).toEqual(all.map((seed) => model.get(seed)));
        expect(store.size).toBe(model.size);
        await store.close();
      }),
      { numRuns: 60 },
    );
  });
});
