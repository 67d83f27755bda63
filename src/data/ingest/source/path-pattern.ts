/**
 * Files by a pattern as shells know them: `*` and `?` within a name, `[abc]` and `[!a-z]`, `{csv,tsv}`, and `**` for any number of
 * folders. Names that begin with a dot are matched by patterns that do. Linked folders are entered by name, never by `**`.
 */
import type { Dirent } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join, parse, sep } from "node:path";
import { TailrecError } from "../../../errors.ts";
import { readError } from "../../../file-errors.ts";

export function isPattern(path: string): boolean {
  return /[*?[{]/.test(path);
}

/** Absolute paths of the files that match the absolute pattern, in the order of their names. Throws as `readError` says. */
export async function matchingFiles(pattern: string): Promise<string[]> {
  const { root } = parse(pattern);
  const steps = pattern.slice(root.length).split(sep === "/" ? /\/+/ : /[/\\]+/);
  const first = steps.findIndex(isPattern);
  const folder = join(root, ...steps.slice(0, first));
  return inNameOrder(await matchBelow(folder, steps.slice(first)));
}

/** Every file below the folder; names that begin with a dot or an underscore, as `_SUCCESS`, are none of the data. */
export async function filesOfFolder(folder: string): Promise<string[]> {
  const entries = (await entriesOf(folder)).filter(({ name }) => !/^[._]/.test(name));
  const found: string[] = [];
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) found.push(...(await filesOfFolder(path)));
    else if (entry.isFile() || (entry.isSymbolicLink() && (await isFile(path)))) found.push(path);
  }
  return inNameOrder(found);
}

/** `part-2` before `part-10`, the same on every machine. */
function inNameOrder(paths: readonly string[]): string[] {
  const order = new Intl.Collator("en", { numeric: true });
  return [...new Set(paths)].sort((a, b) => order.compare(a, b) || (a < b ? -1 : 1));
}

async function matchBelow(folder: string, [step, ...rest]: readonly string[]): Promise<string[]> {
  if (step === "**") {
    const folders = (await entriesOf(folder)).filter((entry) => entry.isDirectory() && !entry.name.startsWith("."));
    const deeper = folders.map(({ name }) => matchBelow(join(folder, name), [step, ...rest]));
    const here = rest.length === 0 ? filesOfFolder(folder) : matchBelow(folder, rest);
    return (await Promise.all([here, ...deeper])).flat();
  }
  const matches = nameTest(step);
  const names = isPattern(step) ? (await entriesOf(folder)).map(({ name }) => name).filter(matches) : [step];
  const found: string[] = [];
  for (const path of names.map((name) => join(folder, name))) {
    if (rest.length === 0) found.push(...((await isFile(path)) ? [path] : []));
    else if (await isFolder(path)) found.push(...(await matchBelow(path, rest)));
  }
  return found;
}

function nameTest(step: string): (name: string) => boolean {
  const source = step.replaceAll(/\[!?[^\]]+\]|\{[^{}]*\}|[\s\S]/g, (token) => {
    if (token === "*") return ".*";
    if (token === "?") return ".";
    if (/^\[.*\]$/.test(token)) return token.replace(/^\[!/, "[^").replaceAll("\\", "\\\\");
    if (/^\{.*\}$/.test(token)) return `(?:${token.slice(1, -1).split(",").map(escaped).join("|")})`;
    return escaped(token);
  });
  const expression = expressionOf(source, step);
  return (name) => expression.test(name) && (step.startsWith(".") || !name.startsWith("."));
}

function expressionOf(source: string, step: string): RegExp {
  try {
    return new RegExp(`^${source}$`, "su");
  } catch (cause) {
    throw new TailrecError("FILE_NOT_FOUND", `"${step}" is no file and no pattern; check its brackets`, { cause });
  }
}

function escaped(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
}

async function entriesOf(folder: string): Promise<Dirent[]> {
  return readdir(folder, { withFileTypes: true }).catch((cause: unknown) => {
    throw readError(folder, cause);
  });
}

async function isFile(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found?.isFile() === true;
}

async function isFolder(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found?.isDirectory() === true;
}
