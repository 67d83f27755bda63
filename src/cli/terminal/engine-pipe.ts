/**
 * How a run asks the engine that started it: a line of JSON on standard output names a folder with a question, and a line on standard
 * input says that its answers are there. Whoever reads the answers finds out whether they are.
 */
import { createInterface } from "node:readline";
import { printOut } from "./standard-output.ts";

export interface EnginePipe {
  /** Ends with the engine's line, or when nobody listens any more. */
  rank(folder: string): Promise<void>;
  addUp(folder: string): Promise<void>;
  close(): void;
}

export function openEnginePipe(): EnginePipe {
  const lines = createInterface({ input: process.stdin });
  const answers = lines[Symbol.asyncIterator]();
  const ask = (what: string) => async (folder: string) => {
    printOut(`${JSON.stringify({ [what]: folder })}\n`);
    await answers.next();
  };
  return {
    rank: ask("rank"),
    addUp: ask("addUp"),
    close: () => {
      lines.close();
      process.stdin.destroy();
    },
  };
}
