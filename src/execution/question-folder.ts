/**
 * Folders in which a run asks the engine that started it. A question is filled beside its place and named by a digest of its content.
 * So it is whole or absent, an answer is never that of another question, and a second start finds the first one's.
 */
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { writing } from "../data/files/output-failure.ts";

/** What all parts share, a row for each thing that is asked, and the rows that the engine leaves. */
export const [QUESTION, ROWS, ANSWERS] = ["question.safetensors", "rows", "answers"];

/** A folder below `parent`; `fill` fills it and gives the digest that names it. OUTPUT_FAILED. */
export async function questionFolder(parent: string, fill: (folder: string) => Promise<string>): Promise<string> {
  return writing(parent, async () => {
    await mkdir(parent, { recursive: true });
    const staging = await mkdtemp(join(parent, ".question-"));
    try {
      const own = join(parent, await fill(staging));
      if (!existsSync(own)) await rename(staging, own);
      return own;
    } finally {
      await rm(staging, { recursive: true, force: true });
    }
  });
}

/** Asks once: what Spark has answered whole has a mark that it writes last. */
export async function askOnce(folder: string, ask: (folder: string) => Promise<void>): Promise<void> {
  if (!existsSync(join(folder, ANSWERS, "_SUCCESS"))) await ask(folder);
}
