import { describe, expect, it } from "vitest";
import {
  encoderDigest,
  listManifests,
  loadManifest,
  loadManifestFor,
  readManifest,
} from "../../../src/encoders/models/manifest.ts";
import { verifiedModelFiles } from "../../../src/encoders/models/model-files.ts";
import { alteredManifest, builtInNames, repository } from "../encoding-fixtures.ts";

describe("the manifests of models/", () => {
  it("are all valid and named like their files", async () => {
    const names = await listManifests();
    const loaded = await Promise.all(names.map((name) => readManifest(name, repository)));
    expect(loaded.map(({ manifest }) => manifest.name)).toEqual(names);
    for (const name of Object.values(builtInNames)) expect(names).toContain(name);
  });

  it("carry the digests of the built-in files", async () => {
    for (const task of ["text", "image"] as const) {
      const located = await loadManifestFor(task, builtInNames[task], repository);
      await expect(verifiedModelFiles(located)).resolves.toBeDefined();
    }
  });
});

describe("encoderDigest", () => {
  it("depends on everything that decides a vector, not on names and descriptions", async () => {
    const digestOf = async (changes: Record<string, unknown>): Promise<string> => {
      const path = await alteredManifest("tailrec-text-small", changes);
      return encoderDigest((await loadManifest(path, repository)).manifest);
    };
    const { manifest } = await loadManifestFor("text", "tailrec-text-small", repository);
    const original = encoderDigest(manifest);
    expect(await digestOf({ description: "another", licence: "other" })).toBe(original);
    expect(await digestOf({ text: { ...manifest.text, pooling: "cls" } })).not.toBe(original);
    expect(await digestOf({ files: { ...manifest.files, "model.onnx": "0".repeat(64) } })).not.toBe(original);
  });
});

describe("a manifest", () => {
  const loadAltered = async (changes: Record<string, unknown>) =>
    loadManifest(await alteredManifest("tailrec-text-small", changes), repository);

  it("must give a digest for every file that it names", async () => {
    await expect(loadAltered({ model: "other.onnx" })).rejects.toMatchObject({
      code: "MODEL_INVALID",
      message: expect.stringContaining('"other.onnx" is named but has no digest'),
    });
  });

  it("must pin a commit of the hub, not a branch", async () => {
    const source = { kind: "huggingface", repository: "owner/name", revision: "main" };
    await expect(loadAltered({ source })).rejects.toThrow("full commit hash");
  });

  it("must not reach files outside its folder", async () => {
    const { manifest } = await loadManifest("tailrec-text-small", repository);
    const files = { ...manifest.files, "../secret": "0".repeat(64) };
    await expect(loadAltered({ files })).rejects.toMatchObject({ code: "MODEL_INVALID" });
  });
});
