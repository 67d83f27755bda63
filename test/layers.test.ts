/** The house rules that a reader may rely on: what may import what, and where side effects live. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { describe, expect, it } from "vitest";
import { floors } from "./floors.ts";

const root = join(import.meta.dirname, "..");
const src = join(root, "src");

interface Import {
  readonly target: string;
  readonly typeOnly: boolean;
}

interface Module {
  /** Path below src, with forward slashes. */
  readonly path: string;
  readonly text: string;
  readonly imports: readonly Import[];
}

const modules: readonly Module[] = readdirSync(src, { recursive: true, encoding: "utf8" })
  .filter((path) => path.endsWith(".ts"))
  .map((path) => {
    const text = readFileSync(join(src, path), "utf8");
    return { path: path.split(sep).join("/"), text, imports: importsOf(path, text) };
  });

describe("layers", () => {
  it("holds every module of src on a floor", () => {
    const names = new Set(floors.flat());
    expect(modules.map((module) => module.path).filter((path) => !names.has(layerOf(path)))).toEqual([]);
  });

  it("imports point down only, and siblings never import each other", () => {
    const upward = edges().filter(([from, to]) => layerOf(from) !== layerOf(to) && floorOf(from) <= floorOf(to));
    // The ground floor is files that may use one another.
    const wrong = upward.filter(([from, to]) => floorOf(from) !== 0 || floorOf(to) !== 0);
    expect(wrong.map(([from, to]) => `${from} imports ${to}`)).toEqual([]);
  });

  it("the command line is imported by nothing outside itself", () => {
    const wrong = edges().filter(([from, to]) => to.startsWith("cli/") && !from.startsWith("cli/"));
    expect(wrong.map(([from, to]) => `${from} imports ${to}`)).toEqual([]);
  });

  it("modules never import one another in a circle (types aside)", () => {
    expect(findCycle()).toBeUndefined();
  });

  it("relative imports stay inside src, never bench, test or fixtures", () => {
    const known = new Set(modules.map((module) => module.path));
    const wrong = edges().filter(([, to]) => !known.has(to));
    expect(wrong.map(([from, to]) => `${from} imports ${to}`)).toEqual([]);
  });
});

describe("side effects", () => {
  it("only encoders and regressor run ONNX graphs", () => {
    expect(importersOf("onnxruntime-node").filter((path) => !/^(encoders|regressor)\//.test(path))).toEqual([]);
  });

  it("only ingest and the Parquet writer use DuckDB", () => {
    const allowed = /^data\/(ingest\/.*|files\/(parquet-file|vector-parquet))\.ts$/;
    expect(importersOf("@duckdb/node-api").filter((path) => !allowed.test(path))).toEqual([]);
  });

  it("only encoders decode pictures and tokenise text", () => {
    const importers = [...importersOf("sharp"), ...importersOf("@huggingface/tokenizers")];
    expect(importers.filter((path) => !path.startsWith("encoders/"))).toEqual([]);
  });

  it("only the command line writes to the console or ends the process", () => {
    const talks = /\bconsole\.|\bprocess\.(stdout|stderr|exit|exitCode)\b/;
    const wrong = modules.filter((module) => !module.path.startsWith("cli/") && talks.test(module.text));
    expect(wrong.map((module) => module.path)).toEqual([]);
  });

  it("nothing draws from the global random generator", () => {
    expect(modules.filter((module) => module.text.includes("Math.random")).map((module) => module.path)).toEqual([]);
  });
});

describe("size", () => {
  it("no module is longer than 300 lines, and the median is at most 120", () => {
    const lengths = modules.map((module) => ({ path: module.path, lines: module.text.split("\n").length - 1 }));
    expect(lengths.filter(({ lines }) => lines > 300)).toEqual([]);
    const sorted = lengths.map(({ lines }) => lines).sort((a, b) => a - b);
    expect(sorted[Math.floor(sorted.length / 2)]).toBeLessThanOrEqual(120);
  });

  it("files are kebab-case, and none is called utils, helpers or manager", () => {
    const names = modules.flatMap((module) => module.path.replace(/\.ts$/, "").split("/"));
    expect(names.filter((name) => !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name))).toEqual([]);
    expect(names.filter((name) => /^(utils?|helpers?|managers?|misc|common)$/.test(name))).toEqual([]);
  });

  it("every module opens with a comment that says what it is", () => {
    const opens = /^(#!.*\n)?\/\*\*/;
    expect(modules.filter((module) => !opens.test(module.text)).map((module) => module.path)).toEqual([]);
  });
});

function importsOf(path: string, text: string): Import[] {
  const statements = text.matchAll(/^(?:import|export)\s([^"';]*?)\s*from\s+"([^"]+)"/gm);
  const bare = text.matchAll(/(?:^import\s+|\bimport\()"([^"]+)"/gm);
  const found = [...statements].map(([, clause, target]) => ({ target, typeOnly: isTypeOnly(clause) }));
  const sideEffects = [...bare].map(([, target]) => ({ target, typeOnly: false }));
  return [...found, ...sideEffects].map(({ target, typeOnly }) => ({ target: resolve(path, target), typeOnly }));
}

function isTypeOnly(clause: string): boolean {
  if (clause.startsWith("type ")) return true;
  const names = clause
    .replace(/[{}\s]+/g, " ")
    .trim()
    .split(", ");
  return clause.startsWith("{") && names.every((name) => name.startsWith("type "));
}

function resolve(from: string, target: string): string {
  if (!target.startsWith(".")) return target;
  return relative(src, join(src, dirname(from), target))
    .split(sep)
    .join("/");
}

/** Relative imports as [importer, imported]. A target outside src keeps its leading "..". */
function edges(includeTypes = true): [string, string][] {
  return modules.flatMap((module) =>
    module.imports
      .filter(({ target, typeOnly }) => /\.ts$/.test(target) && (includeTypes || !typeOnly))
      .map(({ target }): [string, string] => [module.path, target]),
  );
}

function importersOf(dependency: string): string[] {
  return modules
    .filter((module) => module.imports.some(({ target }) => target === dependency))
    .map((module) => module.path);
}

function layerOf(path: string): string {
  return path.split("/")[0].replace(/\.ts$/, "");
}

function floorOf(path: string): number {
  return floors.findIndex((floor) => floor.includes(layerOf(path)));
}

/** Depth-first search over value imports; the first circle met, as "a -> b -> a". */
function findCycle(): string | undefined {
  const targets = new Map<string, string[]>();
  for (const [from, to] of edges(false)) targets.set(from, [...(targets.get(from) ?? []), to]);
  const finished = new Set<string>();
  const visit = (path: string, trail: readonly string[]): string | undefined => {
    if (trail.includes(path)) return [...trail.slice(trail.indexOf(path)), path].join(" -> ");
    if (finished.has(path)) return undefined;
    for (const next of targets.get(path) ?? []) {
      const cycle = visit(next, [...trail, path]);
      if (cycle !== undefined) return cycle;
    }
    finished.add(path);
    return undefined;
  };
  for (const module of modules) {
    const cycle = visit(module.path, []);
    if (cycle !== undefined) return cycle;
  }
  return undefined;
}
