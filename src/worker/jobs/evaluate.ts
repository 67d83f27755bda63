/**
 * The job `evaluate`: a user's held-out items to their ranks among all items, by the vectors of every model of a question
 * (`execution/ranking-question.ts`). A row depends on no other, and the ranks are those of one process.
 */
import { rankTargets } from "../../evaluation/ranking/measurement.ts";
import { factorRanker } from "../../evaluation/ranking/scorer.ts";
import type { TargetRanks } from "../../evaluation/ranking/target-ranks.ts";
import { queryColumn, type RankingQuestion } from "../../execution/ranking-question.ts";
import { defaultBackend } from "../../math/compute/backend.ts";
import { type Matrix, type SparseMatrix, zeros } from "../../math/matrix.ts";
import type { RunContext } from "../../run-context.ts";
import type { OpenedJob } from "../job.ts";
import { type InputRows, type OutputRow, QUARANTINE } from "../record.ts";

const [ROW, TRAIN, TEST] = ["row", "train", "test"];

/** In: row, train and test (rows of items), a query vector a model. Out: row, ranks (model by set by target), lists (model by place). */
export function openEvaluate(question: RankingQuestion, { signal }: RunContext): OpenedJob {
  const { contenders } = question;
  return {
    needs: [ROW, TRAIN, TEST, ...contenders.map((_, c) => queryColumn(c))],
    columns: [
      { name: ROW, type: "text" },
      { name: "ranks", type: "integers" },
      { name: "lists", type: "integers" },
    ],
    run: async (rows) => {
      const read = Array.from({ length: rows.rows }, (_, row) => readUser(rows, row, question));
      const users = read.flatMap((user) => ("fault" in user ? [] : [user]));
      const ranked = users.length === 0 ? [] : await rankUsers(users, question, { signal });
      const answers = answersOf(users, ranked, question);
      let next = 0;
      return read.map(
        (user): OutputRow => ("fault" in user ? { [ROW]: user.id, [QUARANTINE]: user.fault } : answers[next++]),
      );
    },
    close: async () => undefined,
  };
}

interface AskedUser {
  readonly id: string | null;
  readonly train: Float64Array;
  readonly test: Float64Array;
  /** One a model. */
  readonly queries: readonly Float64Array[];
}

interface FaultyUser {
  readonly id: string | null;
  readonly fault: string;
}

function readUser(rows: InputRows, row: number, { contenders, items }: RankingQuestion): AskedUser | FaultyUser {
  const id = rows.text(ROW, row);
  const [train, test] = [rows.numbers(TRAIN, row), rows.numbers(TEST, row)];
  if (train === null || test === null) return { id, fault: `missing ${train === null ? TRAIN : TEST}` };
  if (test.length === 0) return { id, fault: "nothing is held out" };
  const wrong = [...train, ...test].find((item) => !(Number.isInteger(item) && item >= 0 && item < items));
  if (wrong !== undefined) return { id, fault: `item ${wrong}: expected a row in 0..${items - 1}` };
  const queries: Float64Array[] = [];
  for (const [c, { name, items: vectors }] of contenders.entries()) {
    const query = rows.numbers(queryColumn(c), row);
    if (query?.length !== vectors.columns)
      return { id, fault: `${name}: a vector of ${query?.length ?? 0} numbers: expected ${vectors.columns}` };
    if (!query.every((value) => Number.isFinite(Math.fround(value))))
      return { id, fault: `${name}: a vector that is not finite` };
    queries.push(query);
  }
  return { id, train, test, queries };
}

async function rankUsers(
  users: readonly AskedUser[],
  { contenders, items, ...asked }: RankingQuestion,
  context: RunContext,
): Promise<TargetRanks[]> {
  const request = { ...asked, train: sparseOf(users, "train", items), test: sparseOf(users, "test", items) };
  const ranked: TargetRanks[] = [];
  for (const [c, { name, items: vectors, itemScale }] of contenders.entries()) {
    const ranker = factorRanker(queriesOf(users, c, vectors.columns), vectors, defaultBackend(), itemScale);
    ranked.push(await rankTargets({ name, ...ranker }, request, context));
  }
  return ranked;
}

function queriesOf(users: readonly AskedUser[], contender: number, columns: number): Matrix {
  const queries = zeros(users.length, columns);
  for (const [i, user] of users.entries()) queries.values.set(user.queries[contender], i * columns);
  return queries;
}

/** The lists in their own order: ranks stand as the targets do. */
function sparseOf(users: readonly AskedUser[], side: "train" | "test", columns: number): SparseMatrix {
  const indptr = new Uint32Array(users.length + 1);
  for (const [i, user] of users.entries()) indptr[i + 1] = indptr[i] + user[side].length;
  const indices = new Uint32Array(indptr[users.length]);
  for (const [i, user] of users.entries()) indices.set(user[side], indptr[i]);
  return { rows: users.length, columns, indptr, indices, values: new Float32Array(indices.length).fill(1) };
}

function answersOf(
  users: readonly AskedUser[],
  ranked: readonly TargetRanks[],
  { candidateSets, listLength }: RankingQuestion,
): OutputRow[] {
  let begin = 0;
  return users.map(({ id, test }, i) => {
    const end = begin + test.length;
    const ranks = Int32Array.from(
      ranked.flatMap((one) => candidateSets.flatMap((_, s) => Array.from(one.ranks[s].subarray(begin, end)))),
    );
    const lists = Int32Array.from(
      ranked.flatMap((one) => Array.from(one.lists.subarray(i * listLength, (i + 1) * listLength))),
    );
    begin = end;
    return { [ROW]: id, ranks, lists };
  });
}
