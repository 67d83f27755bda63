/** The choice of a run, one a seed: what any protocol asks for at that seed has no say in it. */
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
import { choicesOf } from "../../src/experiment/settings-choice.ts";
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

/** Splits whose settings differ have them one by one. */
function firstSettings(perSplit: unknown): unknown {
  return Array.isArray(perSplit) ? perSplit[0].settings : undefined;
}

describe("the choice of a run", () => {
  it("hears nothing of a pair that any protocol holds out at its seed", async () => {
    const config = tinyExperiment(join(folder, "leak"), everyProtocol, {}, { interactions });
    const prepared = await prepare(config, { folder }, createStages());
    const whole = prepared.ingested.interactions;
    const heldAt = (seed: number) => {
      const parts = heldOutParts(prepared.ingested, { ...config.evaluation, seeds: [seed] }, protocolKinds);
      return new Set(parts.flatMap(({ heldOut }) => pairsOf(heldOut)));
    };
    const chosenOn = async (changed: Interactions, place: number) => {
      const data = { ...prepared, ingested: { ...prepared.ingested, interactions: changed } };
      const choice = choicesOf(data, config, { folder }, createStages())[place];
      return {
        settings: await choice.settings(),
        ease: await choice.optionsOf(ease),
        blocks: await choice.blocks(),
      };
    };
    for (const [place, seed] of [1, 2].entries()) {
      const held = heldAt(seed);
      expect(held.size).toBeGreaterThan(0.2 * whole.indices.length);
      const chosen = await chosenOn(whole, place);
      expect(chosen.settings.trials.search.length).toBeGreaterThan(3);
      expect(
        await chosenOn(
          reweighed(whole, (pair) => held.has(pair)),
          place,
        ),
      ).toEqual(chosen);
      expect(
        await chosenOn(
          reweighed(whole, (pair) => !held.has(pair)),
          place,
        ),
      ).not.toEqual(chosen);
    }
  });

  it("is made once a seed, whatever the number of protocols, and a seed alone chooses what it chooses among others", async () => {
    const settingsOf = async (seeds: string) => {
      const seen: string[] = [];
      const onProgress = ({ stage, done }: Progress) => {
        if (done === 0 && stage.endsWith("choose settings")) seen.push(stage);
      };
      const evaluation = everyProtocol.replace("seeds: [1, 2]", `seeds: ${seeds}`);
      const config = tinyExperiment(join(folder, "once"), evaluation, {}, { interactions });
      const { reports } = await evaluatePipeline(config, { folder, onProgress });
      expect(reports.length).toBeGreaterThan(3);
      const settings = reports.flatMap(
        ({ protocol: { settings, perSplit } }) => settings ?? firstSettings(perSplit) ?? [],
      );
      return { seen, settings: settings.map((one) => ({ ...Object(one), recencyDecay: 0 })) };
    };
    const both = await settingsOf("[1, 2]");
    expect(both.seen).toHaveLength(2);
    for (const settings of both.settings) expect(settings).toEqual(both.settings[0]);
    const first = await settingsOf("[1]");
    expect(first.seen).toHaveLength(1);
    expect(first.settings).toEqual(both.settings);
  });
});
