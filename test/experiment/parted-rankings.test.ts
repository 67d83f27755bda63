/** Users who are ranked in parts have the figures of one process: intervals, lists and all. */
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readWhole } from "../../src/data/files/file-parts.ts";
import { fillParquetFile, integersCell } from "../../src/data/files/parquet-file.ts";
import { listAt, parquetFilesAt, readVectorTables, type VectorRows } from "../../src/data/ingest/vector-tables.ts";
import { evaluate } from "../../src/evaluation/evaluate.ts";
import { factorRanker } from "../../src/evaluation/ranking/scorer.ts";
import { decodeQuestion, queryColumn } from "../../src/execution/ranking-question.ts";
import { rankingOf } from "../../src/experiment/parted-rankings.ts";
import type { Matrix, SparseMatrix } from "../../src/math/matrix.ts";
import { createRandom } from "../../src/math/random.ts";
import { openEvaluate } from "../../src/worker/jobs/evaluate.ts";
import { randomMatrix } from "../helpers/matrices.ts";
import { arrowBytes, type Columns, work } from "../worker/arrow-bytes.ts";

const [USERS, ITEMS] = [301, 90];
const random = createRandom(3);

/** Three items in train and up to two in test, none of them in both. */
function randomSplit(): { readonly train: SparseMatrix; readonly test: SparseMatrix } {
  const users = Array.from({ length: USERS }, (_, user) => {
    const taken = Array.from({ length: ITEMS }, (_, item) => item);
    random.shuffle(taken);
    const sorted = (items: number[]) => items.sort((a, b) => a - b);
    return { train: sorted(taken.slice(0, 3)), test: sorted(taken.slice(3, 3 + (user % 3))) };
  });
  return { train: sparseOf(users.map((user) => user.train)), test: sparseOf(users.map((user) => user.test)) };
}

function sparseOf(rows: readonly (readonly number[])[]): SparseMatrix {
  const indptr = new Uint32Array(rows.length + 1);
  for (const [i, row] of rows.entries()) indptr[i + 1] = indptr[i] + row.length;
  const indices = Uint32Array.from(rows.flat());
  return { rows: rows.length, columns: ITEMS, indptr, indices, values: new Float32Array(indices.length).fill(1) };
}

/** Small whole numbers: many scores tie. */
function coarse({ rows, columns, values }: Matrix): Matrix {
  return { rows, columns, values: values.map((value) => Math.round(value)) };
}

const split = randomSplit();
const fine = factorRanker(randomMatrix(random, USERS, 16), randomMatrix(random, ITEMS, 16));
const scale = Float32Array.from({ length: ITEMS }, (_, item) => 1 + (item % 5) / 7);
const scaled = factorRanker(randomMatrix(random, USERS, 6), randomMatrix(random, ITEMS, 6), undefined, scale);
const tied = factorRanker(coarse(randomMatrix(random, USERS, 3)), coarse(randomMatrix(random, ITEMS, 3)));
const input = {
  ...split,
  contenders: [
    { name: "fine", ...fine },
    { name: "scores", score: tied.score },
    { name: "tied", ...tied },
    { name: "scaled", ...scaled },
  ],
};
const options = {
  metrics: ["ndcg@10", "recall@5", "mrr@20"],
  listMetrics: ["item-coverage@10", "tail-share@10"],
  compare: { reference: "fine" },
  resamples: 100,
};

async function askedTable(question: string): Promise<VectorRows> {
  const columns = { texts: ["row"], vectors: [0, 1, 2].map(queryColumn), integers: ["train", "test"] };
  const parts = readVectorTables(await parquetFilesAt(join(question, "rows")), columns);
  return (await Readable.from(parts).toArray())[0] as VectorRows;
}

function columnsOf({ texts, vectors, integers }: VectorRows, rows: readonly number[]): Columns {
  const lists = (name: string) => rows.map((row) => Array.from(listAt(integers[name], row) ?? []));
  const floats = (name: string) => rows.map((row) => Array.from(listAt(vectors[name], row) ?? []));
  return {
    row: { type: "text", cells: rows.map((row) => texts.row[row]) },
    train: { type: "integers", cells: lists("train") },
    test: { type: "integers", cells: lists("test") },
    query0: { type: "floats", cells: floats("query0") },
    query1: { type: "floats", cells: floats("query1") },
    query2: { type: "floats", cells: floats("query2") },
  };
}

/** An engine of some workers: every one has the users whose place leaves its number, latest first; `lost` ones answer nothing. */
async function answer(question: string, workers: number, lost: readonly number[] = []): Promise<void> {
  const file = join(question, "question.safetensors");
  const table = await askedTable(question);
  await mkdir(join(question, "answers"));
  for (let worker = 0; worker < workers; worker++) {
    if (lost.includes(worker)) continue;
    const own = Array.from({ length: table.rows }, (_, row) => row).filter((row) => row % workers === worker);
    const job = openEvaluate(decodeQuestion(await readWhole(file), file), {});
    const { rows } = await work(job, arrowBytes(columnsOf(table, own.reverse()), [1]), 50);
    const cell = (name: string) => (row: number) => integersCell(rows[row][name] as number[]);
    const columns = [
      { name: "row", type: "text" as const },
      { name: "ranks", type: "integers" as const },
      { name: "lists", type: "integers" as const },
      { name: "quarantine", type: "text" as const },
    ];
    const cells = [(row: number) => String(rows[row].row), cell("ranks"), cell("lists"), () => null];
    await fillParquetFile(join(question, "answers", `part-${worker}.parquet`), columns, [{ rows: rows.length, cells }]);
  }
  await writeFile(join(question, "answers", "_SUCCESS"), "");
}

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "rankings-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const measure = (stageFolder: string, rankByEngine: (question: string) => Promise<void>) =>
  evaluate(input, options, { rankElsewhere: rankingOf({ folder, stageFolder, rankByEngine }) });

describe("a ranking in parts", () => {
  it.each([1, 7])("has the report of one process, by %d workers, ties and all", async (workers) => {
    const report = await measure(join(folder, String(workers)), (question) => answer(question, workers));
    expect(report).toEqual(await evaluate(input, options));
  });

  it("is asked once: a second start finds the answers, and nothing half-written beside them", async () => {
    const stageFolder = join(folder, "again");
    const asked: string[] = [];
    const engine = async (question: string) => {
      asked.push(question);
      await answer(question, 2);
    };
    const first = await measure(stageFolder, engine);
    expect(await measure(stageFolder, engine)).toEqual(first);
    expect(asked).toHaveLength(1);
    expect(await readdir(join(stageFolder, "rankings"))).toHaveLength(1);
  });

  it("is another question with other vectors", async () => {
    const stageFolder = join(folder, "other");
    const asked = new Set<string>();
    const ask = (contender: typeof fine) => {
      const engine = async (question: string) => {
        asked.add(question);
        await answer(question, 1);
      };
      const contenders = [{ name: "fine", ...contender }, input.contenders[2], input.contenders[3]];
      const rankElsewhere = rankingOf({ folder, stageFolder, rankByEngine: engine });
      return evaluate({ ...split, contenders }, options, { rankElsewhere });
    };
    await ask(fine);
    await ask(factorRanker(randomMatrix(random, USERS, 16), randomMatrix(random, ITEMS, 16)));
    expect(asked.size).toBe(2);
  });

  it("says how many users nobody has ranked", async () => {
    const lost = measure(join(folder, "lost"), (question) => answer(question, 2, [1]));
    await expect(lost).rejects.toMatchObject({ code: "SHARDS_MISSING", message: expect.stringMatching(/100 of 200/) });
  });
});

describe("the job evaluate", () => {
  it("sets broken users aside and ranks the others", async () => {
    const stageFolder = join(folder, "broken");
    let question = "";
    await measure(stageFolder, async (asked) => {
      question = asked;
      await answer(asked, 1);
    });
    const table = await askedTable(question);
    const columns = columnsOf(table, [0, 1, 2, 3, 4]);
    const cells = (name: string) => [...columns[name].cells] as number[][];
    const [test, train, query] = [cells("test"), cells("train"), cells("query0")];
    [train[0], test[1], query[2], query[3]] = [[ITEMS], [], [1], query[3].map(() => Number.NaN)];
    const broken: Columns = {
      ...columns,
      train: { type: "integers", cells: train },
      test: { type: "integers", cells: test },
      query0: { type: "floats", cells: query },
    };
    const file = join(question, "question.safetensors");
    const job = openEvaluate(decodeQuestion(await readWhole(file), file), {});
    const { rows } = await work(job, arrowBytes(broken));
    const [whole] = [await work(job, arrowBytes(columnsOf(table, [4])))];
    expect(rows.map((row) => row.quarantine)).toEqual([
      "item 90: expected a row in 0..89",
      "nothing is held out",
      "fine: a vector of 1 numbers: expected 16",
      "fine: a vector that is not finite",
      null,
    ]);
    expect(rows[4]).toEqual(whole.rows[0]);
  });

  it("refuses what is no question", () => {
    expect(() => decodeQuestion(Buffer.from("no"), "a")).toThrow(/a: /);
  });
});
