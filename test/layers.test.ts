/** The house rules that a reader may rely on: what may import what, and where side effects live. */
import { readdirSync, readFileSync } from "node:fs";
import { sep } from "node:path";
import { dirname, join } from "node:path/posix";
import { describe, expect, it } from "vitest";
import { floors } from "./floors.ts";

const root = join(import.meta.dirname, "..");
const src = join(root, "src");

interface Module {
  /** Path below its folder (src or bench), with forward slashes. */
  readonly path: string;
  readonly text: string;
  /** Paths of the same kind, and names of packages. A target outside the folder begins with "..". */
  readonly imports: readonly string[];
}

const modules = modulesBelow(src);

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

  it("the service knows serving and its traffic alone", () => {
    const allowed = /^(service|serving|traffic)\/|^(errors|options|once|run-context)\.ts$/;
    const wrong = edges().filter(([from, to]) => from.startsWith("service/") && !allowed.test(to));
    expect(wrong.map(([from, to]) => `${from} imports ${to}`)).toEqual([]);
  });

  it("the command line is imported by nothing outside itself", () => {
    const wrong = edges().filter(([from, to]) => to.startsWith("cli/") && !from.startsWith("cli/"));
    expect(wrong.map(([from, to]) => `${from} imports ${to}`)).toEqual([]);
  });

  it("no module of src or bench imports itself by way of others, types included", () => {
    expect(circlesAmong(modules)).toEqual([]);
    expect(circlesAmong(modulesBelow(join(root, "bench")))).toEqual([]);
  });

  it("finds a circle of any length, by types, dynamic imports and re-exports too", () => {
    const example = (path: string, text: string): Module => ({ path, text, imports: importsOf(path, text) });
    const found = circlesAmong([
      example("a.ts", 'import type { B } from "./b.ts";\nimport "./lone.ts";'),
      example("b.ts", 'export {\n  type C,\n} from "./below/c.ts";'),
      example("below/c.ts", 'const load = () => import("../a.ts");'),
      example("lone.ts", 'import { readFileSync } from "node:fs";'),
      example("self.ts", 'export * from "./self.ts";'),
    ]);
    expect(found).toEqual(["a.ts b.ts below/c.ts", "self.ts"]);
  });

  it("relative imports stay inside src, never bench, test or fixtures", () => {
    const known = new Set(modules.map((module) => module.path));
    const wrong = edges().filter(([, to]) => !known.has(to));
    expect(wrong.map(([from, to]) => `${from} imports ${to}`)).toEqual([]);
  });
});

describe("side effects", () => {
  it("only encoders and regressor run ONNX graphs", () => {
    expect(importersOf("onnxruntime-node")).toEqual(["math/onnx/onnx-runtime.ts"]);
    const loaders = edges()
      .filter(([, to]) => to === "math/onnx/onnx-runtime.ts")
      .map(([from]) => from);
    expect(loaders.filter((path) => !/^(encoders|regressor)\//.test(path))).toEqual([]);
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

function modulesBelow(folder: string): Module[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts"))
    .map((native) => {
      const path = native.split(sep).join("/");
      const text = readFileSync(join(folder, path), "utf8");
      return { path, text, imports: importsOf(path, text) };
    });
}

function importsOf(path: string, text: string): string[] {
  const statements = text.matchAll(/^(?:import|export)\s[^"';]*?\s*from\s+"([^"]+)"/gm);
  const bare = text.matchAll(/(?:^import\s+|\bimport\()"([^"]+)"/gm);
  return [...statements, ...bare].map(([, target]) => (target.startsWith(".") ? join(dirname(path), target) : target));
}

/** Imports of modules as [importer, imported]. */
function edges(): [string, string][] {
  return modules.flatMap(({ path, imports }) =>
    imports.filter((target) => target.endsWith(".ts")).map((target): [string, string] => [path, target]),
  );
}

function importersOf(dependency: string): string[] {
  return modules.filter((module) => module.imports.includes(dependency)).map((module) => module.path);
}

/** A folder within another where it has a floor of its own, else the outermost one. */
function layerOf(path: string): string {
  const inner = path.split("/").slice(0, 2).join("/");
  return floors.flat().includes(inner) ? inner : path.split("/")[0].replace(/\.ts$/, "");
}

function floorOf(path: string): number {
  return floors.findIndex((floor) => floor.includes(layerOf(path)));
}

/** The sets of modules that reach one another, each as its sorted paths: what every module reaches, found step by step. */
function circlesAmong(all: readonly Module[]): string[] {
  const reached = new Map(all.map(({ path, imports }) => [path, new Set(imports)]));
  for (let isGrowing = true; isGrowing; ) {
    isGrowing = false;
    for (const targets of reached.values()) {
      const before = targets.size;
      for (const target of [...targets]) for (const further of reached.get(target) ?? []) targets.add(further);
      isGrowing ||= targets.size > before;
    }
  }
  const circleOf = (path: string) =>
    [...reached.keys()].filter((other) => reached.get(path)?.has(other) && reached.get(other)?.has(path)).sort();
  return [...new Set([...reached.keys()].map((path) => circleOf(path).join(" ")))].filter((circle) => circle !== "");
}
