/**
 * How one command talks: its answer on stdout, once, as text or (under --json) as one JSON document. Progress goes
 * to stderr, and none under --quiet or --json.
 */
import type { RunContext } from "../../run-context.ts";
import { createProgressDisplay } from "./progress.ts";
import { printOut } from "./standard-output.ts";
import { type Style, styleFor } from "./style.ts";

export interface CommonOptions {
  readonly json?: boolean;
  readonly quiet?: boolean;
}

export interface Session {
  /** Progress and cancellation, to be handed to every long call. */
  readonly context: RunContext;
  /** The answer: `text` is asked for its lines only when people read them. */
  answer(document: unknown, text: (style: Style) => readonly string[]): void;
  /** JSON lines for the next program, or one document under --json; what people read goes to stderr, unless --quiet is given. */
  pipe(document: unknown, lines: Iterable<string>, text: (style: Style) => readonly string[]): void;
}

export function openSession(options: CommonOptions, signal: AbortSignal): Session {
  const silent = options.json === true || options.quiet === true;
  const progress = createProgressDisplay({
    interactive: process.stderr.isTTY === true,
    width: process.stderr.columns ?? 80,
    write: (text) => process.stderr.write(text),
    now: () => performance.now(),
  });
  const answer: Session["answer"] = (document, text) => {
    progress.finish();
    const style = styleFor(process.stdout, process.env);
    printOut(options.json ? `${toJson(document)}\n` : `${text(style).join("\n")}\n`);
  };
  return {
    context: silent ? { signal } : { signal, onProgress: progress.show },
    answer,
    pipe: (document, lines, text) => {
      if (options.json) return answer(document, () => []);
      progress.finish();
      for (const part of lines) printOut(part);
      if (!silent) process.stderr.write(`${text(styleFor(process.stderr, process.env)).join("\n")}\n`);
    },
  };
}

/** JSON with typed arrays as lists and numbers that JSON cannot hold (NaN, infinities) as null. */
export function toJson(document: unknown): string {
  return JSON.stringify(document, (_, value: unknown) => (isTypedArray(value) ? Array.from(value) : value), 2);
}

function isTypedArray(value: unknown): value is ArrayLike<number> {
  return ArrayBuffer.isView(value) && !(value instanceof DataView);
}
