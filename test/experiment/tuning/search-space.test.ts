import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parsePipeline } from "../../../src/config.ts";
import {
  checkSpace,
  defaultSpace,
  drawValues,
  type SearchSpace,
  searchSpaceSchema,
  withValues,
} from "../../../src/experiment/tuning/search-space.ts";
import { createRandom } from "../../../src/math/random.ts";
import { oneStep } from "../../helpers/one-step-regressor.ts";

const config = parsePipeline(
  `name: made
output: nowhere
data: { interactions: { path: a.csv }, items: { path: b.csv } }
features: { text: {}, lexical: {} }
`,
  "made.yaml",
);

describe("the default space", () => {
  it("weighs the blocks that the pipeline uses, and fits every pipeline", () => {
    const space = defaultSpace(config);
    const weights = Object.keys(space).filter((path) => path.startsWith("features."));
    const used = Object.entries(config.features).flatMap(([block, options]) =>
      options !== null && typeof options === "object" && "weight" in options ? [`features.${block}.weight`] : [],
    );
    expect(weights.sort()).toEqual([...used, "features.lexical.dimension"].sort());
    checkSpace(space, config);
  });

  it("searches joint rounds, and the dimension of the channel where there is one", () => {
    const { features, embeddings } = config;
    expect(defaultSpace(config)["embeddings.rounds"]).toContain(embeddings.rounds);
    expect(defaultSpace(config)["embeddings.channel.dimension"]).toContain(embeddings.channel?.dimension);
    const without = defaultSpace({ features, embeddings: { ...embeddings, channel: null } });
    expect(Object.keys(without)).not.toContain("embeddings.channel.dimension");
  });

  it("leaves out the weight of a block that stands alone", () => {
    const { features, embeddings } = config;
    const alone = { ...features, text: null, image: null, attributes: null };
    expect(
      Object.keys(defaultSpace({ features: alone, embeddings })).filter((path) => path.startsWith("features.")),
    ).toEqual(["features.lexical.dimension"]);
  });
});

it("the kinds of regressors are those of the list that are not slow, and the caller's", () => {
  const kindsOf = (space: SearchSpace) => space["regressor.kind"];
  expect(kindsOf(defaultSpace(config))).toEqual(["ridge", "kernel-ridge", "knn"]);
  const own = { regressorKinds: [oneStep] };
  const space = defaultSpace(config, own);
  expect(kindsOf(space)).toEqual(["ridge", "kernel-ridge", "knn", "one-step"]);
  checkSpace(space, config, own);
  expect(() => checkSpace(space, config)).toThrow("regressor.kind");
});

describe("drawValues", () => {
  const space = searchSpaceSchema.parse({
    "collaborative.rank": [8, 16],
    "embeddings.exposure": { from: 0.5, to: 50 },
    "regressor.supportExponent": { from: 0, to: 1, scale: "linear" },
  });

  it("changes at least one option, to a choice or a number within its range", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e6 }), (seed) => {
        const values = drawValues(space, createRandom(seed));
        expect(Object.keys(values).length).toBeGreaterThan(0);
        const { "collaborative.rank": rank = 8, "embeddings.exposure": exposure = 1 } = values;
        expect([8, 16]).toContain(rank);
        expect(exposure).toBeGreaterThanOrEqual(0.5);
        expect(exposure).toBeLessThanOrEqual(50);
        withValues(config, values);
      }),
    );
  });

  it("is as often below the geometric mean of a log range as above it", () => {
    const random = createRandom(5);
    const drawn = Array.from({ length: 3000 }, () => drawValues(space, random)["embeddings.exposure"]);
    const numbers = drawn.filter((value) => typeof value === "number");
    expect(numbers.filter((value) => value < 5).length / numbers.length).toBeCloseTo(0.5, 1);
  });
});

describe("withValues", () => {
  it("sets what it is told to and nothing else", () => {
    const changed = withValues(config, { "collaborative.rank": 16, "features.text.weight": 0.5 });
    expect(changed.collaborative).toEqual({ ...config.collaborative, rank: 16 });
    expect(changed.features.text).toEqual({ ...config.features.text, weight: 0.5 });
    expect(withValues(config, {})).toEqual(config);
  });
});

describe("checkSpace", () => {
  const check = (space: unknown) => () => checkSpace(searchSpaceSchema.parse(space), config);

  it("refuses options that do not exist, values that do not fit, and what would need encoding", () => {
    expect(check({ "collaborative.rnk": [8] })).toThrow('unknown key "collaborative.rnk", did you mean "rank"?');
    expect(check({ "collaborative.rank": [8, 4.5] })).toThrow("collaborative.rank");
    expect(check({ "embeddings.exposure": { from: -1, to: 2, scale: "linear" } })).toThrow("embeddings.exposure");
    expect(check({ "features.text.dimension": [8] })).toThrow("features.BLOCK.weight");
    expect(check({ "features.lexical.dimension": [8, -1] })).toThrow("features.lexical.dimension");
    expect(check({ "evaluation.seed": [1, 2] })).toThrow("expected an option of collaborative");
    const imageless = { ...config, features: { ...config.features, image: null } };
    expect(() => checkSpace({ "features.image.weight": [1] }, imageless)).toThrow('the pipeline has no "image"');
  });

  it("refuses ranges that are none", () => {
    expect(() => searchSpaceSchema.parse({ a: { from: 2, to: 1 } })).toThrow("from < to");
    expect(() => searchSpaceSchema.parse({ a: { from: 0, to: 1 } })).toThrow("from > 0");
  });
});
