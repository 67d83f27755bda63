/** The answers of an engine to a ranking question, put in the places that one process would have filled. */
import { join, resolve } from "node:path";
import { listAt, parquetFilesAt, readVectorTables } from "../data/ingest/vector-tables.ts";
import { TailrecError } from "../errors.ts";
import {
  type RankingRequest,
  rowsWithTargets,
  type TargetRanks,
  unfilledRanks,
} from "../evaluation/ranking/target-ranks.ts";
import { ANSWERS } from "./question-folder.ts";

/**
 * Ranks of every contender. SHARDS_MISSING where a row has no answer, UNREADABLE_INPUT for one of another shape. A row that was answered
 * twice is taken as it comes first.
 */
export async function readAnswers(
  folder: string,
  contenders: number,
  request: RankingRequest,
): Promise<readonly TargetRanks[]> {
  const { test, listLength } = request;
  const rows = rowsWithTargets(test);
  const places = new Map(Array.from(rows, (row, place) => [String(row), place]));
  const filled = Array.from({ length: contenders }, () => unfilledRanks(request, rows.length));
  const isAnswered = new Uint8Array(rows.length);
  const columns = { texts: ["row", "quarantine"], vectors: [], integers: ["ranks", "lists"] };
  for await (const part of readVectorTables(await parquetFilesAt(join(folder, ANSWERS)), columns)) {
    for (let i = 0; i < part.rows; i++) {
      const place = places.get(part.texts.row[i] ?? "");
      if (place === undefined || isAnswered[place] === 1) continue;
      const [ranks, lists] = [listAt(part.integers.ranks, i), listAt(part.integers.lists, i)];
      const [begin, end] = [test.indptr[rows[place]], test.indptr[rows[place] + 1]];
      const length = contenders * request.candidateSets.length * (end - begin);
      if (ranks?.length !== length || lists?.length !== contenders * listLength)
        throw unsound(part.file, i, part.texts.quarantine[i]);
      isAnswered[place] = 1;
      for (const [c, target] of filled.entries()) {
        for (const [s, own] of target.ranks.entries()) {
          const from = (c * target.ranks.length + s) * (end - begin);
          // As unsigned numbers: -1 is UNRANKED.
          own.set(ranks.subarray(from, from + end - begin), begin);
        }
        target.lists.set(lists.subarray(c * listLength, (c + 1) * listLength), place * listLength);
      }
    }
  }
  requireAll(folder, isAnswered);
  return filled;
}

function requireAll(folder: string, isAnswered: Uint8Array): void {
  const missing = isAnswered.filter((flag) => flag === 0).length;
  if (missing === 0) return;
  const message = `${missing} of ${isAnswered.length} users are not ranked in ${resolve(folder)}; run python -m tailrec_spark again, or --engine local`;
  throw new TailrecError("SHARDS_MISSING", message);
}

function unsound(file: string, row: number, reason: string | null): TailrecError {
  const fault = reason ?? "ranks of another question";
  return new TailrecError("UNREADABLE_INPUT", `${file}, row ${row + 1}: ${fault}; remove its folder and rank again`);
}
