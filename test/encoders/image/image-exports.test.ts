/** Picture encoders as exporters leave them: whatever layout, types and sizes a graph has, the vectors are those of its equations. */
import { describe, expect, it } from "vitest";
import { describeModelFolder } from "../../../src/encoders/models/added-model.ts";
import { ELEMENTS, type Element, input, model, node, output } from "../../helpers/onnx-bytes.ts";
import { cornerPicture } from "../encoding-fixtures.ts";
import { folderOf, vectorsOf } from "../exported-encoders.ts";

type Shape = readonly (number | string | null)[];

/** The mean of each channel over the given axes. */
function meanModel(
  shape: Shape,
  axes: readonly number[],
  element: Element = "float32",
  further: readonly Uint8Array[] = [],
) {
  return model(
    node("Cast", ["pixel_values"], ["floats"], { to: ELEMENTS.float32 }),
    node("ReduceMean", ["floats"], ["means"], { axes, keepdims: 0 }),
    node("Cast", ["means"], ["image_embeds"], { to: ELEMENTS[element === "float16" ? "float16" : "float32"] }),
    input("pixel_values", element, shape),
    ...further,
    output("image_embeds", element === "float16" ? "float16" : "float32", [shape[0], 3]),
  );
}

const FIRST = [2, 3];
const LAST = [1, 2];

/** Stretched to 32 x 32 without mean and deviation: the means of the four corners are those of their colours. */
const plain = (size: number) => ({
  "preprocessor_config.json": { size: { height: size, width: size }, do_normalize: false },
});
const colours = [130, 125, 85].map((value) => value / 255);
const darker = colours.map((value) => value / 2);

async function pictures(): Promise<Uint8Array[]> {
  const dark = cornerPicture(40, 40).linear(0.5, 0);
  return [await cornerPicture(40, 40).png().toBuffer(), await dark.png().toBuffer()];
}

describe("a picture graph", () => {
  it.each<[string, Buffer, number, number]>([
    ["channels first", meanModel(["n", 3, 32, 32], FIRST), 32, 1],
    ["channels last", meanModel(["n", 32, 32, 3], LAST), 32, 1],
    ["channels last and free sides", meanModel(["n", "h", "w", 3], LAST), 24, 1],
    ["channels last by name alone", meanModel(["batch", "height", "width", "channels"], LAST), 24, 1],
    ["channels first by name alone", meanModel(["batch", "channels", "height", "width"], FIRST), 24, 1],
    ["channels last by what it gives", meanModel([null, null, null, null], LAST), 24, 1],
    ["channels first by what it gives", meanModel([null, null, null, null], FIRST), 24, 1],
    ["a batch of exactly 1", meanModel([1, 3, 32, 32], FIRST), 32, 1],
    ["a batch of exactly 4, channels last", meanModel([4, 48, 48, 3], LAST), 48, 1],
    ["half precision", meanModel(["n", 3, 32, 32], FIRST, "float16"), 32, 1],
    ["pixels of 8 bits", meanModel(["n", 32, 32, 3], LAST, "uint8"), 32, 255],
    ["pixels of 32 bits", meanModel(["n", 3, 32, 32], FIRST, "int32"), 32, 255],
  ])("with %s gives the means of the colours", async (_, graph, size, brightest) => {
    const folder = folderOf({ "model.onnx": graph, ...plain(size) });
    const result = await describeModelFolder(folder);
    expect(result.manifest).toMatchObject({ task: "image", dimension: 3, image: { size } });
    const vectors = await vectorsOf(folder, result, await pictures());
    for (const [i, expected] of [colours, darker].entries())
      for (const [j, value] of expected.entries())
        expect(Math.abs(vectors[i][j] / brightest - value)).toBeLessThan(0.02);
  });

  it("of channels last is not taken for pictures of short side 3: the usual side is assumed, and said", async () => {
    const { manifest, assumed } = await describeModelFolder(
      folderOf({ "model.onnx": meanModel(["n", "h", "w", 3], LAST) }),
    );
    expect(manifest).toMatchObject({ image: { size: 224, layout: "channels-last", resize: { shortSide: 256 } } });
    expect(assumed.join()).toContain("centre 224");
  });

  it.each<[string, Buffer, object, RegExp]>([
    [
      "of 32 where its settings say 48",
      meanModel(["n", 3, 32, 32], FIRST),
      plain(48),
      /32 x 32, and its settings say 48/,
    ],
    ["of unequal sides", meanModel(["n", 3, 32, 64], FIRST), {}, /32 x 64; only squares/],
    ["of one channel", meanModel(["n", 1, 32, 32], FIRST), {}, /pictures of 1 channels/],
    ["of four channels, last", meanModel(["n", 32, 32, 4], LAST), {}, /pictures of 4 channels/],
    ["without a batch", meanModel([3, 32, 32], [1, 2]), {}, /expected one input of pictures/],
    [
      "and texts",
      meanModel(["n", 3, 32, 32], FIRST, "float32", [input("input_ids_of_texts", "int64", ["n", "t"])]),
      {},
      /export the picture part alone/,
    ],
  ])("of pictures %s is refused with what it takes", async (_, graph, files, message) => {
    await expect(describeModelFolder(folderOf({ "model.onnx": graph, ...files }))).rejects.toMatchObject({
      code: "MODEL_INVALID",
      message: expect.stringMatching(message),
    });
  });
});
