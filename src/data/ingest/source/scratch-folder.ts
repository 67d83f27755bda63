/** A temporary folder that comes into being with its first file and goes away with all of them. */
import { join } from "node:path";
import { TailrecError } from "../../../errors.ts";
import { messageOf } from "../../../file-errors.ts";
import type { StagingFolder } from "../../files/staging-folder.ts";
import { openTemporaryFolder } from "../../files/temporary-folder.ts";

export interface ScratchFolder {
  /** The path of a new file. OUTPUT_FAILED where no temporary folder can be made. */
  file(): Promise<string>;
  close(): Promise<void>;
}

export function createScratchFolder(): ScratchFolder {
  let folder: Promise<StagingFolder> | undefined;
  let files = 0;
  return {
    file: async () => {
      folder ??= openTemporaryFolder();
      return join((await folder).path, `part-${files++}`);
    },
    close: async () => {
      const opened = await folder?.catch(() => undefined);
      await opened?.close();
    },
  };
}

/** What writing a temporary file ends in, as an error of ours. */
export function scratchFailed(path: string, cause: unknown): TailrecError {
  if (cause instanceof TailrecError) return cause;
  const message = `could not write a temporary copy at ${path} (${messageOf(cause)}); set TMPDIR to a folder with space`;
  return new TailrecError("OUTPUT_FAILED", message, { cause });
}
