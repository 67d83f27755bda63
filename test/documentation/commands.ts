/** Commands as the pages and the help texts print them, and what each of them needs to run. */
import type { Command } from "commander";
import { vi } from "vitest";
import { createProgram } from "../../src/cli/program.ts";
import { readPages } from "./pages.ts";

/** Whole command lines of `tailrec`, each once: of fenced blocks, of code in tables and text, and of every help text. */
export async function documentedCommands(): Promise<string[]> {
  const inPages = readPages().flatMap(({ text }) => commandsOf(text));
  return [...new Set([...inPages, ...(await helpExamples())])].sort();
}

/** Lines of sh blocks, and code in backticks that names more than a verb. Words in capitals stand for something else. */
export function commandsOf(page: string): string[] {
  const blocks = [...page.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(([, block]) => block.split("\n"));
  const inline = [...page.replace(/```[\s\S]*?```/g, "").matchAll(/`(tailrec [^`]+)`/g)].map(([, code]) => code);
  const whole = inline.filter((code) => /^tailrec [a-z]+ .*[./-]/.test(code) && !/\b[A-Z]{3,}\b/.test(code));
  return [...blocks, ...whole].map((line) => line.replace(/^npx /, "").trim()).filter((line) => /^tailrec /.test(line));
}

/** The examples at the end of the help of every verb. */
export async function helpExamples(): Promise<string[]> {
  const program = await createProgram([], new AbortController().signal);
  return leavesOf(program).flatMap((command) => {
    let help = "";
    command.configureOutput({ writeOut: (text) => (help += text) }).outputHelp();
    return [...help.matchAll(/^ {2}\$ (tailrec .+)$/gm)].map(([, example]) => example);
  });
}

/** Whether the command line takes these words; nothing is run. Throws what commander throws. */
export async function parseOnly(words: readonly string[]): Promise<void> {
  const program = await createProgram(words, new AbortController().signal);
  for (const command of leavesOf(program)) command.exitOverride().action(() => undefined);
  await program.parseAsync(["node", "tailrec", ...words]);
}

/** What the command prints when it is typed in `folder`; throws what it would report. Runs in this process, which is quicker. */
export async function runHere(folder: string, words: readonly string[]): Promise<string> {
  const before = process.cwd();
  const printed: string[] = [];
  const stdout = vi.spyOn(process.stdout, "write").mockImplementation((text) => printed.push(String(text)) > 0);
  const stderr = vi.spyOn(process.stderr, "write").mockImplementation(() => true);
  process.chdir(folder);
  try {
    const program = await createProgram(words, new AbortController().signal);
    await program.parseAsync(["node", "tailrec", ...words]);
    if (process.exitCode) throw new Error(`exit status ${process.exitCode}: ${printed.join("")}`);
    return printed.join("");
  } finally {
    process.exitCode = 0;
    process.chdir(before);
    stdout.mockRestore();
    stderr.mockRestore();
  }
}

/** The words of a command line, without its name and without where its output goes; quotes of the shell hold words together. */
export function wordsOf(line: string): string[] {
  const words = line.replace(/ > \S+$/, "").match(/(?:'[^']*'|\S)+/g) ?? [];
  return words.slice(1).map((word) => word.replaceAll("'", ""));
}

function leavesOf(command: Command): Command[] {
  return command.commands.length === 0 ? [command] : command.commands.flatMap((inner) => leavesOf(inner));
}
