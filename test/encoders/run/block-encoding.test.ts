import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { inputKey } from "../../../src/encoders/cache/embedding-cache.ts";
import { openVectorStore } from "../../../src/encoders/cache/vector-store.ts";
import { describeModelFolder } from "../../../src/encoders/models/added-model.ts";
import { encodeBlock } from "../../../src/encoders/run/block-encoding.ts";
import type { BlockRequest } from "../../../src/encoders/run/block-request.ts";
import { planLanes } from "../../../src/encoders/run/encoding-lanes.ts";
import { longestFirst } from "../../../src/encoders/run/encoding-order.ts";
import { tokenRuns } from "../../../src/encoders/text/token-runs.ts";
import { input, model, node, output, tensor } from "../../helpers/onnx-bytes.ts";
import { builtIn, temporaryFolder } from "../encoding-fixtures.ts";
import { dimension, folderOf, table, tokenizerJson, vocabulary, vocabularySize } from "../exported-encoders.ts";

const { manifest, files } = await builtIn("text");
const texts = Array.from({ length: 120 }, (_, i) => `Lamp ${i} ${"with a warm light ".repeat(i % 17)}`);

async function encode(changes: Partial<BlockRequest> = {}) {
  const request: BlockRequest = {
    stage: "encode text",
    rows: texts.length,
    order: await longestFirst(texts.length, (row) => texts[row].length),
    load: async (row) => texts[row],
    together: 32,
    budget: 2000,
    costOf: (text) => text.length,
    manifest,
    files,
    cache: undefined,
    lanes: { lanes: 1, threads: 1 },
    ...changes,
  };
  return encodeBlock(request, {});
}

describe("encodeBlock", () => {
  it("gives the same bytes whatever the lanes and their threads", async () => {
    const reference = await encode();
    for (const lanes of [
      { lanes: 3, threads: 1 },
      { lanes: 1, threads: 2 },
      { lanes: 2, threads: 3 },
    ]) {
      expect(await encode({ lanes })).toEqual(reference);
    }
  });

  it("sets an input aside whose vector is not finite, and keeps it out of the cache", async () => {
    const infinite = table.slice();
    infinite[vocabulary.kettle * dimension] = Number.NaN;
    const folder = folderOf({
      "model.onnx": model(
        node("Gather", ["table", "input_ids"], ["last_hidden_state"]),
        tensor("table", [vocabularySize, dimension], infinite),
        input("input_ids", "int64", ["batch", "sequence"]),
        output("last_hidden_state", "float32", ["batch", "sequence", dimension]),
      ),
      "tokenizer.json": tokenizerJson(),
    });
    const added = await describeModelFolder(folder);
    const paths = Object.fromEntries(Object.keys(added.manifest.files).map((name) => [name, join(folder, name)]));
    const store = await openVectorStore(join(folder, "a.vectors"), dimension);
    const titles = ["red mug", "blue kettle", "green lamp"];
    const { presence, vectors, failures } = await encode({
      rows: 3,
      order: Uint32Array.of(0, 1, 2),
      load: async (row) => titles[row],
      manifest: added.manifest,
      files: paths,
      cache: store,
    });
    expect([...presence]).toEqual([1, 0, 1]);
    expect(vectors.values.every(Number.isFinite)).toBe(true);
    expect(failures).toMatchObject([
      { row: 1, code: "UNREADABLE_INPUT", reason: expect.stringContaining("not finite") },
    ]);
    expect(titles.map((title) => store.has(inputKey(title)))).toEqual([true, false, true]);
    await store.close();
  });

  it("does not read what it remembers and has the vector of, and learns what it reads", async () => {
    const store = await openVectorStore(join(temporaryFolder(), "a.vectors"), manifest.dimension);
    const fresh = await encode({ cache: store });
    const learnt: number[] = [];
    const known = {
      recall: async (rows: Uint32Array) =>
        Array.from(rows, (row) => (row % 2 === 0 ? inputKey(texts[row]) : undefined)),
      learn: async (inputs: readonly { readonly row: number }[]) => void learnt.push(...inputs.map(({ row }) => row)),
    };
    const load = async (row: number) => {
      expect(row % 2).toBe(1);
      return texts[row];
    };
    const { vectors, presence, reused } = await encode({ cache: store, known, load });
    expect([vectors, presence, reused]).toEqual([fresh.vectors, fresh.presence, texts.length]);
    expect(learnt.sort((a, b) => a - b)).toEqual(texts.flatMap((_, row) => (row % 2 === 1 ? [row] : [])));
    await store.close();
  });

  it("changes no vector beyond 1e-5 by what a batch holds", async () => {
    const { vectors: reference } = await encode();
    const backwards = Uint32Array.from(texts, (_, i) => texts.length - 1 - i);
    for (const changes of [{ budget: 1 }, { budget: 1e6, together: 500 }, { order: backwards }]) {
      const { vectors } = await encode(changes);
      const worst = vectors.values.reduce((most, value, j) => Math.max(most, Math.abs(value - reference.values[j])), 0);
      expect(worst).toBeLessThan(1e-5);
    }
  });

  it("ends every lane and throws the reason when one input breaks a batch", async () => {
    const broken = { ...manifest, dimension: 64 };
    await expect(encode({ manifest: broken, lanes: { lanes: 2, threads: 1 } })).rejects.toMatchObject({
      code: "MODEL_INVALID",
    });
  });
});

describe("planLanes", () => {
  it("takes a lane for every core up to eight, then divides the cores", () => {
    expect([1, 2, 8, 16, 64].map(planLanes)).toEqual([
      { lanes: 1, threads: 1 },
      { lanes: 2, threads: 1 },
      { lanes: 8, threads: 1 },
      { lanes: 8, threads: 2 },
      { lanes: 8, threads: 8 },
    ]);
  });
});

describe("longestFirst", () => {
  it("is the stable order by falling length of the rows that have one", async () => {
    const lengths = Array.from({ length: 9000 }, (_, row) => (row * 7919) % 23);
    const expected = lengths
      .map((length, row) => ({ length, row }))
      .filter(({ length }) => length > 0)
      .sort((a, b) => b.length - a.length || a.row - b.row);
    const order = await longestFirst(lengths.length, (row) => lengths[row]);
    expect(Array.from(order)).toEqual(expected.map(({ row }) => row));
    expect(Array.from(await longestFirst(3, (row) => 65_530 + 5 * row))).toEqual([1, 2, 0]);
  });
});

describe("tokenRuns", () => {
  it("keeps every run within the budget of padded tokens, or at one sequence, and loses none", () => {
    const sequences = Array.from({ length: 300 }, (_, index) => ({
      index,
      ids: new Array<number>(1 + ((index * 31) % 700)).fill(7),
    }));
    const runs = tokenRuns(sequences);
    for (const run of runs) {
      const padded = run.length * Math.max(...run.map(({ ids }) => ids.length));
      expect(run.length === 1 || padded <= 512).toBe(true);
    }
    expect(
      runs
        .flat()
        .map(({ index }) => index)
        .sort((a, b) => a - b),
    ).toEqual(sequences.map(({ index }) => index));
  });
});
