import { describe, expect, it } from "vitest";
import { startEncoderThread } from "../../../src/encoders/run/encoder-thread.ts";
import { openTextEncoder } from "../../../src/encoders/text/text-encoder.ts";
import { builtIn, filesIn } from "../encoding-fixtures.ts";

describe("encoder thread", () => {
  it("gives the vectors that the encoder gives on this thread", async () => {
    const opening = await builtIn("text");
    const thread = startEncoderThread(opening);
    const here = await openTextEncoder(opening);
    const texts = ["a red lamp", "a much longer text about a lamp and its shade"];
    expect(await thread.encode(texts)).toEqual(await here.encode(texts));
    await Promise.all([thread.close(), here.close()]);
  });

  it("throws what went wrong on opening at the first batch, and still closes", async () => {
    const { manifest, files } = await builtIn("text");
    const { broken } = filesIn({ broken: "not a graph" });
    const thread = startEncoderThread({ manifest, files: { ...files, "model.onnx": broken }, threads: 1 });
    await expect(thread.encode(["x"])).rejects.toMatchObject({
      code: "MODEL_INVALID",
      message: expect.stringContaining("ONNX Runtime cannot load it"),
    });
    await thread.close();
  });

  it("says that the thread stopped, instead of waiting for ever, once it is closed", async () => {
    const thread = startEncoderThread(await builtIn("text"));
    await thread.close();
    await expect(thread.encode(["x"])).rejects.toMatchObject({ code: "INTERNAL" });
    await thread.close();
  });
});
