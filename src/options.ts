/**
 * The one place where options meet their zod schema: unknown keys and wrong values become INVALID_OPTIONS,
 * with the path of the key and the nearest known name.
 */
import type { z } from "zod";
import { TailrecError } from "./errors.ts";
import { excerpt } from "./excerpt.ts";

/** Parses `value` by `schema`, filling defaults. `where` names the stage in the message, e.g. "als". */
export function parseOptions<S extends z.ZodType>(schema: S, value: unknown, where: string): z.output<S> {
  const { value: current, notes } = withoutRetired(schema, value);
  for (const note of notes) process.emitWarning(`${where}: ${note}`);
  const parsed = schema.safeParse(current);
  if (parsed.success) return parsed.data;
  const { shown, more } = describeIssues(parsed.error.issues, schema, current);
  const lines = [...shown.map(({ message }) => message), ...(more > 0 ? [`and ${more} more`] : [])];
  throw new TailrecError("INVALID_OPTIONS", `${where}: ${lines.join("; ")}`, { cause: parsed.error });
}

/**
 * The value without the keys that its schema calls retired (`.meta({ retired: { key: successor } })`), and a note on each. Files of
 * earlier versions go on working, and say what has changed.
 */
export function withoutRetired(
  schema: z.ZodType,
  value: unknown,
  path = "",
): { readonly value: unknown; readonly notes: readonly string[] } {
  const definition = schema.def as SchemaDefinition;
  const inner = definition.innerType ?? definition.in;
  if (inner !== undefined) return withoutRetired(inner, value, path);
  if (definition.shape === undefined || typeof value !== "object" || value === null) return { value, notes: [] };
  const retired = (schema.meta()?.retired ?? {}) as Readonly<Record<string, string>>;
  const notes: string[] = [];
  const kept: [string, unknown][] = [];
  for (const [key, own] of Object.entries(value)) {
    const place = path === "" ? key : `${path}.${key}`;
    if (Object.hasOwn(retired, key)) {
      notes.push(`"${place}" is no longer an option and has no effect; "${retired[key]}" took its place`);
      continue;
    }
    const child = Object.hasOwn(definition.shape, key) ? withoutRetired(definition.shape[key], own, place) : undefined;
    kept.push([key, child === undefined ? own : child.value]);
    notes.push(...(child?.notes ?? []));
  }
  return notes.length === 0 ? { value, notes } : { value: Object.fromEntries(kept), notes };
}

export interface OptionProblem {
  /** Where in the value; for an unknown key, the key itself. */
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** A message of thousands of problems helps nobody. */
const SHOWN_PROBLEMS = 20;

/** What is wrong with `value`, in words: the first problems, an unknown key each, and how many more there are. */
export function describeIssues(
  issues: readonly z.core.$ZodIssue[],
  schema: z.ZodType,
  value: unknown,
): { readonly shown: readonly OptionProblem[]; readonly more: number } {
  const problems = issues.flatMap((issue) => describeIssue(issue, schema, value));
  return { shown: problems.slice(0, SHOWN_PROBLEMS), more: Math.max(0, problems.length - SHOWN_PROBLEMS) };
}

function describeIssue(issue: z.core.$ZodIssue, schema: z.ZodType, value: unknown): OptionProblem[] {
  if (issue.code === "invalid_union") return describeUnion(issue, schema, value);
  if (issue.code !== "unrecognized_keys") return [problemAt(issue.path, issue.message)];
  const known = knownKeys(schema, issue.path, value);
  return issue.keys.map((key) => {
    const path = [...issue.path, key];
    const near = nearestName(key, known);
    const remedy = near === undefined ? `known keys: ${known.join(", ")}` : `did you mean "${near}"?`;
    return { path, message: `unknown key "${excerpt(path.join("."))}", ${remedy}` };
  });
}

/** The alternative that was meant is the first whose type fits; when none does, each says what it expected. */
function describeUnion(union: z.core.$ZodIssueInvalidUnion, schema: z.ZodType, value: unknown): OptionProblem[] {
  const isOther = (issue: z.core.$ZodIssue) => issue.code === "invalid_type" && issue.path.length === 0;
  const meant = union.errors.find((issues) => !issues.some(isOther));
  if (meant === undefined) {
    const expected = union.errors.flat().map(({ message }) => message);
    return [problemAt(union.path, expected.join(", or ") || union.message)];
  }
  return meant.flatMap((issue) => describeIssue({ ...issue, path: [...union.path, ...issue.path] }, schema, value));
}

function problemAt(path: readonly PropertyKey[], message: string): OptionProblem {
  return { path, message: `${path.join(".") || "value"}: ${message}` };
}

interface SchemaDefinition {
  readonly shape?: Readonly<Record<string, z.ZodType>>;
  readonly innerType?: z.ZodType;
  readonly in?: z.ZodType;
  readonly element?: z.ZodType;
  readonly valueType?: z.ZodType;
  readonly options?: readonly z.ZodType[];
  readonly discriminator?: string;
}

/** The keys that the object schema at `path` accepts; looks through defaults, optionals, arrays, records and unions. */
function knownKeys(schema: z.ZodType, path: readonly PropertyKey[], value: unknown): string[] {
  const definition = schema.def as SchemaDefinition;
  const inner = definition.innerType ?? definition.in;
  if (inner !== undefined) return knownKeys(inner, path, value);
  if (definition.options !== undefined) {
    return alternatives(definition, value).flatMap((option) => knownKeys(option, path, value));
  }
  if (path.length === 0) return Object.keys(definition.shape ?? {});
  const child = definition.shape?.[String(path[0])] ?? definition.element ?? definition.valueType;
  return child === undefined ? [] : knownKeys(child, path.slice(1), memberOf(value, path[0]));
}

/** Those of a union that the value may be: where one key tells its kind, that kind alone. */
function alternatives({ options = [], discriminator }: SchemaDefinition, value: unknown): readonly z.ZodType[] {
  if (discriminator === undefined) return options;
  const kind = memberOf(value, discriminator);
  return options.filter((option) => (option.def as SchemaDefinition).shape?.[discriminator]?.safeParse(kind).success);
}

function memberOf(value: unknown, key: PropertyKey): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined;
}

/** The candidate within edit distance 1/3 of the name's length (at least 2), nearest first; undefined when none is. */
export function nearestName(name: string, candidates: readonly string[]): string | undefined {
  const limit = Math.max(2, Math.floor(name.length / 3));
  let best: string | undefined;
  let bestDistance = limit + 1;
  for (const candidate of candidates) {
    // Lengths alone may tell, and a name of somebody else's may be very long.
    if (Math.abs(candidate.length - name.length) > limit) continue;
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** Levenshtein distance, one row at a time. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = previous[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      current.push(Math.min(substitution, previous[j] + 1, current[j - 1] + 1));
    }
    previous = current;
  }
  return previous[b.length];
}

/** One line for a stored document that does not fit its schema: the path and the problem of every issue. */
export function describeMismatch(error: z.ZodError): string {
  return error.issues.map(({ path, message }) => `${path.join(".") || "document"}: ${message}`).join("; ");
}
