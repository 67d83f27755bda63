/** The one choice of a run: what any of its protocols asks for has no say in it. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Interactions } from "../../src/data/interactions.ts";
import { prepare } from "../../src/experiment/inputs/preparation.ts";
import { heldOutParts } from "../../src/experiment/measurement/protocol-splits.ts";
import { modelKinds } from "../../src/experiment/models/model-kinds.ts";
import { evaluatePipeline } from "../../src/experiment/pipeline.ts";
import { protocolKinds } from "../../src/experiment/protocols/protocol-kinds.ts";
import { choiceOf } from "../../src/experiment/settings-choice.ts";
import { createStages } from "../../src/experiment/stages.ts";
import type { Progress } from "../../src/index.ts";
import { tinyExperiment } from "../helpers/tiny-experiment.ts";

let folder: string;
let interactions: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tailrec-choice-"));
  interactions = join(folder, "events.csv");
  await writeFile(interactions, `user_id,item_id,event,timestamp\n${events().join("\n")}\n`);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** Events of 150 users, eight of the ten items of the tiny shop that take part each, in an order of their own. */
function events(): string[] {
  return Array.from({ length: 1200 }, (_, e) => {
    const [user, k] = [Math.floor(e / 8), e % 8];
    const moment = new Date(1_700_000_000_000 + 3_600_000 * (100 * user + k)).toISOString();
    return `u${user},${String(1 + ((5 * user + (1 + (user % 3)) * k + k * k) % 10)).padStart(3, "0")},view,${moment}`;
  });
}

const everyProtocol =
  "{ launch: {}, coldItems: {}, warmTail: {}, similarItems: {}, seeds: [1, 2], warmUp: { reveal: [0, 2], targets: 5, minimumItems: 2 }, models: [hybrid, ease, content-ridge] }";

const ease = modelKinds.filter(({ name }) => name === "ease")[0];

/** The interactions with other weights where the flags of user and item say so. */
function reweighed(interactions: Interactions, isChanged: (pair: string) => boolean): Interactions {
  const values = interactions.values.slice();
  for (let user = 0; user < interactions.rows; user++) {
    for (let p = interactions.indptr[user]; p < interactions.indptr[user + 1]; p++) {
      if (isChanged(`${user} ${interactions.indices[p]}`)) values[p] = 1 + ((7 * p) % 23);
    }
  }
  return { ...interactions, values };
}

function pairsOf({ rows, indptr, indices }: Interactions): string[] {
  return Array.from({ length: rows }, (_, user) =>
    Array.from(indices.subarray(indptr[user], indptr[user + 1]), (item) => `${user} ${item}`),
  ).flat();
}

describe("the choice of a run", () => {
  it("hears nothing of a pair that any protocol holds out, at any seed", async () => {
    const config = tinyExperiment(join(folder, "leak"), everyProtocol, {}, { interactions });
    const prepared = await prepare(config, { folder }, createStages());
    const whole = prepared.ingested.interactions;
    const held = new Set(
      heldOutParts(prepared.ingested, config.evaluation, protocolKinds).flatMap(({ heldOut }) => pairsOf(heldOut)),
    );
    expect(held.size).toBeGreaterThan(0.2 * whole.indices.length);
    const chosenOn = async (changed: Interactions) => {
      const data = { ...prepared, ingested: { ...prepared.ingested, interactions: changed } };
      const choice = choiceOf(data, config, { folder }, createStages());
      return { settings: await choice.settings(), ease: await choice.optionsOf(ease) };
    };
    const chosen = await chosenOn(whole);
    expect(chosen.settings.trials.search.length).toBeGreaterThan(3);
    expect(await chosenOn(reweighed(whole, (pair) => held.has(pair)))).toEqual(chosen);
    expect(await chosenOn(reweighed(whole, (pair) => !held.has(pair)))).not.toEqual(chosen);
  });

  it("is made once, whatever the number of protocols and splits", async () => {
    const seen: string[] = [];
    const onProgress = ({ stage, done }: Progress) => {
      if (done === 0 && stage.endsWith("choose settings")) seen.push(stage);
    };
    const config = tinyExperiment(join(folder, "once"), everyProtocol, {}, { interactions });
    const { reports } = await evaluatePipeline(config, { folder, onProgress });
    expect(reports.length).toBeGreaterThan(3);
    expect(seen).toHaveLength(1);
    const [first, ...others] = reports.flatMap(({ protocol }) => (protocol.settings ? [protocol.settings] : []));
    for (const settings of others)
      expect({ ...Object(settings), recencyDecay: 0 }).toEqual({ ...Object(first), recencyDecay: 0 });
  });
});
