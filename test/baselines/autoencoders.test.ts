/** Mult-DAE and Mult-VAE: gradients of the whole networks, what they learn, and what a seed fixes. */
import { describe, expect, it } from "vitest";
import { epochsOf } from "../../src/baselines/autoencoder.ts";
import { createDae, dae } from "../../src/baselines/dae.ts";
import { createVae, vae } from "../../src/baselines/vae.ts";
import type { ScoredContender } from "../../src/evaluation/ranking/scorer.ts";
import { defaultBackend } from "../../src/math/compute/backend.ts";
import { rowOf } from "../../src/math/matrix.ts";
import { createRandom } from "../../src/math/random.ts";
import { randomRows, sparse } from "../evaluation/sparse.ts";
import { backendFamilies } from "../helpers/backends.ts";
import { randomMatrix } from "../helpers/matrices.ts";
import { gradientError } from "../networks/finite-differences.ts";

const [USERS, ITEMS] = [80, 40];

/** Two groups that take different halves of the items. */
const random = createRandom(8);
const dense = Array.from({ length: USERS }, (_, u) =>
  Array.from({ length: ITEMS }, (_, j) => Number(random.next() < (u % 2 === j % 2 ? 0.5 : 0.03))),
);
const held = dense.map((row, u) => row.map((value, j) => Number(value > 0 && (u + 3 * j) % 5 === 0)));
const train = sparse(dense.map((row, u) => row.map((value, j) => value - held[u][j])));

async function scoresOf({ score }: ScoredContender): Promise<number[][]> {
  const scores = await score(Uint32Array.from({ length: USERS }, (_, user) => user));
  return Array.from({ length: USERS }, (_, user) => Array.from(rowOf(scores, user)));
}

/** The fastest that is built here. */
const [, backendOf] = backendFamilies[backendFamilies.length - 1];

/** The share of pairs in which a held-out item stands above one of the other half that was not taken. */
async function areaUnderCurve(model: ScoredContender): Promise<number> {
  const scores = await scoresOf(model);
  const wins = held.flatMap((row, u) =>
    row.flatMap((value, i) =>
      value === 0 || i % 2 !== u % 2
        ? []
        : dense[u].flatMap((taken, j) => (taken > 0 || j % 2 === u % 2 ? [] : [Number(scores[u][i] > scores[u][j])])),
    ),
  );
  return wins.reduce((sum, win) => sum + win, 0) / wins.length;
}

const SMALL = { epochs: 60, batch: 20, hidden: 16, learningRate: 0.01 };

describe.each([
  ["dae", (seed: number) => dae(train, { ...SMALL, seed })],
  ["dae with dense re-feeding", (seed: number) => dae(train, { ...SMALL, seed, epochs: 30, refeeding: true })],
  ["vae", (seed: number) => vae(train, { ...SMALL, seed, latent: 8 })],
] as const)("%s", (_, fitWith) => {
  it("puts what was held out above what the user never would take: area over .9", async () => {
    expect(await areaUnderCurve(await fitWith(1))).toBeGreaterThan(0.9);
  });

  it("is the same for the same seed and another for another", async () => {
    const first = await scoresOf(await fitWith(1));
    expect(await scoresOf(await fitWith(1))).toEqual(first);
    expect(await scoresOf(await fitWith(2))).not.toEqual(first);
  });
});

describe("passes", () => {
  it("are as many as make 600 steps, thirty at least, unless they are given", () => {
    expect(epochsOf({ epochs: "auto", batch: 250 }, 610)).toBe(200);
    expect(epochsOf({ epochs: "auto", batch: 250 }, 1_000_000)).toBe(30);
    expect(epochsOf({ epochs: 7, batch: 250 }, 610)).toBe(7);
  });
});

describe("networks", () => {
  const input = sparse(randomRows(random, 7, ITEMS, 0.2));
  const targets = sparse(randomRows(random, 7, ITEMS, 0.2));
  const backend = defaultBackend();

  it("have the gradients that finite differences say: dae", async () => {
    const network = createDae(ITEMS, 6, random, backend);
    const loss = async () => (await network.learn(input, targets)).value;
    expect(await gradientError(network.parameters, loss)).toBeLessThan(3e-3);
  });

  it("have the gradients that finite differences say: vae, divergence and drawn noise included", async () => {
    const network = createVae({ items: ITEMS, hidden: 6, latent: 4 }, random, backend);
    const noise = randomMatrix(random, 7, 4);
    expect(await gradientError(network.parameters, () => network.learn(input, targets, noise, 2))).toBeLessThan(3e-3);
  });

  it("give the same bytes with one thread and with three", async () => {
    const fitWith = async (threads: number) =>
      scoresOf(await vae(train, { ...SMALL, epochs: 3, latent: 8 }, {}, backendOf(threads)));
    expect(await fitWith(1)).toEqual(await fitWith(3));
  });
});
