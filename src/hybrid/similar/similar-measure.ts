/**
 * Measures settings on a panel of query items. The figure of a query is the mean of NDCG@10 and of its popularity-corrected form: the
 * first alone lists what is popular, the second alone what nobody meets. The cosines of every part are computed once; settings weigh them.
 */
import { ndcg, ndcgLift } from "../../evaluation/metrics/kinds/ndcg.ts";
import { metricOf } from "../../evaluation/metrics/rank-metric.ts";
import { rankOf } from "../../evaluation/ranking/ranking.ts";
import type { ComputeBackend } from "../../math/compute/backend.ts";
import { takeRows } from "../../math/matrix.ts";
import { squaredNorms } from "../../math/row-norms.ts";
import { meanOf, type PanelFigures, weightOfLaunched } from "../settings/panel.ts";
import type { SimilarPanel } from "./similar-panel.ts";
import { SIMILAR_PARTS, type SimilarPart, type SimilarSettings } from "./similar-settings.ts";
import { largest, lengthsOf, partWeights, type SimilarParts } from "./similar-vectors.ts";

/** The cosines of a part: queries x m, and which of the m items have it. */
interface PartScores {
  readonly part: SimilarPart;
  readonly cosines: Float32Array;
  readonly present: Float64Array;
}

/** Measures settings; the parts are scored once. */
export async function createSimilarMeasure(
  panel: SimilarPanel,
  { parts, support }: SimilarParts,
  backend: ComputeBackend,
): Promise<(settings: SimilarSettings) => PanelFigures> {
  const { queries, items, truth } = panel;
  const scored: PartScores[] = [];
  for (const part of SIMILAR_PARTS) {
    const rows = parts[part];
    if (rows === undefined) continue;
    const own = takeRows(rows, items);
    const { values: cosines } = await backend.multiplyTransposed(takeRows(rows, queries), own);
    scored.push({ part, cosines, present: squaredNorms(own) });
  }
  const known = { queries: supportOf(support, queries), items: supportOf(support, items), most: largest(support) };
  const gains = Float64Array.from(truth.indices, (place, p) => truth.values[p] / (known.items[place] + 1));
  return (settings) => figuresOf(panel, gains, rankPairs(panel, scored, known, settings));
}

function supportOf(support: Uint32Array, rows: Uint32Array): Uint32Array {
  return Uint32Array.from(rows, (row) => support[row]);
}

interface KnownSupport {
  readonly queries: Uint32Array;
  readonly items: Uint32Array;
  readonly most: number;
}

/** The metrics look no further. */
const DEPTH = 10;

/** The rank of every pair of the truth by s_i.s_j / |s_i|, up to a factor of the query. */
function rankPairs(
  { queries, items, seen, truth, tieOrder: { rows, places } }: SimilarPanel,
  scored: readonly PartScores[],
  support: KnownSupport,
  settings: SimilarSettings,
): Uint32Array {
  const asked = scored.filter(({ part }) => settings[part] > 0);
  const weights = asked.map(({ part }) => partWeights(part, support.items, settings));
  const ofQueries = asked.map(({ part }) => partWeights(part, support.queries, settings));
  const lengths = lengthsOf(support.items, settings, support.most).map((length, i) => {
    const square = asked.reduce((sum, { present }, p) => sum + weights[p][i] ** 2 * present[i], 0);
    return square > 0 ? length / Math.sqrt(square) : 0;
  });
  const factors = weights.map((own) => Float32Array.from(own, (weight, i) => weight * lengths[i]));
  const ranks = new Uint32Array(truth.indices.length);
  const scores = new Float32Array(items.length);
  for (let q = 0; q < queries.length; q++) {
    scores.fill(0);
    for (const [p, { cosines }] of asked.entries()) {
      addScaled(scores, cosines.subarray(q * items.length, (q + 1) * items.length), factors[p], ofQueries[p][q]);
    }
    for (let s = seen.indptr[q]; s < seen.indptr[q + 1]; s++) scores[seen.indices[s]] = Number.NEGATIVE_INFINITY;
    for (let t = truth.indptr[q]; t < truth.indptr[q + 1]; t++)
      ranks[t] = rankOf(scores, rows, truth.indices[t], places, DEPTH);
  }
  return ranks;
}

function addScaled(sums: Float32Array, cosines: Float32Array, factors: Float32Array, weight: number): void {
  for (let i = 0; i < sums.length; i++) sums[i] += weight * factors[i] * cosines[i];
}

function figuresOf({ truth, launched, newShare }: SimilarPanel, gains: Float64Array, ranks: Uint32Array): PanelFigures {
  const valuesOf = (flag: number) =>
    Float64Array.from({ length: truth.rows }, (_, q) => {
      const pairs = Array.from({ length: truth.indptr[q + 1] - truth.indptr[q] }, (_, t) => truth.indptr[q] + t);
      return figureOf(
        pairs.filter((p) => launched[truth.indices[p]] === flag).sort((a, b) => ranks[a] - ranks[b]),
        ranks,
        gains,
      );
    });
  const byUser = { known: valuesOf(0), launched: valuesOf(1) };
  const parts = { known: meanOf(byUser.known), launched: meanOf(byUser.launched) };
  const q = weightOfLaunched(newShare, byUser.known, byUser.launched);
  return { ...parts, objective: (1 - q) * parts.known + q * parts.launched, byUser };
}

const PLAIN = { name: "ndcg@10", k: DEPTH, kind: ndcg };
const CORRECTED = { name: "ndcg-lift@10", k: DEPTH, kind: ndcgLift };

/** Of one query, its pairs by rank; NaN without any. */
function figureOf(pairs: readonly number[], ranks: Uint32Array, gains: Float64Array): number {
  if (pairs.length === 0) return Number.NaN;
  const own = pairs.map((p) => ranks[p]);
  const weights = pairs.map((p) => gains[p]);
  return (metricOf(PLAIN, own) + metricOf(CORRECTED, own, weights)) / 2;
}
