/** The content channel: its axes against a full eigendecomposition, its lengths, and empty content. */
import { EigenvalueDecomposition, Matrix as MlMatrix } from "ml-matrix";
import { describe, expect, it } from "vitest";
import { fitStandardisation } from "../../src/data/feature-matrix.ts";
import { channelVectors, contentVectors, fitChannelAxes } from "../../src/hybrid/content-channel.ts";
import { multiply } from "../../src/math/linear-map.ts";
import { type Matrix, rowOf } from "../../src/math/matrix.ts";
import { createRandom } from "../../src/math/random.ts";
import { dot, largestDifference, norm } from "../helpers/comparisons.ts";
import { featureBlocks } from "../helpers/feature-blocks.ts";
import { randomMatrix } from "../helpers/matrices.ts";

const [items, width] = [70, 9];
/** Column j has scale 1 / (j + 1), so that the axes are well apart. */
const content = randomMatrix(createRandom(6), items, width);
for (let p = 0; p < content.values.length; p++) content.values[p] /= 1 + (p % width);
const warm = Array.from({ length: 50 }, (_, i) => i);

const columnOf = ({ rows, columns, values }: Matrix, j: number) =>
  Array.from({ length: rows }, (_, i) => values[i * columns + j]);

describe("the axes of the channel", () => {
  it("are orthonormal, and the leading eigenvectors of the warm rows' Gram up to sign", async () => {
    const axes = await fitChannelAxes(content, warm, 4);
    const rows = new MlMatrix(warm.map((i) => Array.from(rowOf(content, i))));
    const eigen = new EigenvalueDecomposition(rows.transpose().mmul(rows), { assumeSymmetric: true });
    const order = eigen.realEigenvalues
      .map((_, j) => j)
      .sort((a, b) => eigen.realEigenvalues[b] - eigen.realEigenvalues[a]);
    expect([axes.rows, axes.columns]).toEqual([width, 4]);
    for (let a = 0; a < 4; a++) {
      for (let b = 0; b < 4; b++) {
        expect(dot(columnOf(axes, a), columnOf(axes, b))).toBeCloseTo(a === b ? 1 : 0, 5);
      }
      const expected = eigen.eigenvectorMatrix.getColumn(order[a]);
      expect(Math.abs(dot(columnOf(axes, a), expected))).toBeGreaterThan(1 - 1e-4);
    }
  });

  it("do not see rows that are not given", async () => {
    const spoiled = { ...content, values: content.values.map((value, p) => (p >= 50 * width ? 1000 : value)) };
    expect(await fitChannelAxes(spoiled, warm, 4)).toEqual(await fitChannelAxes(content, warm, 4));
  });

  it("are the columns themselves when all of them fit", async () => {
    const axes = await fitChannelAxes(content, warm, width);
    expect(
      largestDifference(
        axes.values,
        Array.from({ length: 81 }, (_, p) => (p % 10 === 0 ? 1 : 0)),
      ),
    ).toBe(0);
  });
});

describe("the number of axes that follows the data", () => {
  const [rows, columns] = [700, 600];
  const all = Array.from({ length: rows }, (_, i) => i);
  const axesOf = (spread: (column: number) => number) => {
    const drawn = randomMatrix(createRandom(8), rows, columns);
    return fitChannelAxes(
      { ...drawn, values: drawn.values.map((value, p) => value * spread(p % columns)) },
      all,
      "auto",
    );
  };

  it("holds nine tenths of the squared length and not one axis more, within bounds", async () => {
    const axes = await axesOf(() => 1);
    const content = randomMatrix(createRandom(8), rows, columns);
    const turned = multiply(content, axes);
    const squareAlong = (count: number) => {
      let sum = 0;
      for (let i = 0; i < rows; i++) for (const value of rowOf(turned, i).subarray(0, count)) sum += value * value;
      return sum;
    };
    const whole = content.values.reduce((sum, value) => sum + value * value, 0);
    expect(squareAlong(axes.columns) / whole).toBeGreaterThanOrEqual(0.9 - 1e-6);
    expect(squareAlong(axes.columns - 1) / whole).toBeLessThan(0.9);
    expect(axes.columns).toBeGreaterThan(256);
    expect((await axesOf((column) => 1 / (1 + column))).columns).toBe(256);
  });

  it("is no more than the customary 512 where items are many", async () => {
    const many = randomMatrix(createRandom(9), rows, columns);
    const empty = { ...many, rows: 40_000, values: new Float32Array(40_000 * columns) };
    empty.values.set(many.values);
    expect((await fitChannelAxes(empty, all, "auto")).columns).toBeLessThanOrEqual(512);
  });
});

describe("channel vectors", () => {
  it("have the length of the channel, whatever the length of the content, and zeros for empty content", async () => {
    const axes = await fitChannelAxes(content, warm, 4);
    const rows = { ...content, values: content.values.slice() };
    rowOf(rows, 3).fill(0);
    rowOf(rows, 4).set(rowOf(rows, 5).map((value) => 100 * value));
    const vectors = await channelVectors(rows, { axes, length: 0.7 });
    for (let i = 0; i < items; i++) expect(norm(rowOf(vectors, i))).toBeCloseTo(i === 3 ? 0 : 0.7, 5);
    expect(largestDifference(rowOf(vectors, 4), rowOf(vectors, 5))).toBeLessThan(1e-5);
  });

  it("keep the angles between items that the content has in the channel's axes", async () => {
    const axes = await fitChannelAxes(content, warm, width);
    const vectors = await channelVectors(content, { axes, length: 2 });
    const cosine = dot(rowOf(content, 1), rowOf(content, 2)) / (norm(rowOf(content, 1)) * norm(rowOf(content, 2)));
    expect(dot(rowOf(vectors, 1), rowOf(vectors, 2)) / 4).toBeCloseTo(cosine, 5);
  });

  it("are made of standardised features without the presence bits", () => {
    const shapes = [
      { name: "text", dimension: 6 },
      { name: "price", dimension: 3, weight: 4 },
    ];
    const features = featureBlocks(content, shapes, (row, block) => row > 1 || block === 1);
    const standardisation = fitStandardisation(features, warm);
    const vectors = contentVectors(features, standardisation);
    expect(vectors.columns).toBe(width);
    expect(norm(rowOf(vectors, 0).subarray(0, 6))).toBe(0);
    const { mean, scale } = standardisation;
    const expected = Array.from(rowOf(content, 5), (value, j) => (value - mean[j]) * scale[j]);
    expect(largestDifference(rowOf(vectors, 5), expected)).toBeLessThan(1e-6);
  });
});
