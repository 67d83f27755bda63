/**
 * The linear layer that brings the pooled channels of an untrained network to uncorrelated features of like size on generated
 * pictures: random filters agree so much that nine tenths of their variance is brightness. (x - m) V (L + e)^-1/2 V'.
 */
import { InferenceSession, Tensor } from "onnxruntime-node";
import { createRandom } from "../../src/math/random.ts";
import { eigenOfGram } from "../../src/math/symmetric.ts";
import { calibrationPicture } from "./calibration-pictures.ts";
import { type LinearHead, type ResnetShape, resnetDimension, resnetModel } from "./resnet.ts";

const PICTURES = 1500;
/** e over the largest variance: directions below it are noise and stay small. */
const FLOOR = 1e-4;

/** Fits the head on generated pictures, their planes shifted and scaled as the encoder's preparation does. */
export async function whiteningHead(shape: ResnetShape, mean: number, std: number): Promise<LinearHead> {
  const pooled = await pooledFeatures(shape, mean, std);
  const dimension = resnetDimension(shape);
  const centre = columnMeans(pooled, dimension);
  const eigen = eigenOfGram({ rows: dimension, columns: dimension, values: covariance(pooled, centre) });
  const weight = new Float32Array(dimension * dimension);
  const floor = FLOOR * eigen.values[0];
  const { values: v } = eigen.vectors;
  for (let i = 0; i < dimension; i++) {
    for (let j = 0; j < dimension; j++) {
      let sum = 0;
      for (let p = 0; p < dimension; p++) {
        sum += (v[i * dimension + p] * v[j * dimension + p]) / Math.sqrt(eigen.values[p] + floor);
      }
      weight[i * dimension + j] = sum;
    }
  }
  return { mean: Float32Array.from(centre), weight };
}

async function pooledFeatures(shape: ResnetShape, mean: number, std: number): Promise<Float32Array[]> {
  const random = createRandom(shape.seed + 1);
  const session = await InferenceSession.create(resnetModel(shape), { intraOpNumThreads: 1 });
  const features: Float32Array[] = [];
  for (let i = 0; i < PICTURES; i++) {
    const planes = calibrationPicture(random, shape.size).map((value) => (value - mean) / std);
    const pixels = new Tensor("float32", planes, [1, 3, shape.size, shape.size]);
    const outputs = await session.run({ pixels });
    features.push(Float32Array.from(outputs.features.data as Float32Array));
  }
  await session.release();
  return features;
}

function columnMeans(rows: readonly Float32Array[], dimension: number): Float64Array {
  const sums = new Float64Array(dimension);
  for (const row of rows) for (let j = 0; j < dimension; j++) sums[j] += row[j] / rows.length;
  return sums;
}

function covariance(rows: readonly Float32Array[], centre: Float64Array): Float64Array {
  const dimension = centre.length;
  const sums = new Float64Array(dimension * dimension);
  for (const row of rows) {
    for (let i = 0; i < dimension; i++) {
      for (let j = 0; j < dimension; j++) {
        sums[i * dimension + j] += ((row[i] - centre[i]) * (row[j] - centre[j])) / rows.length;
      }
    }
  }
  return sums;
}
