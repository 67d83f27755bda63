/** The list of leak checks: every finding is named after its check, and kinds of block from outside are compared too. */
import { describe, expect, it } from "vitest";
import { parsePipeline } from "../../src/config.ts";
import type { Catalog } from "../../src/data/catalog.ts";
import { createInteractions } from "../../src/data/interactions.ts";
import { imageBlock } from "../../src/features/blocks/image.ts";
import type { BlockKind } from "../../src/index.ts";
import { leakChecksWith } from "../../src/leaks/leak-checks.ts";
import { leakOptionsSchema } from "../../src/leaks/leak-options.ts";

const options = leakOptionsSchema.parse({});
const ids = ["a", "b", "c", "d"];

const catalog: Catalog = {
  ids,
  titles: ["one two three four", "five six seven eight", "nine ten eleven twelve", "one two three four"],
  descriptions: ids.map(() => ""),
  images: ids.map(() => null),
  imageRoot: ".",
  attributes: [],
};

/** Sounds whose files are told apart by their name alone. */
const soundBlock: BlockKind = {
  ...(imageBlock as BlockKind),
  name: "sound",
  words: { plural: "sounds", missing: () => "no sound" },
  files: {
    noun: "sound",
    column: "sound",
    locations: ({ ids: known }) => known.map((id) => `${id}.wav`),
    fault: async () => undefined,
    fingerprint: async (location) => Uint8Array.of(location === "d.wav" || location === "a.wav" ? 1 : 200),
    stores: [],
  },
};

const interactions = createInteractions(2, 4, { users: [0, 0, 1], items: [0, 1, 2], values: [1, 1, 1] });

/** Item d is cold; its encoded sound is that of item a. */
const split = {
  protocol: "cold-items",
  train: interactions,
  test: interactions,
  order: "latest",
  coldItems: [3],
  fittedOn: [0, 1, 2],
  catalog,
  encoded: {
    quarantine: [],
    sound: { vectors: { rows: 4, columns: 2, values: Float32Array.from([1, 0, 0, 1, -1, 0, 1, 0]) } },
  } as never,
  features: { sound: { weight: 1 } },
};

describe("the leak checks", () => {
  const checks = leakChecksWith({ blockKinds: [soundBlock] });

  it("have a name each, which their findings bear", async () => {
    expect(new Set(checks.map(({ name }) => name)).size).toBe(checks.length);
    for (const check of checks) {
      const finding =
        check.of === "split"
          ? await check.check(split, options, {})
          : check.of === "data"
            ? check.check({ catalog, interactions, userIds: ["u", "v"] }, options)
            : check.check(
                {
                  report: {
                    dataset: "",
                    protocol: { kind: "x", slices: [], bootstrap: { resamples: 100, seed: 1 } },
                    results: [],
                    comparisons: [],
                  },
                  test: interactions,
                  levels: [],
                },
                options,
              );
      if (finding !== undefined) expect(finding.check).toBe(check.name);
    }
  });

  it("compare the inputs of a kind of block from outside, and its check can be allowed by name", async () => {
    const sounds = checks.find(({ name }) => name === "near-duplicate-sounds");
    if (sounds?.of !== "split") throw new Error("sounds are compared");
    expect(await sounds.check(split, options, {})).toMatchObject({
      state: "stop",
      examples: ['d "one two three four" is cold, a "one two three four" is not'],
    });
    const text =
      "name: x\ndata: { interactions: { path: a }, items: { path: b } }\noutput: o\nevaluation: { allowLeaks: [near-duplicate-sounds] }\n";
    expect(parsePipeline(text, "x", { blockKinds: [soundBlock] }).evaluation.allowLeaks).toEqual([
      "near-duplicate-sounds",
    ]);
    expect(() => parsePipeline(text, "x")).toThrowError(/allowLeaks/);
  });

  it("do not look for copies where no item is cold", async () => {
    for (const check of checks) {
      if (check.of !== "split" || !check.name.startsWith("near-duplicate")) continue;
      expect(await check.check({ ...split, coldItems: [] }, options, {})).toBeUndefined();
    }
  });
});
