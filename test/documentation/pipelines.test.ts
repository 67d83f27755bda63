/** Every piece of a pipeline file that a page shows is one: its keys are known and its values are right. */
import { describe, expect, it } from "vitest";
import { parsePipeline } from "../../src/config.ts";
import { readPages } from "./pages.ts";

const parts = ["data", "features", "collaborative", "regressor", "embeddings", "evaluation"];
const minimal = { data: "data: { interactions: { path: a.csv }, items: { path: b.csv } }", rest: "name: a\noutput: b" };

const pieces = readPages().flatMap(({ path, text }) => {
  const blocks = [...text.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, block]) => block.trimEnd());
  const inline = [...text.replace(/```[\s\S]*?```/g, "").matchAll(/`(\w+: \{[^`]*\})`/g)].map(([, code]) => code);
  return [...blocks, ...inline.filter((code) => parts.includes(code.split(":")[0]))].map((piece) => ({ path, piece }));
});

describe("pieces of pipeline files", () => {
  it("are found in the pages", () => {
    expect(pieces.length).toBeGreaterThan(8);
  });

  it.each(pieces)("$path: $piece", ({ path, piece }) => {
    const isWhole = piece.startsWith("name:");
    const data = piece.startsWith("data:") ? [] : [minimal.data];
    const text = isWhole ? piece : [minimal.rest, ...data, piece].join("\n");
    expect(() => parsePipeline(text, path)).not.toThrow();
  });
});
