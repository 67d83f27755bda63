#!/usr/bin/env node
/**
 * The command `tailrec`, and the one place that catches: a TailrecError becomes one message on stderr and the exit status of
 * the error table; wrong usage ends with 2, anything else is a fault of ours (1).
 */
import { CommanderError } from "commander";
import { outputFailed } from "../data/files/output-failure.ts";
import { ERROR_TABLE, TailrecError } from "../errors.ts";
import { createProgram } from "./program.ts";

const interruption = new AbortController();
/** For a verb to end by itself. Containers wait ten seconds before they kill. */
const PATIENCE_MS = 8_000;
const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
for (const signal of signals) process.on(signal, interrupt);
// What a reader does not want to see (`tailrec similar ... | head`) is no failure; what a full disk lost is one.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") process.exitCode = report(outputFailed("standard output", error));
});
// Progress that nobody can see is no reason to end, and nothing is left to say so with.
process.stderr.on("error", () => undefined);

try {
  const program = await createProgram(process.argv.slice(2), interruption.signal);
  await program.parseAsync(process.argv);
} catch (error) {
  process.exitCode = report(error);
}

/**
 * Only the first signal asks politely; the second finds no listener and ends the process. It is given by ourselves where a verb does not
 * heed the first: what it was writing is finished or removed by the next.
 */
function interrupt(signal: NodeJS.Signals): void {
  for (const other of signals) process.removeListener(other, interrupt);
  interruption.abort();
  setTimeout(() => {
    report(new TailrecError("INTERRUPTED", "the command was cancelled"));
    process.kill(process.pid, signal);
  }, PATIENCE_MS).unref();
}

/** Says what went wrong and returns the exit status. Commander has already printed its own messages. */
function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  // A progress bar may still stand on this line.
  if (process.stderr.isTTY) process.stderr.write("\r\u001b[2K");
  const code = error instanceof TailrecError ? error.code : "INTERNAL";
  process.stderr.write(`tailrec: ${code}: ${error instanceof Error ? error.message : String(error)}\n`);
  if (process.env.TAILREC_DEBUG && error instanceof Error) process.stderr.write(`${describeChain(error)}\n`);
  else if (code === "INTERNAL") process.stderr.write("Set TAILREC_DEBUG=1 for the stack, and please report it.\n");
  return ERROR_TABLE[code].exit;
}

/** The stack of the error and of each of its causes. */
function describeChain(error: Error): string {
  const cause = error.cause instanceof Error ? `\ncaused by ${describeChain(error.cause)}` : "";
  return `${error.stack ?? error.message}${cause}`;
}
