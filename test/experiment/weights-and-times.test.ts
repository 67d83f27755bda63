/** Weights in any unit, a clock that was wrong, and a model that learned nothing, through the command. */
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parsePipeline } from "../../src/config.ts";
import { evaluatePipeline } from "../../src/experiment/pipeline.ts";
import { createRandom } from "../../src/math/random.ts";
import { tailrec } from "../cli/tailrec.ts";
import { tiny, tinyPipeline } from "../cli/tiny-pipeline.ts";

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tailrec-weights-"));
  await cp(tiny, join(folder, "data"), { recursive: true });
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** Runs the tiny shop with changes in the text of its pipeline. */
async function runWith(name: string, changes: readonly (readonly [from: string, to: string])[]) {
  const text = changes.reduce(
    (changed, [from, to]) => changed.replace(from, to),
    tinyPipeline(join(folder, "data"), join(folder, name)),
  );
  const pipeline = join(folder, `${name}.yaml`);
  await writeFile(pipeline, text);
  return tailrec("run", "--no-evaluate", pipeline);
}

const weights = "{ view: 1, cart: 2, purchase: 4 }";

describe("the unit of weights", () => {
  it("changes no byte of the vectors, and is said where it is not 1", async () => {
    const vectors = (name: string) => readFile(join(folder, name, "bundle", "vectors.safetensors"));
    const plain = await runWith("plain", []);
    const scaled = await runWith("scaled", [[weights, "{ view: 1e-6, cart: 2e-6, purchase: 4e-6 }"]]);
    expect([plain.status, scaled.status]).toEqual([0, 0]);
    expect(await vectors("scaled")).toEqual(await vectors("plain"));
    expect(plain.stdout).not.toContain("weights divided");
    expect(scaled.stdout).toContain("weights divided by 0.000001");
  });
});

describe("an event dated 2100", () => {
  it("leaves the weights of all others as they were, is named with its line, and stops nothing", async () => {
    const decaying = ["columns: { event", "halfLifeDays: 30\n    columns: { event"] as const;
    const events = await readFile(join(folder, "data", "events.csv"), "utf8");
    const dated = events.split("\n").with(1, "u1,001,view,2100-01-01T00:00:00Z").join("\n");
    await writeFile(join(folder, "data", "dated.csv"), dated);
    const { status, stdout } = await runWith("dated", [decaying, ["events.csv", "dated.csv"]]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/weights decay back from 2025-\d\d-\d\d; the median row keeps [.\d]+ of its weight/);
    expect(stdout).toContain("1 x time far after all others");
    const rejects = await readFile(join(folder, "dated", "rejects.jsonl"), "utf8");
    expect(JSON.parse(rejects)).toMatchObject({ line: 2, kept: true });
  });
});

describe("a model that learned nothing", () => {
  it("is an error in terms of the weights, not of our own names", async () => {
    const { status, stderr } = await runWith("nothing", [["rank: 8,", "rank: 8, confidenceScale: 1e-7,"]]);
    expect(status).toBe(2);
    expect(stderr).toContain("NOT_ENOUGH_DATA: ALS learned nothing");
    expect(stderr).toContain("confidenceScale");
    expect(stderr).not.toMatch(/contender|dimensionPrecision/);
  });
});

describe("ratings", () => {
  it("are predicted in the unit of the file", async () => {
    const random = createRandom(6);
    const rows = Array.from({ length: 600 }, (_, p) => ({
      user: p % 40,
      item: Math.floor(p / 15),
      stars: 1 + random.integer(5),
    }));
    const rmseIn = async (unit: number) => {
      const name = `ratings-${unit}`;
      const events = rows.map(({ user, item, stars }) => `u${user},i${item},${unit * stars}`);
      const items = Array.from({ length: 40 }, (_, i) => `i${i},thing number ${i}`);
      await writeFile(join(folder, `${name}.csv`), ["user_id,item_id,stars", ...events].join("\n"));
      await writeFile(join(folder, "things.csv"), ["item_id,title", ...items].join("\n"));
      const config = parsePipeline(
        `name: ratings
output: ${join(folder, name)}
data:
  interactions: { path: ${name}.csv, columns: { weight: stars } }
  items: { path: things.csv, columns: { title: title } }
features: { lexical: { dimension: 4 } }
collaborative: { rank: 4, iterations: 3 }
evaluation: { coldItems: null, warmTail: { kind: random }, ratings: true, models: [popularity], compare: { reference: null } }
`,
        "ratings.yaml",
      );
      const { reports } = await evaluatePipeline(config, { folder });
      const report = reports.find(({ results }) => results.some(({ metric }) => metric === "rmse"));
      return report?.results.find(({ model, metric }) => model === "mean" && metric === "rmse")?.value ?? 0;
    };
    // The mean of five equally likely numbers of stars errs by their standard deviation, the root of 2.
    expect(await rmseIn(1)).toBeCloseTo(Math.SQRT2, 0);
    expect(await rmseIn(20)).toBeCloseTo(20 * (await rmseIn(1)), 4);
  });
});
