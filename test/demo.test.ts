/**
 * The demo shop through the command: what the README promises of cold items holds, and lists show the true kinds and tastes
 * (fixtures/shop/truth.json, never read by a model), whoever has met the product. The same bundle then answers every documented
 * command as printed, and the examples.
 */
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Outcome, root, tailrec, tailrecIn } from "./cli/tailrec.ts";
import { documentedCommands, parseOnly, runHere, wordsOf } from "./documentation/commands.ts";
import { readPages } from "./documentation/pages.ts";
import { blockOf, prepareDays, prepareScores, prepareSite, prepareTraffic } from "./documentation/site.ts";
import { prepareTables } from "./documentation/tables.ts";

const shop = join(root, "fixtures", "shop");

interface Comparison {
  readonly b: string;
  readonly slice: string;
  readonly candidates: string;
  readonly metric: string;
  readonly ci95: readonly [number, number];
  readonly ci95Items: readonly [number, number];
}

interface LaunchReport {
  readonly protocol: { readonly slices: readonly { readonly name: string; readonly targets: number }[] };
  readonly results: readonly {
    readonly model: string;
    readonly slice: string;
    readonly metric: string;
    readonly value: number;
  }[];
}

interface Exported {
  readonly id: string;
  readonly vector: readonly number[];
  readonly support: number;
  readonly source: string;
}

let folder: string;
let out: string;
let bundle: string;
let run: Outcome;
let cold: Outcome;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tailrec-demo-"));
  out = join(folder, "out", "shop");
  bundle = join(out, "bundle");
  await mkdir(join(folder, "pipelines"));
  await prepareSite(folder);
  run = await tailrecIn(folder, "run", "pipelines/shop.yaml", "--quiet");
  await writeFile(join(folder, "pipelines", "cold.yaml"), await coldPipeline());
  cold = await tailrecIn(folder, "evaluate", "pipelines/cold.yaml", "--output", "out/cold", "--quiet");
}, 300_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

describe("the demo", () => {
  it("runs, and its bundle passes every check", async () => {
    expect([run.status, run.stderr, cold.status, cold.stderr]).toEqual([0, "", 0, ""]);
    const { status, stdout } = await tailrec("validate", bundle);
    expect(stdout).toMatch(/^PASS {2}files and checksums +"shop", 1200 items, 3000 users/m);
    expect(stdout).not.toContain("FAIL");
    expect(status).toBe(0);
  });

  it("shows the hybrid ahead of ALS and of content among cold items, beyond doubt, and no worse than plain regression", async () => {
    const metrics = await readFile(join(folder, "out", "cold", "cold-items", "metrics.json"), "utf8");
    const { comparisons } = JSON.parse(metrics) as { readonly comparisons: readonly Comparison[] };
    const leadOver = (model: string): Comparison | undefined =>
      comparisons.find(
        ({ b, slice, candidates, metric }) =>
          b === model && slice === "cold" && candidates === "slice" && metric === "ndcg@10",
      );
    for (const model of ["als", "content-knn", "content-ridge"]) {
      expect(leadOver(model)?.ci95[0], model).toBeGreaterThan(0);
      expect(leadOver(model)?.ci95Items[0], model).toBeGreaterThan(0);
    }
    // 240 hidden products say little of a small difference: the interval over items does.
    expect(leadOver("regression-mse")?.ci95Items[1]).toBeGreaterThan(0);
  });

  it("gives launched products about their share of the places, ranked above ALS, and above what shops do in both parts", async () => {
    const { protocol, results } = await launchReport();
    const figure = (model: string, slice: string, metric = "ndcg@10") =>
      results.find((row) => row.model === model && row.slice === slice && row.metric === metric)?.value ?? Number.NaN;
    const targets = (slice: string) => protocol.slices.find(({ name }) => name === slice)?.targets ?? Number.NaN;
    const kept = "new-places-0.1";
    expect(figure(kept, "all", "launched-share@10")).toBeCloseTo(targets("launched") / targets("all"), 1);
    expect(figure(kept, "all")).toBeGreaterThan(figure("als", "all"));
    for (const part of ["known", "launched"]) expect(figure(kept, part), part).toBeGreaterThan(figure("slots-1", part));
  });

  it("lists the same kind of thing first and the style within it, beside products that hardly anybody has met too", async () => {
    const items = await exportedItems();
    const { taste, kind } = await truth(items.map(({ id }) => id));
    const served = items.map(({ vector }) => unit(vector));
    const rowsWith = (holds: (item: Exported) => boolean) => items.flatMap((item, row) => (holds(item) ? [row] : []));
    const cold = rowsWith(({ support }) => support === 0);
    expect(cold.length).toBeGreaterThan(30);
    expect(cold.every((row) => items[row].source === "content")).toBe(true);
    const sameKind = (row: number) =>
      taste.flatMap((_, other) => (other !== row && kind[other] === kind[row] ? [other] : []));
    for (const rows of [
      cold,
      rowsWith(({ support }) => support > 0 && support <= 5),
      rowsWith(({ support }) => support > 20),
    ]) {
      const lists = rows.map((row) => nearest(row, served, 10));
      const ofKind = lists.flatMap((list, at) => list.map((other) => Number(kind[other] === kind[rows[at]])));
      expect(mean(ofKind)).toBeGreaterThan(0.9);
      const listed = meanLikeness(rows, taste, (row) => lists[rows.indexOf(row)]);
      expect(listed).toBeGreaterThan(meanLikeness(rows, taste, sameKind) + 0.05);
    }
  });
});

/**
 * Minutes of work that other tests do, a server, the network, a store's client, the demo's bundle changed in its place, or data
 * that are not here: their words are parsed, and no more.
 */
const tooLong =
  /^tailrec (run |worker |evaluate pipelines|tune |models pull|export --bundle out\/movielens|serve |mcp |push |similar --from |update (?!.*--out ))/;

/** Others need what it writes. */
const splitCommand = "tailrec split pipelines/shop.yaml --output splits/shop";

describe("every documented command works as printed", async () => {
  const commands = await documentedCommands();

  beforeAll(async () => {
    await runHere(folder, wordsOf(splitCommand));
    await prepareScores(folder);
    await prepareDays(folder);
    await prepareTraffic(folder);
  });

  it.each(commands.filter((command) => tooLong.test(command)))("%s is understood", async (command) => {
    await parseOnly(wordsOf(command));
  });

  const drafts = commands.filter((command) => command.startsWith("tailrec init "));
  const others = commands.filter(
    (command) => !tooLong.test(command) && command !== splitCommand && !drafts.includes(command),
  );

  it("writes the splits that others read", async () => {
    expect(commands).toContain(splitCommand);
    expect(await readFile(join(folder, "splits", "shop", "warm-tail", "train.tsv"), "utf8")).toContain("user\titem");
  });

  it.each(others)("%s", async (command) => {
    expect((await runHere(folder, wordsOf(command))).length).toBeGreaterThan(0);
  });

  it.each(drafts)("%s, and its draft passes validate", async (command) => {
    const tables = join(folder, `tables-${drafts.indexOf(command)}`);
    await prepareTables(tables);
    const printed = await runHere(tables, wordsOf(command));
    const [, next] = /^Next: (.+)$/m.exec(printed) ?? [];
    expect(await runHere(tables, wordsOf(next))).toMatch(/^PASS /m);
  });

  it("prints what README shows of it", async () => {
    const readme = readPages().find(({ path }) => path === "README.md")?.text ?? "";
    const [, printed] = /```text\n([\s\S]*?)```/.exec(readme) ?? [];
    expect(await runHere(folder, wordsOf("tailrec similar --bundle out/shop/bundle --item P00042 --count 3"))).toBe(
      printed,
    );
  });
});

describe("the code of the pages", () => {
  beforeAll(async () => {
    await mkdir(join(folder, "node_modules"));
    await symlink(root, join(folder, "node_modules", "tailrec"));
  });

  it.each([
    ["docs/serving.md", "3 "],
    ["docs/errors.md", ""],
  ])("%s runs as it stands", async (path, said) => {
    const code = blockOf(readPages().find((page) => page.path === path)?.text ?? "", "ts");
    const options = ["--input-type=module", "--eval", code];
    expect((await promisify(execFile)(process.execPath, options, { cwd: folder })).stdout).toContain(said);
  });
});

describe("the examples", () => {
  it.each([
    ["similar-items", "served: ["],
    ["cold-item", "nearest known item: "],
    ["new-user", "after two ["],
    ["shop-rules", "5 listed; of 1200 items"],
    ["own-encoder", "Halden Tidewater journal is near ["],
    ["own-baseline", "favourite-category"],
    ["own-study", "als-calibrated"],
    ["vector-store", "1200 items of 32 numbers in items.csv and points.json"],
  ])("%s runs from the folder of the demo", async (name, said) => {
    expect(await example(name)).toContain(said);
  });

  it("extending the library: kinds of one's own are fitted, tried, measured and named in the report", async () => {
    const printed = await example("extending/run");
    expect(printed).toContain("blocks: [ 'lexical', 'titleLength' ]");
    expect(printed).toContain("regressors tried: [ 'ridge', 'mean' ]");
    expect(printed).toMatch(/^tiny, any-two, /m);
    expect(printed).toMatch(/^ +ndcg@10 +first-place@10/m);
    expect(printed).toMatch(/^underdog +\.\d{4}/m);
  });

  it("export points that a vector store takes: one vector an item, with its id", async () => {
    const { points } = JSON.parse(await readFile(join(folder, "points.json"), "utf8"));
    expect(points).toHaveLength(1200);
    expect(points[41]).toMatchObject({ id: 41, payload: { item: "P00042" } });
    expect(points[41].vector).toHaveLength(32);
    const csv = (await readFile(join(folder, "items.csv"), "utf8")).trimEnd().split("\n");
    expect(csv).toHaveLength(1200);
    expect(csv[41]).toMatch(/^"P00042","Halden Tidewater journal","\[-?[\d.e-]+(,-?[\d.e-]+){31}\]"$/);
  });
});

/** What an example prints, run from the folder that has the demo's bundle. */
async function example(name: string): Promise<string> {
  const script = join(root, "examples", `${name}.ts`);
  return (
    await promisify(execFile)(process.execPath, ["--import", import.meta.resolve("tsx"), script], { cwd: folder })
  ).stdout;
}

/** The demo's own pipeline file with one protocol and the models that the claims name. */
async function coldPipeline(): Promise<string> {
  const text = await readFile(join(root, "pipelines", "shop.yaml"), "utf8");
  const upTo = text.indexOf("\nevaluation:");
  expect(upTo).toBeGreaterThan(0);
  return `${text.slice(0, upTo)}
evaluation:
  coldItems: { share: 0.2, seed: 1 }
  warmTail: null
  models: [als, content-knn, content-ridge, regression-mse, hybrid]
`;
}

/** The bundle's items with their vectors. */
async function exportedItems(): Promise<Exported[]> {
  const out = join(folder, "vectors.jsonl");
  await tailrec("export", "--bundle", bundle, "--out", out);
  const lines = (await readFile(out, "utf8")).trimEnd().split("\n");
  return lines.map((line): Exported => JSON.parse(line));
}

/** The products' latent vectors at length 1, and their kinds: the leading dimensions. */
async function truth(ids: readonly string[]): Promise<{ taste: number[][]; kind: string[] }> {
  const { items, dimensions } = JSON.parse(await readFile(join(shop, "truth.json"), "utf8")) as {
    readonly items: readonly { readonly id: string; readonly vector: readonly number[] }[];
    readonly dimensions: readonly string[];
  };
  const byId = new Map(items.map(({ id, vector }) => [id, vector]));
  const vectors = ids.map((id) => byId.get(id) ?? []);
  const kindOf = (vector: readonly number[]) =>
    dimensions.find((name, k) => name.startsWith("category:") && vector[k] !== 0) ?? "";
  return { taste: vectors.map(unit), kind: vectors.map(kindOf) };
}

function unit(vector: readonly number[]): number[] {
  const norm = Math.hypot(...vector) || 1;
  return vector.map((value) => value / norm);
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, j) => sum + value * b[j], 0);
}

/** The rows of the largest cosine with `row`. */
function nearest(row: number, vectors: readonly number[][], count: number): number[] {
  const scored = vectors.map((vector, other) => ({ other, score: other === row ? -2 : dot(vectors[row], vector) }));
  return scored
    .sort((a, b) => b.score - a.score)
    .slice(0, count)
    .map(({ other }) => other);
}

/** Mean true cosine between rows and those listed for each. */
function meanLikeness(
  rows: readonly number[],
  taste: readonly number[][],
  listed: (row: number) => readonly number[],
): number {
  return mean(rows.flatMap((row) => listed(row).map((other) => dot(taste[row], taste[other]))));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

async function launchReport(): Promise<LaunchReport> {
  return JSON.parse(await readFile(join(out, "launch", "metrics.json"), "utf8"));
}
