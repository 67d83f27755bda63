/** Every verb on the bundle of the tiny shop, end to end. */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdir, mkdtemp, open, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadBundle } from "../../src/bundle/bundle.ts";
import { decodeNpy } from "../../src/data/files/npy.ts";
import { rowOf } from "../../src/math/matrix.ts";
import { LAYERS_WEIGHTS, regressorToLayers } from "../../src/regressor/layers-export.ts";
import { digestsOf, main, type Outcome, root, tailrec, tailrecWith } from "./tailrec.ts";
import { tiny, tinyPipeline } from "./tiny-pipeline.ts";

interface Listed {
  readonly id: string;
  readonly title: string;
  readonly support: number;
  readonly source: string;
  readonly score: number;
}

let folder: string;
let pipeline: string;
let bundle: string;
let run: Outcome;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tailrec-tiny-"));
  pipeline = join(folder, "tiny.yaml");
  bundle = join(folder, "out", "bundle");
  await writeFile(pipeline, pipelineText());
  run = await tailrec("run", pipeline, "--cache", join(folder, "cache"), "--quiet");
}, 120_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

describe("run", () => {
  it("says what was read, fitted, measured and written, and what to type next", () => {
    expect(run.stderr).toBe("");
    expect(run.status).toBe(0);
    for (const said of ["12 items", "users", "hybrid", "cold-items: ndcg@10", "bundle", "tailrec similar --bundle"]) {
      expect(run.stdout).toContain(said);
    }
  });

  it("prints nothing but one JSON document under --json", async () => {
    const { status, stdout, stderr } = await tailrec(
      "run",
      pipeline,
      "--output",
      join(folder, "again"),
      "--no-evaluate",
      "--json",
    );
    expect([status, stderr]).toEqual([0, ""]);
    expect(JSON.parse(stdout)).toMatchObject({ reports: [] });
  });
});

describe("run --no-evaluate", () => {
  it("says that the reports beside its bundle are of an earlier run, where there are any", async () => {
    const output = join(folder, "unmeasured");
    const unmeasured = ["run", pipeline, "--output", output, "--no-evaluate", "--quiet"];
    expect((await tailrec(...unmeasured)).stdout).not.toContain("earlier run");
    await cp(join(folder, "out"), output, { recursive: true });
    expect((await tailrec(...unmeasured)).stdout).toContain("the reports beside it are of an earlier run");
  });
});

describe("a signal that asks a run to end", () => {
  it("ends it soon, with status 1, and leaves the earlier outputs as they were and nothing beside them", async () => {
    const outputs = await Promise.all(
      (["SIGINT", "SIGTERM", "SIGHUP"] as const).map(async (signal) => {
        const output = join(folder, signal);
        const cache = join(folder, `${signal}-cache`);
        await cp(join(folder, "out"), output, { recursive: true });
        const words = ["run", join(root, "pipelines", "shop.yaml"), "--output", output, "--cache", cache];
        const child = spawn(process.execPath, [main, ...words]);
        const said: Buffer[] = [];
        child.stderr.on("data", (text: Buffer) => said.push(text));
        const ended = new Promise((resolve) => child.on("close", resolve));
        // One while settings are chosen, some twenty seconds after the start, the others while items are encoded.
        if (signal === "SIGINT") await once(child.stderr, "data");
        else await expect.poll(() => readdir(cache).catch(() => [])).not.toEqual([]);
        child.kill(signal);
        expect(await ended, signal).toBe(1);
        expect(Buffer.concat(said).toString(), signal).toContain("tailrec: INTERRUPTED: the run was cancelled");
        return output;
      }),
    );
    const before = await digestsOf(join(folder, "out"));
    for (const output of outputs) expect(await digestsOf(output)).toEqual(before);
  });
});

describe.skipIf(process.platform === "win32")("a signal that asks a verb to end which waits for ever", () => {
  it("ends it within seconds, with a word", async () => {
    const waiting = join(folder, "waiting");
    await mkdir(waiting);
    execFileSync("mkfifo", [join(waiting, "manifest.json")]);
    const child = spawn(process.execPath, [main, "similar", "--bundle", waiting, "--item", "001"]);
    const said: Buffer[] = [];
    child.stderr.on("data", (text: Buffer) => said.push(text));
    const ended = new Promise((resolve) => child.on("close", (_, signal) => resolve(signal)));
    // Somebody who opens the other end waits until it has come to its reading.
    const writer = await open(join(waiting, "manifest.json"), "w");
    child.kill("SIGTERM");
    expect(await ended).toBe("SIGTERM");
    await writer.close();
    expect(Buffer.concat(said).toString()).toBe("tailrec: INTERRUPTED: the command was cancelled\n");
  });
});

describe("similar", () => {
  it("lists items with titles, support, source and falling scores, never the item itself", async () => {
    const { similar } = await json<{ similar: Listed[] }>(
      "similar",
      "--bundle",
      bundle,
      "--item",
      "001",
      "--count",
      "5",
    );
    expect(similar).toHaveLength(5);
    expect(similar.map(({ id }) => id)).not.toContain("001");
    const scores = similar.map(({ score }) => score);
    expect(scores).toEqual([...scores].sort((a, b) => b - a));
    expect(similar[0]).toMatchObject({
      title: expect.any(String),
      support: expect.any(Number),
      source: expect.any(String),
    });
  });

  it("shows before and after side by side with --compare als", async () => {
    const { stdout } = await tailrec(
      "similar",
      "--bundle",
      bundle,
      "--item",
      "001",
      "--compare",
      "als",
      "--count",
      "3",
    );
    const [, heading, first] = stdout.split("\n");
    expect(heading).toMatch(/#\s+before \(als\)\s+support\s+after\s+support/);
    expect(first).toMatch(/^1\s+\S+ .+ \d+\s+\S+ .+ \d+/);
  });

  it("suggests the nearest id for an unknown one, and items by title", async () => {
    const misspelt = await tailrec("similar", "--bundle", bundle, "--item", "0001");
    expect(misspelt.status).toBe(2);
    expect(misspelt.stderr).toContain('UNKNOWN_ITEM: no item has the id "0001"; did you mean "001"?');
    const titled = await tailrec("similar", "--bundle", bundle, "--item", "trail backpack");
    expect(titled.stderr).toContain('did you mean "006" (Hemp trail backpack) or "007" (Nylon trail backpack)?');
  });
});

describe("recommend", () => {
  it("never lists what the user has", async () => {
    const [first] = await events();
    const known = (await events()).filter(({ user }) => user === first.user).map(({ item }) => item);
    const { recommended } = await json<{ recommended: Listed[] }>(
      "recommend",
      "--bundle",
      bundle,
      "--user",
      first.user,
    );
    expect(recommended.length).toBeGreaterThan(0);
    expect(recommended.filter(({ id }) => known.includes(id))).toEqual([]);
  });

  it("folds in someone who likes given items", async () => {
    const { recommended } = await json<{ recommended: Listed[] }>(
      "recommend",
      "--bundle",
      bundle,
      "--items",
      "001,003",
      "--count",
      "3",
    );
    expect(recommended).toHaveLength(3);
    expect(recommended.map(({ id }) => id)).not.toContain("001");
  });

  it("wants either a user or items", async () => {
    const { status, stderr } = await tailrec("recommend", "--bundle", bundle);
    expect(status).toBe(2);
    expect(stderr).toContain(
      "expected either a user of the data, or items and attributes of someone new, received neither",
    );
  });

  it("suggests the nearest user for an unknown one", async () => {
    const [{ user }] = await events();
    const { status, stderr } = await tailrec("recommend", "--bundle", bundle, "--user", `${user}x`);
    expect(status).toBe(2);
    expect(stderr).toMatch(/UNKNOWN_USER: .*did you mean/);
  });
});

describe("recommend --fallback", () => {
  const list = (...words: readonly string[]) =>
    json<{ by: string; recommended: Listed[] }>("recommend", "--bundle", bundle, ...words);

  it("lists what is taken most for an unknown user, and what the given items are not", async () => {
    const { by, recommended } = await list("--user", "nobody", "--fallback", "popularity", "--items", "001");
    const takers = (id: string) => recommended.find((item) => item.id === id)?.support ?? 0;
    expect(by).toBe("popularity");
    expect(recommended.map(({ id }) => takers(id))).toEqual(
      recommended.map(({ support }) => support).sort((a, b) => b - a),
    );
    expect(recommended.map(({ id }) => id)).not.toContain("001");
    const grouped = await list("--user", "nobody", "--fallback", "popular-in-cluster");
    expect([grouped.by, grouped.recommended[0].id]).toEqual([
      "popular-in-cluster",
      (await list("--user", "nobody", "--fallback", "popularity")).recommended[0].id,
    ]);
  });

  it("changes nothing for a user of the data, and needs one that is named", async () => {
    const [{ user }] = await events();
    const own = await list("--user", user);
    expect(await list("--user", user, "--fallback", "popularity", "--items", "001")).toEqual({
      ...own,
      items: ["001"],
    });
    const { status, stderr } = await tailrec(
      "recommend",
      "--bundle",
      bundle,
      "--items",
      "001",
      "--fallback",
      "popularity",
    );
    expect([status, stderr]).toEqual([2, expect.stringContaining("expected a user with a fallback")]);
  });
});

describe("explain", () => {
  it("says what two items share", async () => {
    const { status, stdout } = await tailrec("explain", "--bundle", bundle, "001", "002");
    expect(status).toBe(0);
    expect(stdout).toContain("same brand: Brindle & Co.");
    expect(stdout).toContain("served likeness");
  });
});

describe("embed", () => {
  it("gives a vector to every new item, and says what each one lacks", async () => {
    const items = join(folder, "new.jsonl");
    const out = join(folder, "new.npy");
    const lines = [
      {
        item_id: "n1",
        title: "Porcelain tea kettle",
        description: "A kettle for tea.",
        brand: "Brindle & Co.",
        category: "kettle",
      },
      { item_id: "n2", brand: "Nobody & Sons", price: 12 },
      { item_id: "n3" },
    ];
    await writeFile(items, lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
    const document = await json<{
      items: { id: string; caveats: string[] }[];
      lowerConfidence: Record<string, number>;
    }>("embed", "--bundle", bundle, "--items", items, "--out", out);
    expect(document.items.map(({ id }) => id)).toEqual(["n1", "n2", "n3"]);
    expect(document.items[0].caveats).toEqual(["no picture"]);
    expect(document.items[1].caveats).toEqual(expect.arrayContaining(["no picture", "no text", "unknown brand"]));
    expect(document.lowerConfidence["no picture"]).toBe(3);
    const vectors = decodeNpy(await readFile(out), out);
    expect(vectors.rows).toBe(3);
    expect(vectors.values.every(Number.isFinite)).toBe(true);
    expect(JSON.parse(await readFile(join(folder, "new.ids.json"), "utf8"))).toMatchObject({ ids: ["n1", "n2", "n3"] });
  });

  it("still gives a vector when the picture is none, and says so", async () => {
    const items = join(folder, "broken-picture.csv");
    await writeFile(join(folder, "broken.webp"), "not a picture");
    await writeFile(items, "item_id,title,image\nb1,Stoneware mug,broken.webp\n");
    const out = join(folder, "broken.jsonl");
    const { items: embedded, unusable } = await json<{ items: { caveats: string[] }[]; unusable: unknown[] }>(
      "embed",
      "--bundle",
      bundle,
      "--items",
      items,
      "--out",
      out,
    );
    expect(embedded[0].caveats).toEqual(["unusable image", "no attributes"]);
    expect(unusable).toMatchObject([{ item: "b1", file: join(folder, "broken.webp"), code: "UNREADABLE_INPUT" }]);
    const line = JSON.parse(await readFile(out, "utf8")) as { id: string; vector: number[]; caveats: string };
    expect(line).toMatchObject({ id: "b1", caveats: "unusable image; no attributes" });
    expect(line.vector.length).toBeGreaterThanOrEqual(8);
  });

  it("takes the format of a file whose name tells none", async () => {
    const items = join(folder, "items.txt");
    await writeFile(items, "item_id,title\nn1,Stoneware mug\n");
    const embedded = ["embed", "--bundle", bundle, "--items", items, "--out", join(folder, "told.npy")];
    expect(await json(...embedded, "--format", "csv")).toMatchObject({ items: [{ id: "n1" }] });
    const { status, stderr } = await tailrec(...embedded);
    expect([status, stderr]).toEqual([2, expect.stringContaining('set "format"')]);
  });

  it("refuses an unknown format before it does any work", async () => {
    const { status, stderr } = await tailrec(
      "embed",
      "--bundle",
      bundle,
      "--items",
      join(tiny, "items.jsonl"),
      "--out",
      "v.txt",
    );
    expect(status).toBe(2);
    expect(stderr).toContain(".npy, .safetensors, .parquet, .jsonl");
  });
});

describe("export", () => {
  const npy = async (name: string) => decodeNpy(await readFile(join(folder, name)), name);
  const exported = (...args: readonly string[]) =>
    json<{ items: number; dimensions: number; kept: number }>("export", "--bundle", bundle, ...args);

  it("writes all vectors, their first numbers when asked, users beside them", async () => {
    const [whole, short] = [join(folder, "whole.npy"), join(folder, "short.npy")];
    const full = await exported("--out", whole);
    const cut = await exported("--out", short, "--users", join(folder, "users.npy"), "--dimensions", "3");
    expect([full.kept, cut.items, cut.dimensions]).toEqual([1, 12, 3]);
    expect(cut.kept).toBeGreaterThan(0.5);
    expect(cut.kept).toBeLessThan(1);
    const [long, leading] = [await npy("whole.npy"), await npy("short.npy")];
    for (let i = 0; i < 12; i++) expect(rowOf(leading, i)).toEqual(rowOf(long, i).slice(0, 3));
    expect((await npy("users.npy")).columns).toBe(3);
  });

  it("agrees with `embed`: an item without interactions has the vector of its content in both", async () => {
    const [four, known] = [join(folder, "four.jsonl"), join(folder, "known.jsonl")];
    await exported("--out", four, "--dimensions", "4");
    await json("embed", "--bundle", bundle, "--items", join(tiny, "items.jsonl"), "--out", known, "--dimensions", "4");
    const read = async (path: string) =>
      (await readFile(path, "utf8"))
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as { id: string; vector: number[]; support: number });
    const [served, embedded] = [await read(four), await read(known)];
    const cold = served.filter(({ support }) => support === 0);
    expect(cold.length).toBeGreaterThan(0);
    for (const { id, vector } of cold) {
      const again = embedded.find((item) => item.id === id)?.vector ?? [];
      for (const [j, value] of vector.entries()) expect(again[j]).toBeCloseTo(value, 3);
    }
  });
});

describe("export --format tfjs", () => {
  it("writes the layers model of the bundle's regressor, weights beside it", async () => {
    const out = join(folder, "layers");
    const { regressor, prior } = (await loadBundle(bundle)).model;
    expect(await json("export", "--bundle", bundle, "--out", out, "--format", "tfjs")).toMatchObject({
      regressor: regressor.kind,
      features: regressor.standardisation.mean.length,
      blocks: ["text", "lexical", "image", "attributes"],
      dimensions: prior.columns,
    });
    const expected = regressorToLayers(regressor);
    expect(await readFile(join(out, "model.json"), "utf8")).toBe(expected.model);
    expect(new Uint8Array(await readFile(join(out, LAYERS_WEIGHTS)))).toEqual(expected.weights);
  });

  it("is refused inside the bundle, for another format, and beside files of vectors", async () => {
    const before = await digestsOf(bundle);
    const attempts = [
      ["--out", join(bundle, "layers"), "--format", "tfjs"],
      ["--out", join(folder, "kept"), "--format", "keras"],
      ["--out", join(folder, "kept"), "--format", "tfjs", "--users", join(folder, "users.npy")],
    ];
    for (const rest of attempts) {
      const { status, stderr } = await tailrec("export", "--bundle", bundle, ...rest);
      expect([status, stderr], rest.join(" ")).toEqual([2, expect.stringMatching(/overwrite|choices|cannot be used/)]);
    }
    expect(await digestsOf(bundle)).toEqual(before);
    expect(await readdir(folder)).not.toContain("kept");
  });
});

describe("outputs that would be lost", () => {
  const at = (name: string) => join(folder, name);

  it("are refused: two of one path, side files included, and one that is an input", async () => {
    await writeFile(at("new.jsonl"), '{"item_id":"n1","title":"Mug"}\n');
    const before = await digestsOf(bundle);
    const attempts = [
      ["export", "--out", at("v.npy"), "--users", at("v.npy")],
      ["export", "--out", at("w.npy"), "--users", at("w.safetensors")],
      ["export", "--out", join(bundle, "vectors.safetensors")],
      ["embed", "--items", at("new.jsonl"), "--out", at("new.jsonl")],
      ["embed", "--items", at("new.jsonl"), "--out", join(bundle, "new.npy")],
    ];
    for (const [verb, ...rest] of attempts) {
      const { status, stderr } = await tailrec(verb, "--bundle", bundle, ...rest);
      expect([status, stderr], rest.join(" ")).toEqual([
        2,
        expect.stringMatching(/two outputs, one path|overwrite the input/),
      ]);
    }
    expect(await digestsOf(bundle)).toEqual(before);
    expect((await readdir(folder)).filter((name) => /^[vw]\./.test(name))).toEqual([]);
  });

  it("stay when one of a pair cannot be written", async () => {
    const pair = ["export", "--bundle", bundle, "--out", at("pair.npy"), "--users"];
    expect((await tailrec(...pair, at("pair-users.npy"))).status).toBe(0);
    const before = await readFile(at("pair.npy"));
    await mkdir(at("folder.npy"));
    const { status, stderr } = await tailrec(...pair, at("folder.npy"), "--dimensions", "2");
    expect([status, stderr]).toEqual([1, expect.stringContaining("OUTPUT_FAILED")]);
    expect(await readFile(at("pair.npy"))).toEqual(before);
  });

  it("are not what a reading verb removes", async () => {
    const kept = [join(folder, "out", "bundle.old-2024-12-01"), join(folder, "out", "bundle.old-notes")];
    for (const path of kept) await mkdir(path);
    await tailrec("validate", bundle);
    await tailrec("similar", "--bundle", bundle, "--item", "001");
    expect(await readdir(join(folder, "out"))).toEqual(
      expect.arrayContaining(["bundle.old-2024-12-01", "bundle.old-notes"]),
    );
    for (const path of kept) await rm(path, { recursive: true });
  });
});

describe("pictures that are all missing", () => {
  it("stop `run` as they stop `validate`, with an example and what to do", async () => {
    const items = (await readFile(join(tiny, "items.jsonl"), "utf8")).replaceAll("images/", "nowhere/");
    await writeFile(join(folder, "lost.jsonl"), items);
    const path = join(folder, "lost.yaml");
    await writeFile(path, pipelineText().replace(join(tiny, "items.jsonl"), join(folder, "lost.jsonl")));
    const validated = await tailrec("validate", path);
    const ran = await tailrec("run", path, "--output", join(folder, "lost"), "--no-evaluate", "--quiet");
    expect([validated.status, ran.status]).toEqual([3, 3]);
    const reason = /none can be read, such as that of 001 \(.*nowhere\/001\.webp: no such file\)/;
    expect(validated.stdout).toMatch(reason);
    expect(ran.stderr).toMatch(reason);
    expect(ran.stderr).toContain("leave features.image out");
    expect(ran.stdout).not.toContain("dimensions");
  });
});

describe("a temporary folder that is none", () => {
  it("is named, with what to set, and the data file is not blamed", async () => {
    const events = join(folder, "events.csv");
    await writeFile(events, `${await readFile(join(tiny, "events.csv"), "utf8")}bad"row\n`);
    const path = join(folder, "broken.yaml");
    await writeFile(path, pipelineText().replace(join(tiny, "events.csv"), events));
    const { status, stdout } = await tailrecWith({ TMPDIR: "/nonexistent" }, "validate", path);
    expect(status).toBe(1);
    expect(stdout).toMatch(/^FAIL +data +no temporary folder at \/nonexistent .*set TMPDIR/m);
    const left = join(folder, "tmp");
    await mkdir(left);
    expect((await tailrecWith({ TMPDIR: left }, "validate", path)).status).toBe(0);
    expect(await readdir(left)).toEqual([]);
  });
});

describe("evaluate", () => {
  it("prints the full tables and writes metrics.json", async () => {
    const output = join(folder, "evaluation");
    const { status, stdout } = await tailrec("evaluate", pipeline, "--output", output, "--quiet");
    expect(status).toBe(0);
    expect(stdout).toContain("hybrid ahead by");
    for (const protocol of ["cold-items", "warm-tail"]) {
      const metrics = JSON.parse(await readFile(join(output, protocol, "metrics.json"), "utf8")) as unknown;
      expect(metrics).toMatchObject({ dataset: "tiny", protocol: { kind: protocol } });
    }
  });
});

describe("validate", () => {
  it("passes a good pipeline", async () => {
    const { status, stdout } = await tailrec("validate", pipeline);
    expect(stdout).not.toContain("FAIL");
    expect(stdout).toMatch(/^PASS {2}columns/m);
    expect(status).toBe(0);
  });

  it("takes a bundle that is being exchanged for a bundle", async () => {
    const home = join(folder, "exchanged");
    await cp(join(folder, "out", "bundle"), join(home, "bundle"), { recursive: true });
    // As a writer leaves it that dies between its two renames.
    const staging = join(home, `.tailrec-00000000-${"0".repeat(16)}`);
    await mkdir(join(staging, "old"), { recursive: true });
    await writeFile(join(staging, "outputs.json"), JSON.stringify([{ kind: "folder", target: "../bundle" }]));
    await rename(join(home, "bundle"), join(staging, "old", "0"));
    const { status, stdout } = await tailrec("validate", join(home, "bundle"));
    expect(stdout).toMatch(/^PASS {2}files and checksums/m);
    expect(status).toBe(0);
  });

  it("fails at the wrong column, and says that later checks were not reached", async () => {
    const wrong = join(folder, "wrong.yaml");
    await writeFile(wrong, pipelineText().replace("title: title", "title: titel"));
    const { status, stdout } = await tailrec("validate", wrong);
    expect(stdout).toMatch(/^FAIL {2}columns .*no column "titel"; did you mean "title"/m);
    expect(stdout).toMatch(/^---- {2}enough data +not reached/m);
    expect(status).toBe(2);
  });

  it("passes the bundle and reproduces its golden vectors", async () => {
    const { status, stdout } = await tailrec("validate", bundle);
    expect(stdout).not.toContain("FAIL");
    expect(stdout).toMatch(/^PASS {2}golden vectors/m);
    expect(status).toBe(0);
  });

  it("fails a bundle with one altered byte", async () => {
    const copy = join(folder, "altered");
    await tailrec("run", pipeline, "--output", copy, "--no-evaluate", "--quiet");
    const manifest = join(copy, "bundle", "manifest.json");
    await writeFile(manifest, (await readFile(manifest, "utf8")).replace("tiny", "tinY"));
    const { status, stdout } = await tailrec("validate", join(copy, "bundle"));
    expect(stdout).toMatch(/^FAIL/m);
    expect(status).toBe(3);
  });
});

const pipelineText = (): string => tinyPipeline(tiny, join(folder, "out"));

async function events(): Promise<{ user: string; item: string }[]> {
  const [, ...lines] = (await readFile(join(tiny, "events.csv"), "utf8")).trim().split("\n");
  return lines.map((line) => {
    const [user, item] = line.split(",");
    return { user, item };
  });
}

/** The document that a verb prints under --json. */
async function json<T>(...args: readonly string[]): Promise<T> {
  const { status, stdout, stderr } = await tailrec(...args, "--json");
  expect([status, stderr]).toEqual([0, ""]);
  return JSON.parse(stdout) as T;
}
