/** An update from folder to folder: the bundle is put in place with what was left out, both or neither. */
import { dirname, join, resolve } from "node:path";
import { BUNDLE_FILES, bundleContent, loadBundle } from "../../bundle/bundle.ts";
import { bundleMark, requireReplaceable } from "../../bundle/bundle-store.ts";
import { type FolderContent, writeTogether } from "../../data/files/atomic-write.ts";
import { requireOutsideInputs } from "../../data/files/output-paths.ts";
import { jsonLines, type ReasonSummary, type Reject, summarise } from "../../data/ingest/rejects.ts";
import { reportNotes } from "../../data/ingest/report-notes.ts";
import { TailrecError } from "../../errors.ts";
import type { UnusableInput } from "../../features/unusable-inputs.ts";
import type { RunContext } from "../../run-context.ts";
import { type UpdateCounts, type UpdateReading, type UpdateSource, updateBundle } from "./bundle-update.ts";
import { DRIFT_LIMIT } from "./drift.ts";

export interface FolderUpdate extends UpdateSource {
  /** Folder of the updated bundle; in place of the earlier one when absent. */
  readonly out?: string;
}

export interface UpdateAnswer extends UpdateCounts {
  /** Absolute. */
  readonly bundleFolder: string;
  readonly items: number;
  readonly users: number;
  /** How much the last full run has not seen, and whether another is due. */
  readonly drift: number;
  readonly isRunDue: boolean;
  /** Rows of the files that could not be used. */
  readonly rejected: number;
  /** What could not be used or was read as missing, by reason. */
  readonly summary: readonly ReasonSummary[];
  readonly notes: readonly string[];
  readonly unusable: readonly UnusableInput[];
}

/** The rejects of the last update, beside its bundle. */
export const UPDATE_REJECTS = "update-rejects.jsonl";

/** Errors: those of `updateBundle`, and OUTPUT_FAILED where another has changed the bundle meanwhile; all was left as it was. */
export async function updateBundleFolder(
  folder: string,
  { out = folder, ...source }: FolderUpdate,
  context: RunContext = {},
): Promise<UpdateAnswer> {
  const bundleFolder = resolve(out);
  const inputs = [source.interactions, source.items, source.users].filter((path) => typeof path === "string");
  const rejects = join(dirname(bundleFolder), UPDATE_REJECTS);
  await requireOutsideInputs([bundleFolder, rejects], inputs);
  await requireReplaceable(bundleFolder, BUNDLE_FILES);
  const before = await bundleMark(bundleFolder);
  const { bundle, counts, read, repeated, drift } = await updateBundle(await loadBundle(folder), source, context);
  const content = unchangedSince(before, await bundleContent(bundleFolder, bundle));
  await writeTogether([[rejects, rejectLines(read)], content]);
  const parts = rejectsOf(read);
  return {
    ...counts,
    bundleFolder,
    items: bundle.catalog.ids.length,
    users: bundle.userIds.length,
    drift,
    isRunDue: drift > DRIFT_LIMIT,
    rejected: parts.rejects.length,
    summary: summarise([...parts.rejects, ...parts.kept]),
    notes: [...notesOf(read), ...repeatedNote(repeated)],
    unusable: read.unusable,
  };
}

/** Refuses to take the place of a bundle that is no longer the one that was read. */
function unchangedSince(before: string | undefined, { folder, fill }: FolderContent): FolderContent {
  const checked = async (temporary: string): Promise<void> => {
    await fill(temporary);
    if ((await bundleMark(folder)) === before) return;
    throw new TailrecError("OUTPUT_FAILED", `the bundle ${folder} was changed while it was updated; update it again`);
  };
  return { folder, fill: checked };
}

function rejectsOf({ items, met, users }: UpdateReading): { rejects: readonly Reject[]; kept: readonly Reject[] } {
  return {
    rejects: [...(items?.report.rejects ?? []), ...(met?.rejects ?? []), ...(users?.rejects ?? [])],
    kept: [...(items?.report.missingCells ?? []), ...(met?.outliers ?? []), ...(users?.missingCells ?? [])],
  };
}

function rejectLines(read: UpdateReading): string {
  const { rejects, kept } = rejectsOf(read);
  const flagged = [
    ...rejects.map((reject) => ({ ...reject, kept: false })),
    ...[...kept, ...read.unusable].map((row) => ({ ...row, kept: true })),
  ];
  return jsonLines(flagged);
}

function repeatedNote(count: number): string[] {
  if (count === 0) return [];
  return [
    `${count} user-item pairs are in the bundle at the same time or later; where they are the same interactions, they count twice`,
  ];
}

function notesOf({ items, met, users }: UpdateReading): string[] {
  return [...(items ? reportNotes(items.report) : []), ...(met?.notes ?? []), ...(users?.notes ?? [])];
}
