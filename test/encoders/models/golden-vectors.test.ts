/** The parity gate: against the Python reference where the weights are, and that it notices a deviation where they are not. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  checkParity,
  compareWithGoldens,
  type GoldenFile,
  readGoldens,
} from "../../../src/encoders/models/golden-vectors.ts";
import { loadManifest } from "../../../src/encoders/models/manifest.ts";
import { verifiedModelFiles } from "../../../src/encoders/models/model-files.ts";
import { batchDependence } from "../../../src/encoders/models/model-trial.ts";
import { openEncoder } from "../../../src/encoders/run/opened-encoder.ts";
import { openTokenizer } from "../../../src/encoders/text/tokenizer.ts";
import { builtIn, repository } from "../encoding-fixtures.ts";

const shared = join(repository, "../shared");
const posters = join(shared, "data/movielens-small/posters");
const converted = join(repository, "bench/models/all-MiniLM-L6-v2/tailrec-encoder.json");

async function located(encoder: string) {
  const manifest = await loadManifest(encoder, repository);
  return { located: manifest, files: await verifiedModelFiles(manifest) };
}

const goldensOf = (path: string): GoldenFile => readGoldens(readFileSync(join(repository, path), "utf8"), path);

const base64 = (vector: Float32Array): string =>
  Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength).toString("base64");

describe.skipIf(!existsSync(shared))("parity with the Python reference (needs ../shared)", () => {
  it.each([
    ["static-bge64", 16, 0.9999],
    ["mobilenetv2-imagenet", 5, 0.995],
    ["resnet56-cifar10", 5, 0.995],
  ])("%s reproduces its %d golden vectors", async (encoder, inputs, least) => {
    const { located: manifest, files } = await located(encoder);
    const parity = await checkParity(manifest, files);
    expect(parity).toMatchObject({ inputs });
    expect(parity?.worstCosine).toBeGreaterThanOrEqual(least);
  });

  it.each(["static-bge64", "mobilenetv2-imagenet"])(
    "%s gives the same vector alone and in a batch",
    async (encoder) => {
      const { located: manifest, files } = await located(encoder);
      expect(await batchDependence({ manifest: manifest.manifest, files, threads: 1 })).toBeLessThan(1e-5);
    },
  );

  it("mobilenetv2-imagenet reproduces real posters", async () => {
    const { located: manifest, files } = await located("mobilenetv2-imagenet");
    const goldens = goldensOf("fixtures/golden/posters-mobilenetv2-imagenet.json");
    const parity = await compareWithGoldens(manifest, files, goldens, posters);
    expect(parity.inputs).toBe(12);
    expect(parity.worstCosine).toBeGreaterThan(0.999);
  });
});

describe.skipIf(!existsSync(converted))("parity of all-MiniLM-L6-v2 (needs bench/minilm-onnx.py)", () => {
  it("the real weights reproduce the reference: equal tokens, cosine .9999", async () => {
    const { located: manifest, files } = await located(converted);
    const parity = await checkParity(manifest, files);
    expect(parity).toMatchObject({ inputs: 16 });
    expect(parity?.worstCosine).toBeGreaterThan(0.9999);
    expect(await batchDependence({ manifest: manifest.manifest, files, threads: 1 })).toBeLessThan(1e-5);
  });
});

describe("parity of the built-in encoders", () => {
  it("tailrec-text-small reproduces the reference: equal tokens, cosine .9999", async () => {
    const { located: manifest, files } = await located("tailrec-text-small");
    const parity = await checkParity(manifest, files);
    expect(parity).toMatchObject({ inputs: 16 });
    expect(parity?.worstCosine).toBeGreaterThan(0.9999);
  });
});

describe("the parity gate", () => {
  const text = "A blue stoneware mug";

  /** A golden file of the built-in encoder's own making. */
  async function own(change: Partial<GoldenFile["texts"][number]> = {}) {
    const opening = await builtIn("text");
    const encoder = await openEncoder(opening);
    const { vectors } = await encoder.encode([text]);
    await encoder.close();
    const tokenizer = await openTokenizer(opening.files["tokenizer.json"], opening.manifest.text);
    const golden = { text, ids: tokenizer.encode(text), vector: base64(vectors), ...change };
    const provenance = { script: "here", weights: "", versions: {} };
    const goldens = { encoder: opening.manifest.name, provenance, texts: [golden], pictures: [] };
    return compareWithGoldens({ manifest: opening.manifest, folder: repository }, opening.files, goldens, repository);
  }

  it("passes the encoder's own vectors", async () => {
    expect(await own()).toMatchObject({ inputs: 1 });
  });

  it("names the text and the place where the tokens differ", async () => {
    await expect(own({ ids: [1, 2, 3] })).rejects.toMatchObject({
      code: "MODEL_INVALID",
      message: expect.stringMatching(/"A blue stoneware mug" into other tokens, first at 0/),
    });
  });

  it("refuses a vector of another direction", async () => {
    const vector = base64(Float32Array.from({ length: 128 }, (_, i) => Math.sin(i)));
    await expect(own({ vector })).rejects.toMatchObject({
      code: "MODEL_INVALID",
      message: expect.stringMatching(/has cosine -?0\.\d+ with the reference.*check the weights/),
    });
  });

  it("has nothing to say of an encoder without goldens", async () => {
    const { manifest, files } = await builtIn("text");
    const unknown = { manifest: { ...manifest, name: "of-my-own" }, folder: join(repository, "test") };
    expect(await checkParity(unknown, files)).toBeNull();
  });
});
