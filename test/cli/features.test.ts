import { copyFile, mkdir, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { root, tailrec } from "./tailrec.ts";
import { tiny, tinyPipeline } from "./tiny-pipeline.ts";

let folder: string;
let pipeline: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tailrec-features-cli-"));
  pipeline = join(folder, "tiny.yaml");
  await writeFile(pipeline, tinyPipeline(tiny, join(folder, "out")));
});

const inspect = (...more: string[]) =>
  tailrec("features", "inspect", pipeline, "--cache", join(folder, "cache"), ...more);

describe("tailrec features inspect", () => {
  it("shows each block's figures and the neighbours of a sample item", async () => {
    const { status, stdout } = await inspect("--item", "002", "--neighbours", "2");
    expect(status).toBe(0);
    for (const block of ["text", "lexical", "image", "attributes"])
      expect(stdout).toMatch(new RegExp(`^${block} `, "m"));
    expect(stdout).toContain("variance kept");
    expect(stdout).toContain("Nearest to 002");
  });

  it("gives the same as one JSON document", async () => {
    const { stdout } = await inspect("--json");
    const { blocks, sample } = JSON.parse(stdout);
    expect(blocks.map(({ name }: { name: string }) => name)).toEqual(["text", "lexical", "image", "attributes"]);
    expect(sample.id).toBeDefined();
    expect(blocks[0]).toMatchObject({ dimension: 256, coverage: expect.any(Number), explainedVariance: 1 });
  });

  it("names the nearest id when there is no such item", async () => {
    const { status, stderr } = await inspect("--item", "0002");
    expect([status, stderr]).toEqual([
      2,
      expect.stringMatching(/UNKNOWN_ITEM: the catalog has no item "0002"; did you/),
    ]);
  });
});

describe("tailrec models add", () => {
  it("writes a manifest that verify accepts and a pipeline can name", async () => {
    const encoder = join(folder, "encoder");
    await mkdir(encoder);
    for (const file of ["model.onnx", "tokenizer.json"]) {
      await copyFile(join(root, "models/tailrec-text-small", file), join(encoder, file));
    }
    const { status, stdout } = await tailrec("models", "add", encoder, "--licence", "MIT");
    expect([status, stdout]).toEqual([0, expect.stringContaining('"encoder", text, 256 dimensions')]);
    const path = join(encoder, "tailrec-encoder.json");
    expect(JSON.parse(await readFile(path, "utf8"))).toMatchObject({ licence: "MIT", text: { maximumLength: 512 } });
    expect(await tailrec("models", "verify", path)).toMatchObject({ status: 0 });
    await writeFile(join(encoder, "tokenizer.json"), "{}");
    expect(await tailrec("models", "verify", path)).toMatchObject({ status: 2 });
  });
});
