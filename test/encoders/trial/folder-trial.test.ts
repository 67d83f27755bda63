/** An encoder on trial is a program of somebody else: it ends at its limits of memory and time, and takes nobody along. */
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { describeModelFolder } from "../../../src/encoders/models/added-model.ts";
import { tryModelFolder } from "../../../src/encoders/trial/folder-trial.ts";
import { trialLimits } from "../../../src/encoders/trial/trial-limits.ts";
import { graph, input, model, node, output, tensor } from "../../helpers/onnx-bytes.ts";
import { dimension, folderOf, tableTensor, textModel, tokenizerJson } from "../exported-encoders.ts";

const ids = input("input_ids", "int64", ["batch", "sequence"]);
const states = output("last_hidden_state", "float32", ["batch", "sequence", dimension]);
const one = tensor("one", [1], Float32Array.of(1));

const folderWith = (content: Uint8Array) => folderOf({ "model.onnx": content, "tokenizer.json": tokenizerJson() });

/** Adds 1 for ever. */
const endlessLoop = model(
  node("Gather", ["table", "input_ids"], ["words"]),
  node("Loop", ["", "go", "words"], ["last_hidden_state"], {
    body: graph(
      node("Identity", ["still"], ["again"]),
      node("Add", ["x", "one"], ["more"]),
      input("i", "int64", []),
      input("still", "bool", []),
      input("x", "float32", ["a", "b", "c"]),
      output("again", "bool", []),
      output("more", "float32", ["a", "b", "c"]),
    ),
  }),
  tableTensor,
  one,
  tensor("go", [], Uint8Array.of(1), "bool"),
  ids,
  states,
);

/** One number as two thousand million rows: at run time, or while the constants are folded. */
const hugeExpand = (from: "one" | "largest") =>
  model(
    node("Gather", ["table", "input_ids"], ["words"]),
    node("ReduceMax", ["words"], ["largest"], { keepdims: 0 }),
    node("Expand", [from, "rows"], ["huge"]),
    node("ReduceSum", ["huge"], ["sum"], { keepdims: 0 }),
    node("Add", ["words", "sum"], ["last_hidden_state"]),
    tableTensor,
    one,
    tensor("rows", [1], BigInt64Array.of(2_000_000_000n)),
    ids,
    states,
  );

/** The most memory that this process and those below it had resident together, in bytes, and what came of the work. */
async function peakOf<T>(work: Promise<T>): Promise<{ readonly peak: number; readonly result: T | Error }> {
  let peak = 0;
  const watch = setInterval(() => {
    peak = Math.max(peak, residentBelow(process.pid));
  }, 10);
  const result = await work.catch((error: Error) => error);
  clearInterval(watch);
  return { peak, result };
}

function residentBelow(pid: number): number {
  try {
    const pages = Number(readFileSync(`/proc/${pid}/statm`, "utf8").split(" ")[1]);
    const children = readdirSync(`/proc/${pid}/task`).flatMap((task) =>
      readFileSync(`/proc/${pid}/task/${task}/children`, "utf8").trim().split(" ").filter(Boolean).map(Number),
    );
    return 4096 * pages + children.reduce((sum, child) => sum + residentBelow(child), 0);
  } catch {
    return 0;
  }
}

describe("an encoder on trial", () => {
  it("is described as it would be here", async () => {
    const folder = folderWith(textModel());
    const options = { name: "mine", licence: "MIT", pooling: "cls" } as const;
    expect(await tryModelFolder(folder, options)).toEqual(await describeModelFolder(folder, options));
  });

  it("is refused in the words that it would be refused in here", async () => {
    await expect(tryModelFolder("/nowhere/at/all")).rejects.toMatchObject({
      code: "FILE_NOT_FOUND",
      message: expect.stringContaining("expected a folder"),
    });
  });

  it("that loops for ever is stopped, with the remedy", { timeout: 60_000 }, async () => {
    const begin = performance.now();
    await expect(tryModelFolder(folderWith(endlessLoop), {}, { limits: { seconds: 4 } })).rejects.toMatchObject({
      code: "MODEL_INVALID",
      message: expect.stringMatching(/stopped after 4 s: the graph does not come to an end.*--trial-seconds/),
    });
    expect((performance.now() - begin) / 1000).toBeLessThan(20);
    expect(trialLimits(1e6).seconds).toBeLessThan(50);
  });

  it.each(["one", "largest"] as const)(
    "that asks for 8 GB (%s) is stopped before this process and its own have 2",
    { timeout: 60_000 },
    async (from) => {
      const { peak, result } = await peakOf(tryModelFolder(folderWith(hugeExpand(from))));
      expect(result).toMatchObject({
        code: "MODEL_INVALID",
        message: expect.stringMatching(/stopped at 1\.0 GB of memory.*--trial-gigabytes/),
      });
      expect(peak).toBeLessThan(2e9);
    },
  );

  it("ends with the run that is cancelled", async () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 1500);
    await expect(tryModelFolder(folderWith(endlessLoop), {}, { signal: controller.signal })).rejects.toMatchObject({
      code: "INTERRUPTED",
    });
  });
});
