/** Rules as people write them: one schema, messages with line and key, and contradictions that show in what is written. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type PipelineConfig, parsePipeline } from "../../src/config.ts";
import { loadRules, parseRules } from "../../src/rules/rules-file.ts";
import { tiny, tinyPipeline } from "../cli/tiny-pipeline.ts";

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tailrec-rules-file-"));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

const rules = (text: string) => parseRules(text, "rules.yaml");

describe("a rules file", () => {
  it("holds a list, or a document with rules, and says the same as a pipeline", () => {
    const list = "- { kind: category, relation: same }\n- { kind: cap, attribute: brand, maximum: 2 }\n";
    const indented = `rules:\n${list.replaceAll(/^/gm, "  ").trimEnd()}\n`;
    const config: PipelineConfig = parsePipeline(`${tinyPipeline(tiny, "out")}${indented}`, "tiny.yaml");
    expect(rules(list)).toHaveLength(2);
    expect(rules(indented)).toEqual(rules(list));
    expect(config.rules).toEqual(rules(list));
  });

  it("finds its files from its own folder", async () => {
    const path = join(folder, "rules.yaml");
    await writeFile(path, "- { kind: block, file: blocked.txt }\n- { kind: block, file: /srv/other.txt }\n");
    expect((await loadRules(path)).map((rule) => ("file" in rule ? rule.file : ""))).toEqual([
      join(folder, "blocked.txt"),
      "/srv/other.txt",
    ]);
  });

  it.each([
    [
      "- { kind: avalable, file: a.txt }",
      'rules.yaml:1: 0.kind: expected a rule with a kind, received "avalable"; did you mean "available"?',
    ],
    ["- { file: a.txt }", "received none; known kinds: filter, available"],
    ["- { kind: cap, attribute: brand, maximun: 2 }", 'did you mean "maximum"?'],
    ["- { kind: diversity, strength: 0.3 }", 'unknown key "0.strength", known keys: kind, name, weight, by, lists'],
    ["- { kind: block, ids: [a] }", 'unknown key "0.ids", known keys: kind, name, items, file, column, lists'],
    ["- { kind: available }", "expected a file of the ids in stock, or an attribute that tells"],
    ["- { kind: price-band, from: 3, to: 2 }", "expected from at most as large as to"],
    ["- { kind: support, minimum: 5, maximum: 2 }", "expected minimum at most as large as maximum"],
    ["- { kind: filter, where: { price: { $lte: cheap } } }", "rules.yaml:1: 0.where.price.$lte: expected a number"],
    ["- { kind: filter, where: { price: { $gt: 9, $lte: 9 } } }", "0.where.price: no number is all of this"],
    ["- { kind: exploration, day: yesterday }", "expected a day such as 2026-01-31"],
    ["kind: cap", "expected a list of rules"],
    ["- kind: [", "rules.yaml:1"],
  ])("%s is refused", (text, expected) => {
    expect(() => rules(text)).toThrow(expected);
  });

  it.each([
    [
      "- { kind: category, relation: same }\n- { kind: category, relation: other }",
      "rules.yaml:2: 1: contradicts rule 1: no item is of the same and of another category",
    ],
    ["- { kind: allow, items: [a, b] }\n- { kind: block, items: [b] }", '"b" is allowed and blocked'],
    ["- { kind: diversity }\n- { kind: diversity, weight: 1 }", "both are of kind diversity"],
    ["- { kind: block, items: [a], name: x }\n- { kind: block, items: [b], name: x }", 'both are called "x"'],
    ["- { kind: support, minimum: 9 }\n- { kind: support, maximum: 3 }", "no support is at least 9 and at most 3"],
    ["- { kind: age, maximum: 3 }\n- { kind: age, minimum: 3.5 }", "no age is at least 3.5 and at most 3"],
    [
      "- { kind: price-band, to: 0.8 }\n- { kind: price-band, from: 1.2 }",
      "no multiple of price is at least 1.2 and at most 0.8",
    ],
    ["- { kind: allow, items: [a, b] }\n- { kind: allow, items: [c] }", "no item is on both lists"],
    ["- { kind: new-places, share: 0.6 }\n- { kind: tail-places, share: 0.5 }", "add up to 1.1"],
  ])("%s contradicts itself", (text, expected) => {
    expect(() => rules(text)).toThrow(expected);
  });

  it("may bound a number twice, and other numbers each, where something is left", () => {
    const text = `
- { kind: support, minimum: 3 }
- { kind: support, maximum: 3 }
- { kind: age, maximum: 1 }
- { kind: price-band, attribute: price, to: 1 }
- { kind: price-band, attribute: weight, from: 1.5 }
- { kind: allow, items: [a, b] }
- { kind: allow, items: [b, c] }
- { kind: allow, file: more.txt }
- { kind: filter, where: { price: { $gte: 9, $lte: 9 } } }
`;
    expect(rules(text)).toHaveLength(9);
  });

  it("may hold what contradicts itself where the lists are not the same", () => {
    const text =
      "- { kind: category, relation: same, lists: similar }\n- { kind: category, relation: other, lists: recommend }";
    expect(rules(text)).toHaveLength(2);
  });
});
