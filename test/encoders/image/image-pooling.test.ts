/** A graph that gives a vector a patch, as vision transformers do, is pooled by the manifest's rule. The graph is built here. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openImageEncoder } from "../../../src/encoders/image/image-encoder.ts";
import type { ImageManifest } from "../../../src/encoders/image/image-preparation.ts";
import { describeModelFolder } from "../../../src/encoders/models/added-model.ts";
import { onnxModel } from "../../../src/math/onnx/onnx-graph.ts";
import { cornerPicture, temporaryFolder } from "../encoding-fixtures.ts";

/** Patches of a 4 x 4 picture as tokens of its three colours: n x 16 x 3. */
function patchGraph(): Uint8Array {
  return onnxModel({
    name: "patches",
    inputs: [{ name: "pixel_values", element: "float32", dimensions: ["n", 3, 4, 4] }],
    outputs: [{ name: "last_hidden_state", element: "float32", dimensions: ["n", 16, 3] }],
    initializers: [{ name: "shape", dimensions: [3], data: BigInt64Array.of(0n, 3n, 16n) }],
    nodes: [
      { operator: "Reshape", inputs: ["pixel_values", "shape"], outputs: ["flat"] },
      {
        operator: "Transpose",
        inputs: ["flat"],
        outputs: ["last_hidden_state"],
        attributes: { perm: [0, 2, 1] },
      },
    ],
  });
}

async function encoded(change: Partial<ImageManifest["image"]>): Promise<number[]> {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "model.onnx"), patchGraph());
  const { manifest } = await describeModelFolder(folder);
  if (manifest.task !== "image") throw new Error("expected a picture encoder");
  const image = { ...manifest.image, resize: { rule: "stretch" } as const, mean: [0, 0, 0], std: [1, 1, 1], ...change };
  const files = { "model.onnx": join(folder, "model.onnx") };
  const encoder = await openImageEncoder({ manifest: { ...manifest, image } as ImageManifest, files, threads: 1 });
  const { vectors } = await encoder.encode([await cornerPicture(4, 4).png().toBuffer()]);
  await encoder.close();
  return Array.from(vectors, (value) => Math.round(255 * value));
}

describe("an output of one vector a patch", () => {
  it("gives the first patch, which is the red corner", async () => {
    expect(await encoded({ pooling: "cls" })).toEqual([220, 30, 30]);
  });

  it("gives the mean of the patches, which is that of the four corners", async () => {
    expect(await encoded({ pooling: "mean" })).toEqual([130, 125, 85]);
  });

  it("is brought to length 1 when asked for", async () => {
    const [red, green, blue] = await encoded({ pooling: "cls", normalise: true });
    expect(Math.hypot(red, green, blue)).toBeCloseTo(255, 0);
  });
});
