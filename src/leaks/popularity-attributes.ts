/**
 * Attributes derived from popularity: a review count, a sales rank or a "bestseller" flag tells a model what the split hid.
 * Numbers by Spearman's correlation with support; category values by the rank-biserial correlation 2 AUC - 1, the same
 * quantity for a yes and a no (Cureton 1956). Support is that of all interactions: the hidden ones are the ones that leak.
 */
import type { Attribute, Catalog } from "../data/catalog.ts";
import { itemSupport } from "../data/interactions.ts";
import type { LeakFinding } from "./finding.ts";
import type { DataCheck } from "./leak-check.ts";
import type { LeakOptions } from "./leak-options.ts";

export interface AttributeCorrelation {
  /** E.g. `review_count`, or `badge: bestseller`. */
  readonly name: string;
  /** In [-1, 1]. */
  readonly correlation: number;
  /** Items that have the number, or the value. */
  readonly items: number;
}

/** Fewer say nothing about a correlation. */
const FEWEST_ITEMS = 30;

/** Correlations of every number, and of every category value that enough items have and enough lack. */
export function attributeCorrelations(catalog: Catalog, support: ArrayLike<number>): AttributeCorrelation[] {
  return catalog.attributes.flatMap((attribute) => correlationsOf(attribute, support));
}

function correlationsOf(attribute: Attribute, support: ArrayLike<number>): AttributeCorrelation[] {
  const { name } = attribute;
  if (attribute.kind !== "category") {
    const rows = [...attribute.values.keys()].filter((row) => !Number.isNaN(attribute.values[row]));
    if (rows.length < FEWEST_ITEMS) return [];
    const numbers = ranksOf(rows.map((row) => attribute.values[row]));
    return [{ name, correlation: pearson(numbers, ranksOf(rows.map((row) => support[row]))), items: rows.length }];
  }
  const ranks = ranksOf(Array.from(support));
  return [...rowsByValue(attribute.values)]
    .filter(([, rows]) => rows.length >= FEWEST_ITEMS && ranks.length - rows.length >= FEWEST_ITEMS)
    .map(([value, rows]) => ({
      name: `${name}: ${value}`,
      correlation: rankBiserial(ranks, rows),
      items: rows.length,
    }));
}

function rowsByValue(values: readonly (readonly string[])[]): Map<string, number[]> {
  const rows = new Map<string, number[]>();
  for (const [row, list] of values.entries()) {
    for (const value of list) {
      const known = rows.get(value);
      if (known === undefined) rows.set(value, [row]);
      else known.push(row);
    }
  }
  return rows;
}

/** Ranks from 1; ties share their mean rank. */
export function ranksOf(values: readonly number[]): Float64Array {
  const order = [...values.keys()].sort((a, b) => values[a] - values[b]);
  const ranks = new Float64Array(values.length);
  for (let begin = 0; begin < order.length; ) {
    let end = begin;
    while (end < order.length && values[order[end]] === values[order[begin]]) end++;
    for (let place = begin; place < end; place++) ranks[order[place]] = (begin + 1 + end) / 2;
    begin = end;
  }
  return ranks;
}

function pearson(a: Float64Array, b: Float64Array): number {
  const center = (a.length + 1) / 2;
  let covariance = 0;
  let squaresA = 0;
  let squaresB = 0;
  for (let i = 0; i < a.length; i++) {
    covariance += (a[i] - center) * (b[i] - center);
    squaresA += (a[i] - center) ** 2;
    squaresB += (b[i] - center) ** 2;
  }
  return squaresA === 0 || squaresB === 0 ? 0 : covariance / Math.sqrt(squaresA * squaresB);
}

/** Mean rank of the members against that of the rest, as a share of its largest value. */
function rankBiserial(ranks: Float64Array, members: readonly number[]): number {
  const others = ranks.length - members.length;
  const sum = members.reduce((total, row) => total + ranks[row], 0);
  const above = sum - (members.length * (members.length + 1)) / 2;
  return (2 * above) / (members.length * others) - 1;
}

const EXAMPLES = 3;
const NAME = "popularity-attributes";

/** Three quarters of the stopping correlation are worth a warning: brands that sell well reach half of it. */
export function popularityFinding(
  correlations: readonly AttributeCorrelation[],
  { maximumCorrelation }: LeakOptions,
): LeakFinding {
  const strongest = correlations.toSorted((a, b) => Math.abs(b.correlation) - Math.abs(a.correlation));
  const [top] = strongest;
  const height = Math.abs(top?.correlation ?? 0);
  const noted = strongest.filter(({ correlation }) => Math.abs(correlation) >= 0.75 * maximumCorrelation);
  return {
    check: NAME,
    protocol: null,
    state:
      top === undefined ? "unchecked" : height >= maximumCorrelation ? "stop" : noted.length > 0 ? "warning" : "clean",
    summary:
      top === undefined
        ? `no number or category value that ${FEWEST_ITEMS} items have`
        : `of ${correlations.length} attribute values, "${top.name}" follows the items' support most, rank correlation ${top.correlation.toFixed(2)}; ${maximumCorrelation} stops the run`,
    examples: noted
      .slice(0, EXAMPLES)
      .map(({ name, correlation, items }) => `"${name}" of ${items} items: ${correlation.toFixed(2)}`),
  };
}

export const popularityCheck: DataCheck = {
  of: "data",
  name: NAME,
  check: ({ catalog, interactions }, options) =>
    popularityFinding(attributeCorrelations(catalog, itemSupport(interactions)), options),
};
