/** The events of a service's log on top of the interactions that a run reads: in the same unit, by the same rules as in an update. */
import { join } from "node:path";
import { openTemporaryFolder } from "../../files/temporary-folder.ts";
import { itemSupport } from "../../interactions.ts";
import type { IngestedInteractions, InteractionsContext } from "../ingest-interactions.ts";
import { ingestLaterInteractions } from "../ingest-later.ts";
import type { ParsedIngestOptions } from "../ingest-options.ts";
import { openSource } from "../source/source-file.ts";
import { loggedMapping, readLoggedEvents, writeEvents } from "./logged-events.ts";

export interface LogItems {
  readonly folder: string;
  readonly itemIds: readonly string[];
  readonly deletedIds: readonly string[];
}

export interface IngestedLog {
  /** Those of the file and of the log. */
  readonly met: IngestedInteractions;
  readonly file: string;
  readonly rows: number;
  readonly rejected: number;
  readonly seenEvents: number;
}

/** Errors: those of `readRecordLog`, TOO_MANY_REJECTS, and as `ingestInteractionsFile` throws. */
export async function ingestLoggedEvents(
  met: IngestedInteractions,
  { folder, itemIds, deletedIds }: LogItems,
  data: Pick<ParsedIngestOptions, "interactions" | "maximumRejectedShare">,
  context: InteractionsContext,
): Promise<IngestedLog> {
  const file = join(folder, "events.jsonl");
  const { events, seen: seenEvents } = await readLoggedEvents(folder, met.interactions);
  if (events.length === 0) return { met, file, rows: 0, rejected: 0, seenEvents };
  const temporary = await openTemporaryFolder();
  try {
    const source = { ...(await openSource({ path: await writeEvents(temporary.path, events) })), path: file };
    const { weightUnit: unit, decay } = met.report;
    const earlier = { ...met, itemIds, deletedIds, weighing: { unit, latest: decay?.latest } };
    const mapping = { ...loggedMapping(data), path: file };
    const later = await ingestLaterInteractions(source, mapping, earlier, data.maximumRejectedShare, context);
    return { met: joined(met, later), file, rows: later.report.rows, rejected: later.report.rejected, seenEvents };
  } finally {
    await temporary.close();
  }
}

function joined(
  met: IngestedInteractions,
  later: Awaited<ReturnType<typeof ingestLaterInteractions>>,
): IngestedInteractions {
  const { interactions, userIds } = later;
  const { decay = met.report.decay } = later.report;
  const itemsWithoutInteractions = itemSupport(interactions).filter((support) => support === 0).length;
  const counts = { users: interactions.rows, pairs: interactions.indices.length, itemsWithoutInteractions };
  return {
    interactions,
    userIds,
    report: { ...met.report, ...counts, ...(decay && { decay }) },
    rejects: [...met.rejects, ...later.rejects],
    outliers: [...met.outliers, ...later.outliers],
    notes: [...met.notes, ...later.notes],
  };
}
