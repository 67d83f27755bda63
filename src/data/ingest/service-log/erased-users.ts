/**
 * The file `erased.jsonl` of a service's log: users who were erased, by the SHA-256 of their id, so that it names nobody. What they did
 * up to then is read from no other file either.
 */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { z } from "zod";
import { TailrecError } from "../../../errors.ts";
import type { Interactions } from "../../interactions.ts";
import { type LogRecord, readRecordLog } from "./record-lines.ts";

const schema = z.object({ user: z.string(), time: z.iso.datetime() });

/** When each was erased, in seconds since the epoch, by the hash of the id. */
export type ErasedUsers = ReadonlyMap<string, number>;

export function hashOfUser(id: string): string {
  return createHash("sha256").update(id).digest("hex");
}

export function erasedUsers(records: readonly LogRecord[]): Map<string, number> {
  return new Map(
    records.map((record) => {
      const { user, time } = schema.parse(record);
      return [user, Date.parse(time) / 1000];
    }),
  );
}

/** Nobody where the log has no such file. Errors: those of `readRecordLog`. */
export async function readErasedUsers(folder: string): Promise<ErasedUsers> {
  try {
    return erasedUsers(await readRecordLog(join(folder, "erased.jsonl")));
  } catch (error) {
    if (error instanceof TailrecError && error.code === "FILE_NOT_FOUND") return new Map();
    throw error;
  }
}

/** Whether a user's row comes from later than `seconds` alone; not where it has no times. */
export function isAllLater({ indptr, times }: Interactions, row: number, seconds: number): boolean {
  return times?.subarray(indptr[row], indptr[row + 1]).every((time) => time > seconds) ?? false;
}

/** The ids of a matrix's rows, those of erased users replaced by "erased-ROW": what is left of them is a row that names nobody. */
export function withoutErased(
  userIds: readonly string[],
  interactions: Interactions,
  erased: ErasedUsers,
): readonly string[] {
  if (erased.size === 0) return userIds;
  return userIds.map((id, row) => {
    const seconds = erased.get(hashOfUser(id));
    return seconds === undefined || isAllLater(interactions, row, seconds) ? id : `erased-${row}`;
  });
}
