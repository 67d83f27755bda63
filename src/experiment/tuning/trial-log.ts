/**
 * The trials of a search as they end, one JSON line each, only ever appended. A search that was killed goes on after its last whole
 * line; a file of another search (another seed, space, pipeline or data) is refused.
 */
import { appendFile, readFile } from "node:fs/promises";
import { z } from "zod";
import { writeFileAtomic } from "../../data/files/atomic-write.ts";
import { writing } from "../../data/files/output-failure.ts";
import { TailrecError } from "../../errors.ts";
import { readError } from "../../file-errors.ts";

const headerSchema = z.strictObject({ format: z.literal("tailrec-trials"), version: z.literal(2), search: z.string() });

const trialSchema = z.strictObject({
  trial: z.int().min(0),
  level: z.literal([0, 1, 2]),
  values: z.record(z.string(), z.union([z.number(), z.string()])),
  known: z.number(),
  launched: z.number(),
  objective: z.number(),
  seconds: z.number(),
  /** Why there are no figures. */
  failed: z.string().optional(),
});

/** One configuration at one level. */
export type TrialRecord = z.output<typeof trialSchema>;

export interface TrialLog {
  readonly records: readonly TrialRecord[];
  append(record: TrialRecord): Promise<void>;
}

/** Opens or begins the log at `path`; `search` is the digest of whatever the trials depend on. INVALID_ARGUMENT, OUTPUT_FAILED. */
export async function openTrialLog(path: string, search: string): Promise<TrialLog> {
  const lines = await wholeLines(path);
  const records = lines.length === 0 ? [] : readRecords(lines, search, path);
  const header = { format: "tailrec-trials", version: 2, search };
  const kept = lines.length === 0 ? [JSON.stringify(header)] : lines;
  // Whole, or as it was: a kill while the log is opened loses no trial.
  await writeFileAtomic(path, `${kept.join("\n")}\n`);
  return {
    records,
    append: (record) => writing(path, () => appendFile(path, `${JSON.stringify(record)}\n`)),
  };
}

/** Whoever was killed while writing leaves a line without its end: that trial is done again. */
async function wholeLines(path: string): Promise<string[]> {
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT" || error.code === "ENOTDIR") return "";
    throw readError(path, error);
  });
  return text
    .slice(0, text.lastIndexOf("\n") + 1)
    .split("\n")
    .filter((line) => line !== "");
}

function readRecords([first, ...rest]: readonly string[], search: string, path: string): TrialRecord[] {
  const header = headerSchema.safeParse(jsonOf(first));
  if (!header.success) throw refused(path, "it is no trials file");
  if (header.data.search !== search)
    throw refused(path, "it is of another search: seed, space, pipeline or data have changed");
  return rest.map((line, i) => {
    const record = trialSchema.safeParse(jsonOf(line));
    if (record.success) return record.data;
    throw refused(path, `line ${i + 2} is not a trial`);
  });
}

function refused(path: string, reason: string): TailrecError {
  return new TailrecError(
    "INVALID_ARGUMENT",
    `${path}: ${reason}; remove it to begin anew, or choose another output folder`,
  );
}

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
