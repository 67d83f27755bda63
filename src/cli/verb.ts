/** What every verb has: a description, an example in its help, --json, --quiet, and checked arguments. */
import { type Command, InvalidArgumentError, Option } from "commander";

/** Adds a verb. `usage` is its name with positional arguments; `examples` are whole command lines. */
export function addVerb(program: Command, usage: string, summary: string, examples: readonly string[]): Command {
  return program
    .command(usage)
    .description(summary)
    .option("--json", "print one JSON document on stdout and nothing else")
    .option("--quiet", "print only the answer, no progress")
    .addHelpText("after", ["", "Examples:", ...examples.map((example) => `  $ ${example}`)].join("\n"));
}

/** --count of the verbs that list. */
export function countOption(): Option {
  return new Option("--count <number>", "how many items to list").argParser(parseCount).default(10);
}

/** --tail of the verbs that list for users. */
export function tailOption(): Option {
  const words = "0: popular items first, 1: no regard to popularity (default: the bundle's own)";
  return new Option("--tail <share>", words).argParser(parseShare);
}

/** --new-places of the verbs that list for users. */
export function newPlacesOption(): Option {
  return new Option("--new-places <share>", "share of a user's places that is kept for new items").argParser(
    parseShare,
  );
}

/** --filter, --rules and --no-strict of the verbs that list. */
export function addRuleOptions(command: Command): Command {
  return command
    .addOption(
      new Option("--filter <json>", `what attributes of a listed item must be, as '{"price":{"$lt":50}}'`).argParser(
        parseJson,
      ),
    )
    .option("--rules <file>", "rules of the shop, in place of those that the bundle keeps")
    .option("--no-strict", "where filter and rules leave fewer items than asked for, the fallback fills the list");
}

export interface RuleArguments {
  readonly filter?: Readonly<Record<string, unknown>>;
  readonly rules?: string;
  readonly strict: boolean;
}

/** A JSON object. */
export function parseJson(text: string): Record<string, unknown> {
  const value = jsonIn(text);
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return { ...value };
  throw new InvalidArgumentError(`expected JSON such as '{"brand":"Acme"}', in quotes of the shell.`);
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Beside the output, in the current directory. */
export const defaultCacheFolder = ".cache/tailrec";

/** Where a vector store is, and how long it may take. */
export function addStoreOptions(command: Command): Command {
  return command
    .option("--collection <name>", "name of the collection in the store")
    .option("--secret-file <file>", "file with the store's password or key (or TAILREC_STORE_SECRET)")
    .option("--timeout <seconds>", "a call to the store that takes longer has failed", parseCount, 30);
}

export interface StoreArguments {
  readonly collection?: string;
  readonly secretFile?: string;
  readonly timeout: number;
}

/** --bundle, which most verbs need. */
export function bundleOption(): Option {
  return new Option("--bundle <folder>", "bundle that `tailrec run` wrote").makeOptionMandatory();
}

/** The command line without the path of the program, arguments quoted where a shell needs it. */
export function typedCommand(argv: readonly string[]): string {
  const quoted = argv
    .slice(2)
    .map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`));
  return ["tailrec", ...quoted].join(" ");
}

/** A whole number of at least 1. */
export function parseCount(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError("expected a whole number of at least 1.");
  return value;
}

/** A whole number of at least 0. */
export function parseWhole(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isInteger(value) || value < 0) {
    throw new InvalidArgumentError("expected a whole number of at least 0.");
  }
  return value;
}

/** A number above 0. */
export function parsePositive(text: string): number {
  const value = Number(text);
  if (!(value > 0 && Number.isFinite(value))) throw new InvalidArgumentError("expected a number above 0.");
  return value;
}

/** A number from 0 to 1. */
export function parseShare(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !(value >= 0 && value <= 1))
    throw new InvalidArgumentError("expected a number from 0 to 1.");
  return value;
}

/** Comma-separated ids; a comma inside an id is written "\,". */
export function parseIds(text: string): string[] {
  const ids = text.split(/(?<!\\),/).map((id) => id.replaceAll("\\,", ",").trim());
  if (ids.some((id) => id === "")) throw new InvalidArgumentError("expected ids separated by commas.");
  return ids;
}

/** Comma-separated name=value pairs; a comma inside a value is written "\\,". */
export function parsePairs(text: string): Record<string, string> {
  const pairs = text.split(/(?<!\\),/).map((pair) => /^\s*([^=]+?)\s*=\s*(.+?)\s*$/.exec(pair.replaceAll("\\,", ",")));
  if (pairs.some((pair) => pair === null)) throw new InvalidArgumentError("expected name=value, separated by commas.");
  return Object.fromEntries(pairs.flatMap((pair) => (pair === null ? [] : [[pair[1], pair[2]]])));
}
