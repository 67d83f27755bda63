/** How it is chosen on the inner split how items are compared. */
import { describe, expect, it } from "vitest";
import { itemSupport } from "../../../src/data/interactions.ts";
import { ndcg, ndcgLift } from "../../../src/evaluation/metrics/kinds/ndcg.ts";
import { metricOf } from "../../../src/evaluation/metrics/rank-metric.ts";
import { embeddingOptionsSchema } from "../../../src/hybrid/embedding-options.ts";
import { splitValidation } from "../../../src/hybrid/settings/inner-split.ts";
import { createSimilarMeasure } from "../../../src/hybrid/similar/similar-measure.ts";
import { similarPanel } from "../../../src/hybrid/similar/similar-panel.ts";
import { chooseSimilar } from "../../../src/hybrid/similar/similar-search.ts";
import { MIXTURE, partAlone, type SimilarSettings } from "../../../src/hybrid/similar/similar-settings.ts";
import { assembleSimilar, largest, type SimilarParts } from "../../../src/hybrid/similar/similar-vectors.ts";
import { createReferenceBackend } from "../../../src/math/compute/reference/reference-backend.ts";
import { dot } from "../../../src/math/cosine.ts";
import { transpose } from "../../../src/math/linear-map.ts";
import { rowOf } from "../../../src/math/matrix.ts";
import { createRandom } from "../../../src/math/random.ts";
import { unitRows } from "../../../src/math/row-norms.ts";
import { randomMatrix } from "../../helpers/matrices.ts";
import { makeWorld } from "../../helpers/world.ts";

const { interactions, affinity } = makeWorld(5, { users: 600, items: 120, perUser: 6 });
const sampling = { users: 500, seed: 7 };
const backend = createReferenceBackend();
const split = splitValidation(interactions, embeddingOptionsSchema.parse({}));
const support = itemSupport(split.train);
const noise = (seed: number) => unitRows(randomMatrix(createRandom(seed), 120, 6));
/** Content says what people take here; the other parts are noise. */
const parts: SimilarParts = {
  support,
  parts: { factors: noise(1), coOccurrence: noise(2), prior: noise(3), content: unitRows(transpose(affinity)) },
};

describe("the panel of query items", () => {
  it("measures what the vectors of the settings would list", async () => {
    const panel = similarPanel(split, sampling);
    if (panel === undefined) throw new Error("expected pairs to ask for");
    const measure = await createSimilarMeasure(panel, parts, backend);
    for (const settings of [MIXTURE, { ...partAlone("content"), popularity: 0.3 }]) {
      const { vectors } = assembleSimilar(parts, settings, largest(support));
      const expected = Array.from(panel.queries, (query, q) => {
        const scores = Array.from(panel.items, (item) => dot(rowOf(vectors, query), rowOf(vectors, item)));
        const seen = new Set(panel.seen.indices.subarray(panel.seen.indptr[q], panel.seen.indptr[q + 1]));
        const pairs = Array.from(
          { length: panel.truth.indptr[q + 1] - panel.truth.indptr[q] },
          (_, t) => panel.truth.indptr[q] + t,
        ).filter((p) => panel.launched[panel.truth.indices[p]] === 0);
        const rankOf = (place: number) =>
          1 + scores.filter((score, other) => !seen.has(other) && score > scores[place]).length;
        const ranked = pairs
          .map((p) => ({
            rank: rankOf(panel.truth.indices[p]),
            gain: panel.truth.values[p] / (1 + support[panel.items[panel.truth.indices[p]]]),
          }))
          .sort((a, b) => a.rank - b.rank);
        if (ranked.length === 0) return Number.NaN;
        const ranks = ranked.map(({ rank }) => rank);
        const gains = ranked.map(({ gain }) => gain);
        const plain = metricOf({ name: "ndcg@10", k: 10, kind: ndcg }, ranks);
        return (plain + metricOf({ name: "ndcg-lift@10", k: 10, kind: ndcgLift }, ranks, gains)) / 2;
      });
      const { known } = measure(settings).byUser;
      for (const [q, value] of expected.entries()) {
        if (Number.isNaN(value)) expect(known[q]).toBeNaN();
        else expect(known[q]).toBeCloseTo(value, 4);
      }
    }
  });

  it("is none where nothing follows anything", () => {
    const test = { ...split.test, indptr: new Uint32Array(split.test.rows + 1), indices: new Uint32Array(0) };
    expect(similarPanel({ ...split, test: { ...test, values: new Float32Array(0) } }, sampling)).toBeUndefined();
  });
});

describe("the search", () => {
  it("finds the part that tells, and lets go of noise", async () => {
    const { similar, trials } = await chooseSimilar(split, parts, sampling, backend);
    const weightOfNoise = Math.max(similar.factors, similar.coOccurrence, similar.prior);
    expect(similar.content).toBeGreaterThan(weightOfNoise);
    const objectiveOf = (settings: SimilarSettings) =>
      trials.find((trial) =>
        Object.entries(settings).every(([name, value]) => trial[name as keyof SimilarSettings] === value),
      )?.objective ?? Number.NaN;
    expect(objectiveOf(similar)).toBeGreaterThan(objectiveOf(MIXTURE));
    expect(trials.length).toBeLessThan(60);
  });

  it("gives the same choice every time", async () => {
    expect(await chooseSimilar(split, parts, sampling, backend)).toEqual(
      await chooseSimilar(split, parts, sampling, backend),
    );
  });

  it("keeps the mixture of the parts that are known where nothing can be measured", async () => {
    const { test } = split;
    const empty = {
      ...test,
      indptr: new Uint32Array(test.rows + 1),
      indices: new Uint32Array(0),
      values: new Float32Array(0),
    };
    const { content: _, ...known } = parts.parts;
    const choice = await chooseSimilar({ ...split, test: empty }, { support, parts: known }, sampling, backend);
    expect(choice).toEqual({ similar: { ...MIXTURE, content: 0 }, trials: [] });
  });
});
