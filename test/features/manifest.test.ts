import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openImageEncoder } from "../../src/features/image-encoder.ts";
import {
  encoderDigest,
  listManifests,
  loadManifest,
  loadManifestFor,
  readManifest,
} from "../../src/features/manifest.ts";
import { verifiedModelFiles } from "../../src/features/model-files.ts";
import { alteredManifest, builtIn, cornerPicture, cosine, repository, temporaryFolder } from "./encoding-fixtures.ts";

describe("the manifests of models/", () => {
  it("are all valid and named like their files", async () => {
    const names = await listManifests();
    const loaded = await Promise.all(names.map((name) => readManifest(name, repository)));
    expect(loaded.map(({ manifest }) => manifest.name)).toEqual(names);
    expect(names).toContain("text-small-untrained");
    expect(names).toContain("image-small-untrained");
  });

  it("say plainly that the built-in weights are untrained", async () => {
    for (const task of ["text", "image"] as const) {
      const { manifest } = await loadManifestFor(task, `${task}-small-untrained`, repository);
      expect(manifest.description).toContain("UNTRAINED");
    }
  });

  it("carry the digests of the built-in files", async () => {
    for (const task of ["text", "image"] as const) {
      const located = await loadManifestFor(task, `${task}-small-untrained`, repository);
      await expect(verifiedModelFiles(located)).resolves.toBeDefined();
    }
  });
});

describe("make:encoders", () => {
  it("writes the built-in encoders again: the same text encoder, an image encoder that gives the same vectors", async () => {
    const folder = temporaryFolder();
    execFileSync(process.execPath, ["--import", "tsx", join(repository, "models/build-encoders.ts"), folder], {
      cwd: repository,
    });
    for (const name of ["model.onnx", "tokenizer.json"]) {
      const path = join("text-small-untrained", name);
      expect(readFileSync(join(folder, path)).equals(readFileSync(join(repository, "models", path)))).toBe(true);
    }
    // Its last layer comes from ONNX Runtime, whose sums may round otherwise on another processor.
    const picture = await cornerPicture(90, 70).png().toBuffer();
    const opening = await builtIn("image");
    const encode = async (model: string): Promise<Float32Array> => {
      const encoder = await openImageEncoder({ ...opening, files: { "model.onnx": model } });
      const { vectors } = await encoder.encode([picture]);
      await encoder.close();
      return vectors;
    };
    const again = await encode(join(folder, "image-small-untrained/model.onnx"));
    expect(cosine(again, await encode(opening.files["model.onnx"]))).toBeGreaterThan(0.999);
  });
});

describe("encoderDigest", () => {
  it("depends on everything that decides a vector, not on names and descriptions", async () => {
    const digestOf = async (changes: Record<string, unknown>): Promise<string> => {
      const path = await alteredManifest("text-small-untrained", changes);
      return encoderDigest((await loadManifest(path, repository)).manifest);
    };
    const { manifest } = await loadManifestFor("text", "text-small-untrained", repository);
    const original = encoderDigest(manifest);
    expect(await digestOf({ description: "another", licence: "other" })).toBe(original);
    expect(await digestOf({ text: { ...manifest.text, pooling: "cls" } })).not.toBe(original);
    expect(await digestOf({ files: { ...manifest.files, "model.onnx": "0".repeat(64) } })).not.toBe(original);
  });
});

describe("a manifest", () => {
  const loadAltered = async (changes: Record<string, unknown>) =>
    loadManifest(await alteredManifest("text-small-untrained", changes), repository);

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
    const { manifest } = await loadManifest("text-small-untrained", repository);
    const files = { ...manifest.files, "../secret": "0".repeat(64) };
    await expect(loadAltered({ files })).rejects.toMatchObject({ code: "MODEL_INVALID" });
  });
});
