/**
 * The example of how-it-works.md: a shop of two tastes at rank 2, and one mug with 0, 3 and 100 clicks. The content of the mug
 * says camping, its buyers are cooks. Every number of that page comes from here, by the functions that serve real shops.
 */
import { type AlsModel, fitAls } from "../src/als/als.ts";
import { createInteractions, type Interactions } from "../src/data/interactions.ts";
import { solvePosterior } from "../src/hybrid/posterior.ts";
import { type Matrix, rowOf } from "../src/math/matrix.ts";
import { createRandom } from "../src/math/random.ts";
import { fitRegressor, predictPrior } from "../src/regressor/regressor.ts";

const users = 400;
const items = 40;
/** The row of the mug, after the forty others. */
const mug = 40;
const campers = 200;
const rank = 2;
const exposure = 10;
const als = { rank, iterations: 20, regularization: 0.02, unobservedWeight: 0.1, seed: 1 };

interface World {
  readonly model: AlsModel;
  /** f(x) of every item: 41 x 2. */
  readonly prior: Matrix;
}

interface Solved {
  readonly clicks: number;
  readonly exposure: number;
  readonly vector: readonly number[];
  readonly behaviour: readonly number[];
  readonly source: string;
  readonly camper: number;
  readonly cook: number;
}

/** The two tables of the page. */
export async function workedExample(): Promise<string> {
  const world = await fitWorld();
  const rows = [];
  for (const clicks of [0, 3, 100]) rows.push(await solveMug(world, clicks));
  const { gram } = world.model;
  const known = [
    ["`G`, diagonal in this basis", `${number(gram.values[0], 1)}, ${number(gram.values[3], 1)}`],
    ["`a0`", String(als.unobservedWeight)],
    ["prior `p` of the mug", pair(Array.from(rowOf(world.prior, mug)))],
    ["vector of a typical camper", pair(meanUser(world.model, 0, campers))],
    ["vector of a typical cook", pair(meanUser(world.model, campers, users))],
  ];
  return [
    table(["known before the first click", "value"], known),
    table(
      [
        "clicks",
        "exposure `e`",
        "behaviour alone",
        "posterior `h`",
        "source",
        "score for a camper",
        "score for a cook",
      ],
      rows.map((row) => [
        String(row.clicks),
        number(row.exposure),
        row.clicks === 0 ? "-" : pair(row.behaviour),
        pair(row.vector),
        row.source,
        number(row.camper),
        number(row.cook),
      ]),
    ),
  ].join("\n\n");
}

/** Campers and cooks each take half of the things of their own taste, and one thing in twenty of the other's. */
async function fitWorld(): Promise<World> {
  const model = await fitAls(interactionsWith([]), als);
  const isCamping = (item: number) => item < items / 2 || item === mug;
  const values = Float32Array.from({ length: (items + 1) * 2 }, (_, at) =>
    isCamping(Math.floor(at / 2)) === (at % 2 === 0) ? 1 : 0,
  );
  const features = {
    values: { rows: items + 1, columns: 2, values },
    presence: { rows: items + 1, columns: 1, values: new Float32Array(items + 1).fill(1) },
    blocks: [{ name: "attributes", kind: "attributes", offset: 0, dimension: 2, weight: 1 }] as const,
  };
  const support = Uint32Array.from({ length: items + 1 }, (_, item) => (item === mug ? 0 : 100));
  const regressor = await fitRegressor({ features, factors: model.itemFactors, support });
  return { model, prior: await predictPrior(regressor, features) };
}

/** The mug's buyers: of every three, two are cooks. */
function buyersOf(clicks: number): number[] {
  return Array.from({ length: clicks }, (_, place) => (place % 3 === 2 ? place : campers + place));
}

function interactionsWith(buyers: readonly number[]): Interactions {
  const random = createRandom(7);
  const pairs = Array.from({ length: users * items }, (_, at) => [Math.floor(at / items), at % items]).filter(
    ([user, item]) => random.next() < (user < campers === item < items / 2 ? 0.5 : 0.05),
  );
  const all = [...pairs, ...buyers.map((user) => [user, mug])];
  return createInteractions(users, items + 1, {
    users: all.map(([user]) => user),
    items: all.map(([, item]) => item),
    values: new Float32Array(all.length).fill(1),
  });
}

async function solveMug({ model, prior }: World, clicks: number): Promise<Solved> {
  const { factors, behaviour, source } = await solvePosterior(
    {
      als: model,
      interactions: interactionsWith(buyersOf(clicks)),
      prior,
      dimensionPrecision: new Float64Array(rank).fill(1),
      confidenceInPrior: new Float64Array(items + 1).fill(1),
    },
    { exposure, exposureFrom: "support", priorStrength: 1 },
  );
  const vector = Array.from(rowOf(factors, mug));
  return {
    clicks,
    exposure: clicks / (clicks + exposure),
    vector,
    behaviour: Array.from(rowOf(behaviour, mug)),
    source: source[mug],
    camper: dot(meanUser(model, 0, campers), vector),
    cook: dot(meanUser(model, campers, users), vector),
  };
}

function meanUser({ userFactors }: AlsModel, from: number, to: number): number[] {
  const rows = Array.from({ length: to - from }, (_, place) => rowOf(userFactors, from + place));
  return Array.from({ length: rank }, (_, d) => rows.reduce((sum, row) => sum + row[d], 0) / rows.length);
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, d) => sum + value * b[d], 0);
}

function pair(vector: readonly number[]): string {
  return `(${vector.map((value) => number(value)).join(", ")})`;
}

/** Two digits, and no minus before a zero. */
function number(value: number, digits = 2): string {
  return (Math.round(value * 10 ** digits) / 10 ** digits + 0).toFixed(digits);
}

function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  return [headings, headings.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}
