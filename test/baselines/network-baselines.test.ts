/** Networks that rank: their gradients as wholes, what they learn, and what they say of an item that nobody took. */
import { beforeAll, describe, expect, it } from "vitest";
import { fitAls } from "../../src/als/als.ts";
import { createDropoutnet, dropoutnet } from "../../src/baselines/dropoutnet.ts";
import { interactionGraph, learnTriples, lightgcn, propagate } from "../../src/baselines/lightgcn.ts";
import { createNeumf, neumf } from "../../src/baselines/neumf.ts";
import { createTwoTower, twoTower } from "../../src/baselines/two-tower.ts";
import type { Interactions } from "../../src/data/interactions.ts";
import { takeEntries } from "../../src/data/splits/split.ts";
import type { ScoredContender } from "../../src/evaluation/ranking/scorer.ts";
import { defaultBackend } from "../../src/math/compute/backend.ts";
import { type Matrix, rowOf } from "../../src/math/matrix.ts";
import { createRandom } from "../../src/math/random.ts";
import { idRows } from "../../src/networks/layers.ts";
import { parameterOf } from "../../src/networks/parameter.ts";
import { randomRows, sparse } from "../evaluation/sparse.ts";
import { backendFamilies } from "../helpers/backends.ts";
import { randomMatrix } from "../helpers/matrices.ts";
import { makeWorld } from "../helpers/world.ts";
import { gradientError } from "../networks/finite-differences.ts";

const backend = defaultBackend();
const [USERS, ITEMS] = [150, 60];
const world = makeWorld(5, { users: USERS, items: ITEMS, perUser: 8 });
const COLD = [7, 31, 50];
const content: Matrix = world.features.values;
const everyone = Uint32Array.from({ length: USERS }, (_, user) => user);

let train: Interactions;
let test: Interactions;

beforeAll(() => {
  const { indices, indptr } = world.interactions;
  const isHidden = Uint8Array.from(indices, (item, p) => Number(COLD.includes(item) || indptr.includes(p)));
  train = takeEntries(world.interactions, isHidden, 0);
  test = takeEntries(world.interactions, isHidden, 1);
});

async function scoresOf({ score }: ScoredContender, users: number): Promise<number[][]> {
  const scores = await score(everyone.slice(0, users));
  return Array.from({ length: users }, (_, user) => Array.from(rowOf(scores, user)));
}

/** The fastest that is built here. */
const [, backendOf] = backendFamilies[backendFamilies.length - 1];

/** The share of pairs in which a hidden item stands above one that the user never took; of known items, or of cold ones. */
function areaUnderCurve(scores: readonly (readonly number[])[], ofCold: boolean): number {
  const wins: number[] = [];
  for (const user of everyone) {
    const taken = new Set(world.interactions.indices.subarray(...bounds(world.interactions, user)));
    for (const item of test.indices.subarray(...bounds(test, user))) {
      if (COLD.includes(item) !== ofCold) continue;
      const rivals = Array.from({ length: ITEMS }, (_, other) => other);
      const fair = rivals.filter((other) => !taken.has(other) && COLD.includes(other) === ofCold);
      wins.push(...fair.map((other) => Number(scores[user][item] > scores[user][other])));
    }
  }
  return wins.reduce((sum, win) => sum + win, 0) / wins.length;
}

function bounds({ indptr }: Interactions, user: number): [number, number] {
  return [indptr[user], indptr[user + 1]];
}

const als = async () => {
  const { userFactors, itemFactors } = await fitAls(train, { rank: 8 });
  return { userFactors, itemFactors, content };
};

/** Two groups that take different halves of the items; a fifth of what they took is hidden. */
const draws = createRandom(8);
const tastes = Array.from({ length: 80 }, (_, u) =>
  Array.from({ length: 40 }, (_, j) => Number(draws.next() < (u % 2 === j % 2 ? 0.5 : 0.03))),
);
const isHeld = (u: number, j: number) => tastes[u][j] > 0 && (u + 3 * j) % 5 === 0;
const ofTastes = sparse(tastes.map((row, u) => row.map((value, j) => (isHeld(u, j) ? 0 : value))));

const ofBehaviour = {
  lightgcn: (seed: number) =>
    lightgcn(ofTastes, { rank: 8, layers: 2, epochs: 20, batch: 128, learningRate: 0.02, seed }),
  neumf: (seed: number) => neumf(ofTastes, { rank: 8, epochs: 10, batch: 128, learningRate: 0.01, seed }),
};

describe.each(Object.entries(ofBehaviour))("%s", (_, fitWith) => {
  let scores: number[][];

  beforeAll(async () => {
    scores = await scoresOf(await fitWith(1), 80);
  });

  it("puts what was held out above what the user never would take: area over .9", () => {
    const wins = tastes.flatMap((row, u) =>
      row.flatMap((_, i) =>
        !isHeld(u, i) || i % 2 !== u % 2
          ? []
          : row.flatMap((taken, j) => (taken > 0 || j % 2 === u % 2 ? [] : [Number(scores[u][i] > scores[u][j])])),
      ),
    );
    expect(wins.reduce((sum, win) => sum + win, 0) / wins.length).toBeGreaterThan(0.9);
  });

  it("is the same for the same seed and another for another", async () => {
    expect(await scoresOf(await fitWith(1), 80)).toEqual(scores);
    expect(await scoresOf(await fitWith(2), 80)).not.toEqual(scores);
  });
});

const ofContent = {
  "two-tower": (seed: number) =>
    twoTower(train, content, { rank: 8, hidden: 16, epochs: 20, batch: 128, learningRate: 0.01, seed }),
  dropoutnet: async (seed: number) =>
    dropoutnet(train, await als(), { hidden: 16, epochs: 30, batch: 64, learningRate: 0.01, seed }),
};

describe.each(Object.entries(ofContent))("%s", (_, fitWith) => {
  let scores: number[][];

  beforeAll(async () => {
    scores = await scoresOf(await fitWith(1), USERS);
  });

  it("puts what was held out above what the user did not take", () => {
    expect(areaUnderCurve(scores, false)).toBeGreaterThan(0.68);
  });

  it("knows who will take an item that nobody took", () => {
    expect(areaUnderCurve(scores, true)).toBeGreaterThan(0.65);
  });

  it("is the same for the same seed and another for another", async () => {
    expect(await scoresOf(await fitWith(1), USERS)).toEqual(scores);
    expect(await scoresOf(await fitWith(2), USERS)).not.toEqual(scores);
  });
});

describe("gradients of whole networks agree with finite differences", () => {
  const random = createRandom(4);

  it("neumf, both parts", async () => {
    const network = createNeumf({ users: 5, items: 6, rank: 4 }, random, backend);
    for (const { matrix } of network.parametersOf.both)
      for (let p = 0; p < matrix.values.length; p++) matrix.values[p] = random.normal() / 2;
    const pairs = {
      users: Uint32Array.of(0, 1, 4, 2, 2, 3),
      items: Uint32Array.of(5, 0, 3, 1, 2, 4),
      labels: Float32Array.of(1, 0, 1, 0, 1, 1),
    };
    for (const part of ["gmf", "mlp", "both"] as const) {
      const error = await gradientError(network.parametersOf[part], () => network.learn(pairs, part), 0.002);
      expect(error).toBeLessThan(0.01);
    }
  });

  it("two-tower, with ids, content, the correction and items that are out", async () => {
    const network = createTwoTower({ items: 8, content: 5, hidden: 6, rank: 3 }, random, backend);
    const items = Uint32Array.of(1, 4, 4, 7);
    const batch = {
      users: { ids: sparse(randomRows(random, 4, 8, 0.4)), content: randomMatrix(random, 4, 5) },
      items: { ids: idRows(items, 8, Float32Array.of(1, 0, 1, 1)), content: randomMatrix(random, 4, 5) },
      logShare: Float32Array.of(-1, -2, -2, -3),
      out: (r: number) => [[0, 3], [1, 2], [1, 2], [3]][r],
    };
    expect(await gradientError(network.parameters, () => network.learn(batch), 0.002)).toBeLessThan(0.01);
  });

  it("dropoutnet", async () => {
    const network = createDropoutnet({ users: 4, items: 9, hidden: 5, rank: 4 }, random, backend);
    const [u, v, targets] = [randomMatrix(random, 6, 4), randomMatrix(random, 7, 9), randomMatrix(random, 6, 7)];
    expect(await gradientError(network.parameters, () => network.learn(u, v, targets))).toBeLessThan(3e-3);
  });

  it("lightgcn, along the graph", async () => {
    const graph = interactionGraph(sparse(randomRows(random, 6, 5, 0.4)));
    const embeddings = parameterOf(randomMatrix(random, 11, 3));
    const triples = { users: Uint32Array.of(0, 3, 5), taken: Uint32Array.of(6, 8, 10), drawn: Uint32Array.of(7, 6, 9) };
    const loss = () => learnTriples(embeddings, graph, triples, { layers: 3, regularization: 0.1 }, backend);
    expect(await gradientError([embeddings], loss)).toBeLessThan(3e-3);
  });
});

describe("the graph of lightgcn", () => {
  it("averages over neighbours by the roots of both degrees, as the dense definition does", async () => {
    const x = randomRows(createRandom(2), 5, 4, 0.5).map((row) => row.map((value) => Number(value > 0)));
    const adjacency = Array.from({ length: 9 }, (_, a) =>
      Array.from({ length: 9 }, (_, b) => (a < 5 && b >= 5 ? x[a][b - 5] : a >= 5 && b < 5 ? x[b][a - 5] : 0)),
    );
    const degree = adjacency.map((row) => row.reduce((sum, value) => sum + value, 0));
    const scaled = adjacency.map((row, a) =>
      row.map((value, b) => (value === 0 ? 0 : value / Math.sqrt(degree[a] * degree[b]))),
    );
    const start = randomMatrix(createRandom(3), 9, 2);
    const times = (v: number[][]) =>
      scaled.map((row) => [0, 1].map((d) => row.reduce((sum, value, b) => sum + value * v[b][d], 0)));
    const zero = Array.from({ length: 9 }, (_, a) => Array.from(rowOf(start, a)));
    const [one, two] = [times(zero), times(times(zero))];
    const averaged = await propagate(interactionGraph(sparse(x)), start, 2, backend);
    for (let a = 0; a < 9; a++) {
      for (const d of [0, 1]) expect(rowOf(averaged, a)[d]).toBeCloseTo((zero[a][d] + one[a][d] + two[a][d]) / 3, 5);
    }
  });
});

describe("an item that nobody took", () => {
  it("has no vector in lightgcn: its score is zero for everybody", async () => {
    const scores = await scoresOf(await lightgcn(train, { rank: 8, epochs: 2 }), USERS);
    expect(scores.every((row) => COLD.every((item) => row[item] === 0))).toBe(true);
  });
});

describe("threads", () => {
  it("change no byte", async () => {
    const options = { rank: 4, hidden: 8, epochs: 2 };
    const fitWith = async (threads: number) =>
      scoresOf(await twoTower(train, content, options, {}, backendOf(threads)), USERS);
    expect(await fitWith(1)).toEqual(await fitWith(3));
  });
});
