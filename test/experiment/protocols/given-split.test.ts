/** A split that somebody else made, from two files: what is asked, what is left out and counted, and what is refused. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ingest } from "../../../src/data/ingest/ingest.ts";
import { givenSplit } from "../../../src/experiment/protocols/given-split.ts";
import { evaluatePipeline } from "../../../src/index.ts";
import { tinyExperiment } from "../../helpers/tiny-experiment.ts";

const events = join(import.meta.dirname, "../../../fixtures/tiny/events.csv");
const evaluation = "{ resamples: 100, models: [popularity, als], coldItems: null, warmTail: null, givenSplit: {} }";

let folder: string;
let files: { readonly interactions: string; readonly heldOut: string };
let held: readonly (readonly string[])[];

/** The last two events of every user, and all of one item, stand in a file of their own. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tailrec-given-split-"));
  const [header, ...lines] = (await readFile(events, "utf8")).trimEnd().split("\n");
  const rows = lines.map((line) => line.split(",")).sort((a, b) => (a[3] < b[3] ? -1 : 1));
  const newItem = rows.at(-1)?.[1];
  const isHeld = (row: readonly string[], at: number) =>
    row[1] === newItem || rows.slice(at + 1).filter(([user]) => user === row[0]).length < 2;
  held = rows.filter(isHeld);
  const text = (kept: readonly (readonly string[])[]) =>
    `${[header, ...kept.map((row) => row.join(","))].join("\n")}\n`;
  files = { interactions: join(folder, "train.csv"), heldOut: join(folder, "next.csv") };
  await writeFile(files.interactions, text(rows.filter((row, at) => !isHeld(row, at))));
  await writeFile(files.heldOut, text([...held, ["U9999", held[0][1], "view", "2025-06-01T00:00:00Z"]]));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

describe("a given split", () => {
  it("asks for the pairs of the second file that training lacks, and counts the others", async () => {
    const config = tinyExperiment(join(folder, "out"), evaluation, {}, files);
    const { heldOut, interactions, userIds, catalog, report } = await ingest(config.data, { folder });
    const pairsOf = (matrix: typeof interactions) =>
      userIds.flatMap((user, row) =>
        [...matrix.indices.subarray(matrix.indptr[row], matrix.indptr[row + 1])].map(
          (item) => `${user} ${catalog.ids[item]}`,
        ),
      );
    const train = new Set(pairsOf(interactions));
    const wanted = new Set(held.map(([user, item]) => `${user} ${item}`));
    const expected = [...wanted].filter((pair) => !train.has(pair) && userIds.includes(pair.split(" ")[0]));
    expect(heldOut && pairsOf(heldOut).toSorted()).toEqual(expected.toSorted());
    expect(report.heldOut).toMatchObject({
      ofUnknownUsers: 1,
      alsoInTraining: [...wanted].filter((pair) => train.has(pair)).length,
    });
  });

  it("is measured over the whole catalog, new items among them", async () => {
    const config = tinyExperiment(join(folder, "out"), evaluation, {}, files);
    const { reports } = await evaluatePipeline(config, { folder });
    const [{ protocol, results }] = reports;
    // One item loses everything, early events too: held-out interactions are not everybody's latest.
    const trained = new Set((await readFile(files.interactions, "utf8")).split("\n").map((line) => line.split(",")[1]));
    const coldItems = new Set(held.flatMap(([, item]) => (trained.has(item) ? [] : [item]))).size;
    expect(protocol).toMatchObject({ kind: "given-split", order: "random", coldItems });
    expect(results.some(({ slice }) => slice === "cold")).toBe(true);
    expect(results.find(({ model, metric }) => model === "als" && metric === "ndcg@10")?.value).toBeGreaterThan(0);
  });

  it("imitates the order of the files: the latest where nearly all of it comes after training", async () => {
    const config = tinyExperiment(join(folder, "out"), evaluation, {}, files);
    const { heldOut, interactions } = await ingest(config.data, { folder });
    const later = heldOut && { ...heldOut, times: heldOut.times?.map((time) => time + 1e9) };
    const orderOf = (order: "auto" | "random") =>
      givenSplit.splits.split(interactions, { order }, { heldOut: later }).description.order;
    expect([orderOf("auto"), orderOf("random")]).toEqual(["latest", "random"]);
  });

  it("needs both files: a file that nobody asks for, and a question without a file, are refused", async () => {
    const without = evaluation.replace("givenSplit: {}", "givenSplit: null");
    expect(() => tinyExperiment("out", without, {}, files)).toThrow(
      /evaluation.givenSplit: nobody asks for data.heldOut/,
    );
    expect(() => tinyExperiment("out", evaluation)).toThrow(/data.heldOut: needed when evaluation.givenSplit is set/);
  });

  it("says what is wrong where no user of the second file is known", async () => {
    const heldOut = join(folder, "strangers.csv");
    const [header] = (await readFile(events, "utf8")).split("\n");
    await writeFile(heldOut, `${header}\nU9999,${held[0][1]},view,2025-06-01T00:00:00Z\n`);
    const config = tinyExperiment(join(folder, "out"), evaluation, {}, { ...files, heldOut });
    await expect(evaluatePipeline(config, { folder })).rejects.toMatchObject({
      code: "NOT_ENOUGH_DATA",
      message: expect.stringContaining("check the ids of data.heldOut"),
    });
  });
});
