import { describe, expect, it } from "vitest";
import { parsePipeline } from "../../../src/config.ts";
import type { Interactions } from "../../../src/data/interactions.ts";
import { splitColdItems, splitWarmTail } from "../../../src/data/splits/split.ts";
import { splitWarmUp } from "../../../src/data/splits/warm-up-split.ts";
import { commonTraining } from "../../../src/experiment/measurement/common-training.ts";
import { protocolKinds } from "../../../src/experiment/protocols/protocol-kinds.ts";
import { makeWorld } from "../../helpers/world.ts";

const { interactions } = makeWorld(6, { users: 100, items: 40, perUser: 8 });

function evaluationOf(text: string) {
  const data = "data: { interactions: { path: a.csv }, items: { path: b.csv } }";
  return parsePipeline(`name: made\noutput: nowhere\n${data}\nevaluation: ${text}\n`, "made.yaml").evaluation;
}

function pairs({ rows, indptr, indices }: Interactions): string[] {
  const found: string[] = [];
  for (let u = 0; u < rows; u++) for (let p = indptr[u]; p < indptr[u + 1]; p++) found.push(`${u} ${indices[p]}`);
  return found;
}

describe("what tuning may see", () => {
  it("holds nothing that any protocol of the pipeline asks for, and nothing that is not data", () => {
    const evaluation = evaluationOf(
      "{ coldItems: { share: 0.2 }, warmTail: { kind: random }, seeds: [3, 5], warmUp: { reveal: [0, 3], targets: 5, minimumItems: 5 } }",
    );
    const { coldItems, warmTail, warmUp } = evaluation;
    if (coldItems === null || warmTail === null || warmUp === null) throw new Error("all three take part");
    const { models: _, ...options } = warmUp;
    const seen = new Set(pairs(commonTraining({ interactions }, evaluation, protocolKinds).train));
    const asked = [
      ...[3, 5].map((seed) => splitColdItems(interactions, { ...coldItems, seed }).test),
      ...[3, 5].map((seed) => splitWarmTail(interactions, { ...warmTail, seed }).test),
      splitWarmUp(interactions, options).test,
    ];
    for (const test of asked) expect(pairs(test).filter((pair) => seen.has(pair))).toEqual([]);
    const whole = new Set(pairs(interactions));
    expect([...seen].filter((pair) => !whole.has(pair))).toEqual([]);
    expect(seen.size).toBeGreaterThan(whole.size / 3);
  });

  it("is everything where no protocol runs", () => {
    const evaluation = evaluationOf("{ coldItems: null, warmTail: null }");
    expect(pairs(commonTraining({ interactions }, evaluation, protocolKinds).train)).toEqual(pairs(interactions));
  });
});
