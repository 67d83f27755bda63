/** Files that are needed for the length of one call, in the system's temporary folder; what a dead process left of its own goes too. */
import { tmpdir } from "node:os";
import { TailrecError } from "../../errors.ts";
import { readPlan } from "./output-plan.ts";
import { isAbandoned, openStaging, removeStaging, type StagingFolder, stagingsIn } from "./staging-folder.ts";

/** Removes from a folder, the system's temporary one if none is named, what processes that are gone left unfinished. */
export async function removeOldTemporaries(folder = tmpdir()): Promise<void> {
  for (const staging of await stagingsIn(folder)) {
    // Outputs that were about to change together are for their next writer to end.
    if ((await readPlan(staging)) === undefined && (await isAbandoned(staging))) await removeStaging(staging);
  }
}

/** A folder that stays until it is closed. OUTPUT_FAILED where there can be none. */
export async function openTemporaryFolder(folder = tmpdir()): Promise<StagingFolder> {
  return openStaging(folder).catch((cause: Error) => {
    const message = `no temporary folder at ${folder} (${cause.message}); set TMPDIR to a folder that can be written`;
    throw new TailrecError("OUTPUT_FAILED", message, { cause });
  });
}
