/** What the command says and how it ends, before there is any bundle. */
import { spawn } from "node:child_process";
import { closeSync, existsSync, openSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { main, tailrec, tailrecWith } from "./tailrec.ts";

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tailrec-command-"));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

describe("help", () => {
  it("lists every verb, and the meaning of exit statuses", async () => {
    const { status, stdout } = await tailrec("--help");
    expect(status).toBe(0);
    for (const verb of [
      "run",
      "embed",
      "similar",
      "recommend",
      "serve",
      "explain",
      "evaluate",
      "report",
      "validate",
      "export",
      "models",
      "cache",
    ]) {
      expect(stdout).toMatch(new RegExp(`^  ${verb}\\b`, "m"));
    }
    expect(stdout).toContain("Exit status: 0 done, 1 a fault of ours");
  });

  const verbs = [
    "run",
    "embed",
    "similar",
    "recommend",
    "serve",
    "explain",
    "evaluate",
    "report",
    "validate",
    "export",
    "models list",
    "models pull",
    "models verify",
    "cache stats",
    "cache verify",
    "cache prune",
  ];

  it.each(verbs)("of %s has an example and --json", async (verb) => {
    const { status, stdout } = await tailrec(...verb.split(" "), "--help");
    expect(status).toBe(0);
    expect(stdout).toContain(`$ tailrec ${verb}`);
    expect(stdout).toContain("--json");
  });

  it("prints the version of the package", async () => {
    expect((await tailrec("--version")).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

describe("wrong usage ends with status 2 and a message on stderr", () => {
  it.each([
    [["rnu"], "(Did you mean run?)"],
    [["similar", "--item", "a"], "expected --bundle or --from, received neither"],
    [["similar", "--bundle", "b", "--item", "a", "--count", "0"], "expected a whole number of at least 1"],
    [["recommend", "--bundle", "b", "--user", "u", "--tail", "2"], "expected a number from 0 to 1"],
    [["similar", "--bundle", "b", "--item", "a", "--compare", "magic"], "Allowed choices are als, prior"],
    [["run"], "missing required argument 'pipeline'"],
  ])("%j", async (args, message) => {
    const { status, stdout, stderr } = await tailrec(...args);
    expect(stderr).toContain(message);
    expect(stdout).toBe("");
    expect(status).toBe(2);
  });
});

describe("failures", () => {
  it("a missing pipeline file ends with 3 and names the file", async () => {
    const { status, stderr } = await tailrec("run", join(folder, "none.yaml"));
    expect(status).toBe(3);
    expect(stderr).toContain(`tailrec: FILE_NOT_FOUND: pipeline file ${join(folder, "none.yaml")} does not exist`);
  });

  it("a pipeline with an unknown key ends with 2, the line and the nearest key", async () => {
    const path = join(folder, "wrong.yaml");
    await writeFile(path, "name: x\noutput: out\ndata:\n  items: { path: i.csv }\n  interaction: { path: e.csv }\n");
    const { status, stderr } = await tailrec("run", path);
    expect(status).toBe(2);
    expect(stderr).toContain(`${path}:5: unknown key "data.interaction", did you mean "interactions"?`);
  });

  it.each([
    ["similar", "--item", "a"],
    ["recommend", "--user", "u"],
    ["explain", "a", "b"],
    ["export", "--out", "v.npy"],
  ])("%s without its bundle ends with 3", async (...args) => {
    const { status, stdout, stderr } = await tailrec(...args, "--bundle", join(folder, "none"), "--json");
    expect(status).toBe(3);
    expect(stderr).toMatch(/^tailrec: BUNDLE_MISSING: /);
    expect(stdout).toBe("");
  });

  it("shows a stack only when asked to", async () => {
    const quiet = await tailrec("run", join(folder, "none.yaml"));
    const debug = await tailrecWith({ TAILREC_DEBUG: "1" }, "run", join(folder, "none.yaml"));
    expect(quiet.stderr).not.toContain("    at ");
    expect(debug.stderr).toContain("    at ");
    expect(debug.stderr).toContain("caused by");
  });

  it("a reader that closes the pipe early is no failure", async () => {
    const child = spawn(process.execPath, [main, "--help"], { stdio: ["ignore", "pipe", "pipe"] });
    child.stdout.destroy();
    const status = await new Promise((resolve) => child.on("close", resolve));
    expect(status).toBe(0);
  });
});

describe.skipIf(!existsSync("/dev/full"))("a full standard output", () => {
  it.each([["--help"], ["models", "list"], ["models", "list", "--json"]])(
    "fails %j %j %j in one line, without a stack",
    async (...args) => {
      const full = openSync("/dev/full", "w");
      const child = spawn(process.execPath, [main, ...args], { stdio: ["ignore", full, "pipe"] });
      const said: Buffer[] = [];
      child.stderr?.on("data", (text: Buffer) => said.push(text));
      const status = await new Promise((resolve) => child.on("close", resolve));
      closeSync(full);
      expect(Buffer.concat(said).toString()).toMatch(
        /^tailrec: OUTPUT_FAILED: could not write standard output: the disk is full; free some space[^\n]*\n$/,
      );
      expect(status).toBe(1);
    },
  );
});

describe("models", () => {
  it("lists the built-in encoders, ready, and says what their weights are", async () => {
    const { stdout } = await tailrec("models", "list", "--json");
    const { models } = JSON.parse(stdout) as { models: { name: string; ready: boolean; description: string }[] };
    const listed = (name: string) => models.find((candidate) => candidate.name === name);
    for (const name of ["tailrec-text-small", "tailrec-image-small"]) {
      expect(listed(name)).toMatchObject({ ready: true, description: expect.stringMatching(/distilled/) });
    }
  });

  it("verifies their digests", async () => {
    const { status, stdout } = await tailrec("models", "verify", "tailrec-text-small", "tailrec-image-small");
    expect(status).toBe(0);
    expect(stdout.match(/^PASS/gm)).toHaveLength(2);
  });

  it("suggests the nearest name for an unknown one and ends with 3", async () => {
    const { status, stdout, stderr } = await tailrec("models", "verify", "tailrec-text-smal");
    expect(status).toBe(3);
    expect(stdout).toContain('did you mean "tailrec-text-small"?');
    expect(stderr).toContain("MODEL_MISSING");
  });
});
