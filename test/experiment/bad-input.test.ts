/**
 * Bad input through the command: one message with its code and a remedy, the exit status of the table, and every byte
 * of earlier output as it was.
 */
import { execFile, execFileSync } from "node:child_process";
import {
  appendFile,
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  statfs,
  truncate,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { digestsOf, main, type Outcome, tailrec } from "../cli/tailrec.ts";
import { tiny, tinyPipeline } from "../cli/tiny-pipeline.ts";

let folder: string;
let data: string;
let output: string;
let earlier: Record<string, string>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tailrec-bad-"));
  data = join(folder, "data");
  output = join(folder, "out");
  await cp(tiny, data, { recursive: true });
  // An earlier run with something in every output, rejects.jsonl included.
  const { status } = await run(
    await pipelineWith([await file("events-before.csv", await eventsAnd("u1,nowhere,view,\n"))]),
  );
  expect(status).toBe(0);
  earlier = await digestsOf(output);
}, 120_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

/** A replacement in the text of the pipeline file. */
type Change = readonly [from: string, to: string];

interface Fault {
  readonly what: string;
  readonly code: string;
  readonly status: 2 | 3;
  /** What the message must hold: where, what was received, what to do. */
  readonly says: readonly string[];
  /** Writes what is wrong and gives the change that names it. */
  readonly make: () => Promise<Change>;
}

const faults: readonly Fault[] = [
  {
    what: "a missing file",
    code: "FILE_NOT_FOUND",
    status: 3,
    says: ["event.csv does not exist", 'did you mean "events.csv"?'],
    make: async () => ["events.csv", "event.csv"],
  },
  {
    what: "an empty file",
    code: "EMPTY_INPUT",
    status: 2,
    says: ["empty.csv is empty (0 bytes)", "expected a header and rows"],
    make: () => file("empty.csv", ""),
  },
  {
    what: "a wrong column name",
    code: "UNKNOWN_COLUMN",
    status: 2,
    says: ['events.csv has no column "timestmp"', 'did you mean "timestamp"?', "user_id, item_id, event, timestamp"],
    make: async () => ["time: timestamp", "time: timestmp"],
  },
  {
    what: "a header without rows",
    code: "EMPTY_INPUT",
    status: 2,
    says: ["header.csv has no rows after its header"],
    make: () => file("header.csv", "user_id,item_id,event,timestamp\n"),
  },
  {
    what: "invalid UTF-8",
    code: "TOO_MANY_REJECTS",
    status: 2,
    says: ["latin.csv: 1 of 1 rows rejected", "invalid UTF-8 (line 2:", "mend the file or raise maximumRejectedShare"],
    make: () => file("latin.csv", Buffer.from("user_id,item_id,event,timestamp\nJos\u00e9,001,view,\n", "latin1")),
  },
  {
    what: "a truncated gzip",
    code: "UNREADABLE_INPUT",
    status: 2,
    says: ["cut.csv.gz is a truncated or damaged gzip file", "copy or export it again"],
    make: async () => file("cut.csv.gz", gzipSync(await readFile(join(tiny, "events.csv"))).subarray(0, -20)),
  },
  {
    what: "a catalog with duplicate ids",
    code: "DUPLICATE_ITEM",
    status: 2,
    says: ['twice.jsonl repeats item ids: "001" (lines 1 and 13)', "keep one row an item"],
    make: async () => {
      const items = await readFile(join(tiny, "items.jsonl"), "utf8");
      return file("twice.jsonl", `${items}${items.slice(0, items.indexOf("\n") + 1)}`, "items.jsonl");
    },
  },
  {
    what: "an interaction file with only one user",
    code: "NOT_ENOUGH_DATA",
    status: 2,
    says: ["alone.csv: expected at least 2 users, received 1 user with 2 interactions", "check columns.user"],
    make: () => file("alone.csv", "user_id,item_id,event,timestamp\nu1,001,view,\nu1,002,view,\n"),
  },
  {
    what: "a pipeline file with an unknown key",
    code: "INVALID_OPTIONS",
    status: 2,
    says: ['faulty.yaml:18: unknown key "collaborative.rnk", did you mean "rank"?'],
    make: async () => ["rank: 8", "rnk: 8"],
  },
  {
    what: "an encoder that is not there, met once the data have been read",
    code: "MODEL_MISSING",
    status: 3,
    says: ["tailrec-text-smal", 'did you mean "tailrec-text-small"?'],
    make: async () => ["text: {}", "text: { encoder: tailrec-text-smal }"],
  },
];

describe("a run stops with one message, and leaves earlier output as it was, at", () => {
  it.each(faults)("$what", async ({ code, status, says, make }) => {
    const outcome = await run(await pipelineWith([await make()]));
    expectFailure(outcome, code, status, says);
    expect(await digestsOf(output)).toEqual(earlier);
  });
});

describe("validate finds, with the same message and status,", () => {
  it.each(faults.slice(0, 2))("$what", async ({ code, status, says, make }) => {
    const outcome = await tailrec("validate", await pipelineWith([await make()]));
    expect(outcome.status).toBe(status);
    const failed = outcome.stdout.split("\n").filter((line) => line.startsWith("FAIL"));
    expect(failed).toHaveLength(1);
    for (const said of says) expect(failed[0]).toContain(said);
    expect(outcome.stderr).toMatch(new RegExp(`^tailrec: ${code}: .* checks failed`));
  });
});

describe("a picture that is not a picture", () => {
  it("costs its item the picture alone: said with code, file and remedy, and kept in rejects.jsonl", async () => {
    const [, picture] = await brokenPicture();
    const trial = join(folder, "pictures");
    const { status, stdout } = await run(await pipelineWith([["items.jsonl", "broken.jsonl"]]), "--output", trial);
    expect(status).toBe(0);
    expect(stdout).toContain(`1 x unusable image, such as that of 001 (UNREADABLE_INPUT: ${picture}:`);
    expect(stdout).toContain("replace them, or leave them out of the items file");
    const rejects = JSON.parse(await readFile(join(trial, "rejects.jsonl"), "utf8")) as unknown;
    expect(rejects).toMatchObject({ item: "001", block: "image", file: picture, code: "UNREADABLE_INPUT", kept: true });
    expect((await tailrec("validate", join(trial, "bundle"))).status).toBe(0);
    expect(await digestsOf(output)).toEqual(earlier);
  });

  it("is found by validate before any run", async () => {
    const [, picture] = await brokenPicture();
    const { status, stdout } = await tailrec("validate", await pipelineWith([["items.jsonl", "broken.jsonl"]]));
    expect(status).toBe(0);
    expect(stdout).toMatch(/^PASS {2}pictures .*3 of 12 items have one; 1 cannot be read, such as/m);
    expect(stdout).toContain(picture);
  });
});

describe("a corrupted bundle", () => {
  it.each([
    ["a truncated file", "model.safetensors", (path: string) => truncate(path, 100)],
    ["a missing file", "catalog.jsonl", (path: string) => rm(path)],
    ["a manifest that is no JSON", "manifest.json", (path: string) => writeFile(path, "{")],
  ])("with %s is refused, and stays as it is", async (_, name, damage) => {
    const bundle = await damagedBundle(name, damage);
    const damaged = await digestsOf(bundle);
    const outcome = await tailrec("similar", "--item", "001", "--bundle", bundle);
    expectFailure(outcome, "BUNDLE_CORRUPT", 3, [bundle, name, "make the bundle again"]);
    expect(await digestsOf(bundle)).toEqual(damaged);
  });

  it("with an altered byte is refused by every verb, and earlier vectors stay", async () => {
    const bundle = await damagedBundle("vectors.safetensors", alterByte);
    const out = join(folder, "vectors.npy");
    await writeFile(out, "earlier vectors");
    const verbs = [
      ["recommend", "--user", "u1"],
      ["explain", "001", "002"],
      ["embed", "--items", join(tiny, "items.jsonl"), "--out", out],
      ["export", "--out", out],
    ];
    for (const verb of verbs) {
      const outcome = await tailrec(...verb, "--bundle", bundle);
      expectFailure(outcome, "BUNDLE_CORRUPT", 3, ["vectors.safetensors", "its content was altered"]);
    }
    expect(await readFile(out, "utf8")).toBe("earlier vectors");
  });

  it("is not what an output folder is taken for: the bundle in it is named", async () => {
    const outcome = await tailrec("similar", "--item", "001", "--bundle", output);
    expectFailure(outcome, "BUNDLE_MISSING", 3, [`did you mean ${join(output, "bundle")}?`]);
  });

  it("gives way to a new run", async () => {
    const bundle = await damagedBundle("manifest.json", (path) => rm(path));
    await run(await pipelineWith([]), "--output", join(bundle, ".."), "--no-evaluate");
    expect((await tailrec("validate", bundle)).status).toBe(0);
  });
});

describe("new items that cannot be read", () => {
  it.each([
    ["a missing file", "FILE_NOT_FOUND", 3, "none.csv", undefined],
    ["an empty file", "EMPTY_INPUT", 2, "new-empty.csv", ""],
    ["a file without the id column", "UNKNOWN_COLUMN", 2, "new-idless.csv", "id,title\nn1,Mug\n"],
    ["duplicate ids", "DUPLICATE_ITEM", 2, "new-twice.csv", "item_id,title\nn1,Mug\nn1,Cup\n"],
    ["a truncated gzip", "UNREADABLE_INPUT", 2, "new.csv.gz", gzipSync("item_id,title\nn1,Mug\n").subarray(0, -9)],
  ] as const)("%s: embed says so and leaves the earlier vectors", async (_, code, status, name, content) => {
    const items = join(folder, name);
    if (content !== undefined) await writeFile(items, content);
    const out = join(folder, "new-vectors.parquet");
    await writeFile(out, "earlier vectors");
    const outcome = await tailrec("embed", "--bundle", join(output, "bundle"), "--items", items, "--out", out);
    expectFailure(outcome, code, status, [name]);
    expect(await readFile(out, "utf8")).toBe("earlier vectors");
  });
});

describe.skipIf(process.platform === "win32")("a disk that takes no more", () => {
  it("when it is full while the bundle is written: all earlier output stays, metrics and rejects too", async ({
    skip,
  }) => {
    const disk = join(folder, "disk");
    await mkdir(disk);
    if (!mounted(disk)) skip("mounting a small disk needs root");
    try {
      await cp(output, join(disk, "out"), { recursive: true });
      const before = await digestsOf(join(disk, "out"));
      // Room for the reports, not for the bundle.
      const [all, bundle] = [await bytesOnDisk(output), await bytesOnDisk(join(output, "bundle"))];
      await fill(disk, all - bundle / 2);
      const outcome = await run(await pipelineWith([]), "--output", join(disk, "out"));
      expectFailure(outcome, "OUTPUT_FAILED", 1, ["bundle", "the disk is full; free some space or write elsewhere"]);
      expect(await digestsOf(join(disk, "out"))).toEqual(before);
      expect((await readdir(join(disk, "out"))).sort()).toEqual((await readdir(output)).sort());
      await rm(join(disk, "filler"));
      expect((await run(await pipelineWith([]), "--output", join(disk, "out"))).status).toBe(0);
    } finally {
      execFileSync("umount", [disk]);
    }
  });

  it("when a file may not grow that large: the same", async () => {
    const trial = join(folder, "limited");
    await cp(output, trial, { recursive: true });
    const command = `ulimit -f 20; exec ${process.execPath} ${main} run ${await pipelineWith([])} --output ${trial} --no-evaluate --quiet`;
    const failure = await promisify(execFile)("bash", ["-c", command], { cwd: folder }).catch((error) => error);
    expectFailure({ ...failure, status: failure.code }, "OUTPUT_FAILED", 1, ["bundle", "ulimit -f"]);
    expect(await digestsOf(trial)).toEqual(earlier);
  });

  it("when a file is where the output folder should be: said before any work, as no fault of tailrec", async () => {
    const blocked = join(folder, "notes.txt");
    await writeFile(blocked, "mine");
    const outcome = await run(await pipelineWith([]), "--output", blocked);
    expectFailure(outcome, "OUTPUT_FAILED", 1, [blocked, "a file is in the way"]);
    expect(await readFile(blocked, "utf8")).toBe("mine");
  });
});

/** One line on stderr with code and all that is to be said; nothing on stdout; no stack. */
function expectFailure({ status, stdout, stderr }: Outcome, code: string, expected: number, says: readonly string[]) {
  expect(stderr).toMatch(new RegExp(`^tailrec: ${code}: [^\n]+\n$`));
  for (const said of says) expect(stderr).toContain(said);
  expect(stdout).toBe("");
  expect(status).toBe(expected);
}

/** What the files below a folder take of a disk with blocks of 4096 bytes. */
async function bytesOnDisk(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const sizes = await Promise.all(files.map(async (path) => (await stat(path)).size));
  return sizes.reduce((total, size) => total + 4096 * Math.ceil(size / 4096), 0);
}

function run(pipeline: string, ...args: readonly string[]): Promise<Outcome> {
  return tailrec("run", pipeline, "--cache", join(folder, "cache"), "--quiet", ...args);
}

/** The path of a pipeline file over `data`, with changes. */
async function pipelineWith(changes: readonly Change[]): Promise<string> {
  const path = join(folder, "faulty.yaml");
  let text = tinyPipeline(data, output);
  for (const [from, to] of changes) {
    expect(text).toContain(from);
    text = text.replace(from, to);
  }
  await writeFile(path, text);
  return path;
}

/** Writes a file among the data; gives the change that puts it in the place of `instead`. */
async function file(name: string, content: string | Uint8Array, instead = "events.csv"): Promise<Change> {
  await writeFile(join(data, name), content);
  return [instead, name];
}

async function eventsAnd(more: string): Promise<string> {
  return `${await readFile(join(tiny, "events.csv"), "utf8")}${more}`;
}

/** Items of which the first has a picture that is text; gives the change and the picture's path. */
async function brokenPicture(): Promise<readonly [Change, string]> {
  const picture = join(data, "images", "text.webp");
  await writeFile(picture, "not a picture");
  const items = await readFile(join(tiny, "items.jsonl"), "utf8");
  return [await file("broken.jsonl", items.replace("images/001.webp", "images/text.webp"), "items.jsonl"), picture];
}

/** A copy of the earlier bundle with damage done to one of its files. */
async function damagedBundle(name: string, damage: (path: string) => Promise<void>): Promise<string> {
  const bundle = join(folder, "damaged", "bundle");
  await rm(bundle, { recursive: true, force: true });
  await cp(join(output, "bundle"), bundle, { recursive: true });
  await damage(join(bundle, name));
  return bundle;
}

async function alterByte(path: string): Promise<void> {
  const bytes = await readFile(path);
  bytes[bytes.length - 1] ^= 1;
  await writeFile(path, bytes);
}

/** True where this user may mount a small file system of its own. */
function mounted(at: string): boolean {
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=16m", "tmpfs", at], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** Fills the disk but for about `left` bytes. */
async function fill(disk: string, left: number): Promise<void> {
  const { bavail, bsize } = await statfs(disk);
  await appendFile(join(disk, "filler"), Buffer.alloc(bavail * bsize - left));
}
