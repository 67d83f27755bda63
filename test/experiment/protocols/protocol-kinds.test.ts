/** Protocols say what they hold out and what their reports mean; one from outside the package is asked like ours. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { commonTraining } from "../../../src/experiment/measurement/common-training.ts";
import { askedGroups, splitsOf } from "../../../src/experiment/measurement/protocol-splits.ts";
import { protocolsWith } from "../../../src/experiment/protocols/protocol-kinds.ts";
import {
  evaluateLists,
  evaluatePipeline,
  formatHtml,
  type Interactions,
  measureUsers,
  type Protocol,
  protocolKinds,
  readSavedReport,
  type Split,
  splitsForUsers,
  splitWarmTail,
  writeSplits,
} from "../../../src/index.ts";
import { tinyExperiment, withoutProtocols } from "../../helpers/tiny-experiment.ts";
import { makeWorld } from "../../helpers/world.ts";

const optionsSchema = z.strictObject({ count: z.int().default(2), seed: z.int().default(9) });

/** Two interactions of every user at random, whatever their times. */
const anyTwo: Protocol<z.output<typeof optionsSchema>, Split> = {
  name: "any-two",
  option: "anyTwo",
  schema: () => optionsSchema.nullable().default(null).describe("hold out a few interactions of each user at random"),
  splits: {
    option: "anyTwo",
    repeated: true,
    split: (interactions, { count, seed }: z.output<typeof optionsSchema>) => {
      const split = splitWarmTail(interactions, { kind: "random", count, seed });
      return { ...split, description: { ...split.description, kind: "any-two" } };
    },
    heldOut: ({ test }) => test,
  },
  asks: "users",
  measure: (run, context) => measureUsers(run, { curves: [] }, context),
  words: () => ({
    title: "Any two of them",
    purpose: "Two interactions of every user are hidden, whichever they are.",
    headline: { slice: "all", candidates: "catalog" },
    findings: ["what was found is said"],
  }),
  files: splitsForUsers,
};

const own = { protocolKinds: [anyTwo] };
const evaluation = `{ resamples: 100, models: [popularity], ${withoutProtocols()}, anyTwo: {} }`;

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tailrec-protocols-"));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

function pairs({ rows, indptr, indices }: Interactions): string[] {
  return Array.from({ length: rows }, (_, u) =>
    Array.from(indices.subarray(indptr[u], indptr[u + 1]), (item) => `${u} ${item}`),
  ).flat();
}

describe("what a protocol holds out", () => {
  it.each([...protocolKinds, anyTwo].map((protocol) => [protocol.name, protocol] as const))(
    "is never seen by tuning: %s",
    (_, protocol) => {
      const world = makeWorld(6, { users: 100, items: 40, perUser: 8 });
      const { train: interactions, test: given } = splitWarmTail(world.interactions, {
        kind: "random",
        count: 1,
        seed: 1,
      });
      const data = { interactions, heldOut: given };
      const options = { warmUp: "{ reveal: [0, 3], targets: 5, minimumItems: 5 }" };
      const used = [...new Set([protocol.option, protocol.splits.option])];
      const asked = used.map((option) => {
        const value = option === "ratings" ? "true" : option === "warmUp" ? options.warmUp : "{}";
        return `${option}: ${value}`;
      });
      const text = `{ ${asked.join(", ")}, ${withoutProtocols(...used)}, seeds: [3, 5] }`;
      const heldOutFile = protocol.option === "givenSplit" ? { heldOut: "next.csv" } : {};
      const { evaluation: parsed } = tinyExperiment("out", text, own, heldOutFile);
      const [group] = askedGroups(parsed, [protocol]);
      const splits = splitsOf(group, data, parsed);
      expect(splits).toHaveLength(group.maker.repeated ? 2 : 1);
      const heldOut = splits.flatMap((split) => pairs(group.maker.heldOut(split)));
      expect(heldOut.length).toBeGreaterThan(0);
      const seen = new Set(pairs(commonTraining(data, parsed, protocolsWith(own)).train));
      expect(heldOut.filter((pair) => seen.has(pair))).toEqual([]);
      const hidden = new Set(heldOut.filter((pair) => pairs(interactions).includes(pair)));
      expect(seen.size).toBe(interactions.indices.length - hidden.size);
    },
  );
});

describe("seeds", () => {
  it.each(["warmTail", "launch"])("do not repeat a cut at one moment, which is the same at each: %s", (option) => {
    const world = makeWorld(6, { users: 100, items: 40, perUser: 8 });
    const { indices } = world.interactions;
    // The last items are seen after all others: they are new.
    const times = Float64Array.from(indices, (item, p) => ((7919 * p) % indices.length) + (item < 36 ? 0 : 1000));
    const interactions = { ...world.interactions, times };
    const { evaluation: parsed } = tinyExperiment(
      "out",
      `{ ${option}: { kind: time }, ${withoutProtocols(option)}, seeds: [3, 5] }`,
    );
    const [group] = askedGroups(parsed, protocolKinds);
    expect(splitsOf(group, { interactions }, parsed)).toHaveLength(1);
  });
});

describe("a protocol from outside", () => {
  it("is asked for in a pipeline, measured, and spoken of in every form of the report", async () => {
    const output = join(folder, "outside");
    const config = tinyExperiment(output, evaluation, own);
    const { reports, reportPage } = await evaluatePipeline(config, { folder, ...own });
    expect(reports.map(({ protocol }) => [protocol.kind, protocol.seed])).toEqual([["any-two", 9]]);
    expect(reports[0].results.length).toBeGreaterThan(0);
    const page = await readFile(reportPage ?? "", "utf8");
    for (const said of ["Any two of them", "whichever they are", "what was found is said"])
      expect(page).toContain(said);
    expect(await readFile(join(output, "any-two", "report.md"), "utf8")).toContain("- what was found is said");
    const { provenance } = JSON.parse(await readFile(join(output, "report.json"), "utf8"));
    expect(provenance.seeds).toMatchObject({ "any-two": 9 });
    // What is said stands in the files: the page is made again by who does not know the protocol.
    expect(formatHtml(await readSavedReport(output))).toBe(page);
  });

  it("has its splits in files, and others' lists are measured on them", async () => {
    const output = join(folder, "splits");
    const [written] = await writeSplits(tinyExperiment("out", evaluation, own), output, { folder, ...own });
    expect(written.folder).toBe(join(output, "any-two"));
    const test = (await readFile(join(written.folder, "test.tsv"), "utf8")).trimEnd().split("\n").slice(1);
    const lists = join(folder, "lists.tsv");
    const rows = test.map((line) => line.split("\t")).map(([user, item]) => `${user}\t${item}\t1`);
    await writeFile(lists, `user\titem\tscore\n${rows.join("\n")}\n`);
    const { report } = await evaluateLists(written.folder, [`all=${lists}`], undefined, own);
    expect(report.results.find(({ metric }) => metric === "recall@10")?.value).toBe(1);
    expect(report.words?.title).toBe("Any two of them");
    await expect(evaluateLists(written.folder, [lists], undefined, {})).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      message: expect.stringContaining('received one of "any-two"'),
    });
  });

  it("may not take a name or an option that is taken", () => {
    const named = (changed: Partial<Protocol>) => ({ protocolKinds: [{ ...(anyTwo as Protocol), ...changed }] });
    expect(() => tinyExperiment("out", "{}", named({ name: "warm-tail" }))).toThrowError(
      /the name "warm-tail" is taken/,
    );
    for (const option of ["coldItems", "models", "resamples", "report"]) {
      expect(() => tinyExperiment("out", "{}", named({ option }))).toThrowError(`the option "${option}" is taken`);
    }
  });
});

describe("the list of protocols", () => {
  it("has a title and a purpose for each, and none twice", () => {
    const report = {
      dataset: "",
      protocol: { kind: "", slices: [], bootstrap: { resamples: 100, seed: 1 } },
      results: [
        {
          model: "als",
          slice: "n=0",
          candidates: "slice" as const,
          metric: "ndcg@10",
          value: 0,
          ci95: [0, 0] as const,
          n: 1,
        },
      ],
      comparisons: [],
    };
    const words = protocolKinds.map((protocol) => protocol.words(report));
    for (const { title, purpose } of words)
      expect([title, purpose]).toEqual([expect.stringMatching(/^[A-Z]/), expect.stringMatching(/\.$/)]);
    expect(new Set(words.map(({ title }) => title)).size).toBe(protocolKinds.length);
  });
});
