/**
 * Values deeper than a list of texts. As categories a list in a list is a path from the general to the special, "Home > Kitchen"; as
 * text all that is in it is read in its order. Objects have keys that only the pipeline can choose among: they are no category.
 */

export interface NestedCategories {
  readonly paths: readonly string[];
  /** Whether objects were left out. */
  readonly hasObjects: boolean;
}

/** What joins the steps of a path; `features` knows a path by it. */
const STEP = " > ";

/** The categories of one JSON value, a list of lists most likely. */
export function nestedCategories(json: string): NestedCategories {
  const value = parseNested(json);
  const paths = (Array.isArray(value) ? value : [value]).flatMap(pathsOf);
  return { paths, hasObjects: holdsObjects(value) };
}

/** All texts of one JSON value, those of objects behind their keys. */
export function nestedTexts(json: string): string[] {
  return textsOf(parseNested(json));
}

/**
 * The JSON of a list or an object that a cell holds as text, by JSON's rules or by Python's, as tools that know no lists write them;
 * undefined for any other text.
 */
export function writtenList(text: string): string | undefined {
  const trimmed = text.trim();
  if (!/^\[.*\]$|^\{.*\}$/s.test(trimmed)) return undefined;
  return [trimmed, fromPython(trimmed)].find((json) => parseNested(json) !== undefined);
}

/** Undefined for what is no JSON, or is nested deeper than anything but an attack. */
function parseNested(json: string): unknown {
  if (depthOf(json) > MAXIMUM_DEPTH) return undefined;
  try {
    return JSON.parse(json) as unknown;
  } catch {
    return undefined;
  }
}

const MAXIMUM_DEPTH = 64;

function depthOf(json: string): number {
  let depth = 0;
  let deepest = 0;
  for (const [bracket] of json.matchAll(/"(?:[^"\\]|\\.)*"|[[\]{}]/g)) {
    if (bracket === "[" || bracket === "{") depth++;
    else if (bracket === "]" || bracket === "}") depth--;
    deepest = Math.max(deepest, depth);
  }
  return deepest;
}

/** Texts in single quotes become JSON's; None, True and False its words. */
function fromPython(text: string): string {
  const tokens = /'((?:[^'\\]|\\.)*)'|"(?:[^"\\]|\\.)*"|\b(None|True|False)\b/gs;
  return text.replaceAll(tokens, (token: string, single: string | undefined, word: string | undefined) => {
    if (single !== undefined) return JSON.stringify(single.replaceAll(/\\(.)/gs, "$1"));
    return word === undefined ? token : word === "None" ? "null" : word.toLowerCase();
  });
}

function pathsOf(value: unknown): string[] {
  if (!Array.isArray(value)) return scalarTexts(value);
  const isPath = value.every((step) => !Array.isArray(step));
  return isPath ? [value.flatMap(scalarTexts).join(STEP)] : value.flatMap(pathsOf);
}

function textsOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(textsOf);
  if (!isObject(value)) return scalarTexts(value);
  return Object.entries(value).flatMap(([key, inner]) => {
    const text = textsOf(inner).join(", ");
    return text === "" ? [] : [`${key}: ${text}`];
  });
}

function scalarTexts(value: unknown): string[] {
  return value === null || value === undefined || typeof value === "object" ? [] : [String(value)];
}

function holdsObjects(value: unknown): boolean {
  return Array.isArray(value) ? value.some(holdsObjects) : isObject(value);
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
