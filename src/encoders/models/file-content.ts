/** Files that stand for others: what Git leaves in a folder whose large files were never fetched. */
import { open } from "node:fs/promises";
import { TailrecError } from "../../errors.ts";
import { readError } from "../../file-errors.ts";

/** The first line of a pointer file of Git LFS, and of Git Xet. */
const POINTER = /^(version https:\/\/(git-lfs\.github\.com|hawser\.github\.com)\/|# xet version )/;
const HEAD_BYTES = 128;

/** MODEL_INVALID when the file is a pointer, or empty. Errors of the system as `readError` has them. */
export async function requireContent(path: string): Promise<void> {
  const head = await headOf(path);
  if (head === "") throw new TailrecError("MODEL_INVALID", `${path} is empty; copy or download it again`);
  if (!POINTER.test(head)) return;
  throw new TailrecError(
    "MODEL_INVALID",
    `${path} is a Git LFS pointer, not the file itself; run "git lfs pull" in its folder, or download the file`,
  );
}

async function headOf(path: string): Promise<string> {
  const file = await open(path, "r").catch((cause: unknown) => {
    throw readError(path, cause);
  });
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
    return buffer.toString("latin1", 0, bytesRead);
  } catch (cause) {
    throw readError(path, cause);
  } finally {
    await file.close();
  }
}
