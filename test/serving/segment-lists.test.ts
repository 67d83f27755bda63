/** Lists for segments: one for every combination of attribute values, the same as for someone of whom that alone is known. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parsePipeline } from "../../src/config.ts";
import { runPipeline } from "../../src/experiment/pipeline.ts";
import { openRecommender, type Recommender, writeLists } from "../../src/index.ts";
import { tiny } from "../cli/tiny-pipeline.ts";

let folder: string;
let bundle: string;
let recommender: Recommender;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tailrec-segments-"));
  const users = Array.from({ length: 60 }, (_, u) => `u${u}`);
  const lines = (await readFile(join(tiny, "items.jsonl"), "utf8")).trim().split("\n");
  const items = lines.map((line): string => JSON.parse(line).item_id);
  const taken = users.flatMap((id, u) => [0, 1, 3].map((step) => `${id},${items[(u + 4 * step) % items.length]}`));
  await writeFile(join(folder, "events.csv"), `user_id,item_id\n${taken.join("\n")}\n`);
  const rows = users.map((id, u) => `${id},${["north", "south"][u % 2]},${["18-29", "30-44", "45+"][u % 3]},${20 + u}`);
  await writeFile(join(folder, "users.csv"), `user_id,region,age_group,age\n${rows.join("\n")}\n`);
  const text = `name: tiny
data:
  interactions: { path: ${join(folder, "events.csv")} }
  items: { path: ${join(tiny, "items.jsonl")}, columns: { title: title }, attributes: [{ column: category, kind: category }] }
  users:
    path: ${join(folder, "users.csv")}
    attributes: [{ column: region, kind: category }, { column: age_group, kind: category }, { column: age, kind: number }]
features: { text: null, image: null, lexical: { dimension: 4 }, attributes: {} }
collaborative: { rank: 4, iterations: 3 }
output: ${join(folder, "out")}
`;
  await runPipeline(parsePipeline(text, "segments.yaml"), { folder, evaluate: false });
  bundle = join(folder, "out", "bundle");
  recommender = await openRecommender(bundle);
}, 60_000);

afterAll(async () => {
  await recommender.close();
  await rm(folder, { recursive: true, force: true });
});

describe("lists for segments", () => {
  it("are one for every combination, the same as for someone new of whom that alone is known", async () => {
    const recommend = join(folder, "segments.jsonl");
    const filter = { category: { $ne: "kettle" } };
    const segments = ["region", "age_group"];
    const [written] = await writeLists(bundle, { recommend, segments, count: 4, filter });
    expect(written).toMatchObject({ kind: "segments", lists: 6, unknown: [] });
    const lines = (await readFile(recommend, "utf8"))
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(lines.map(({ segment }) => segment)).toEqual([
      "region=north,age_group=18-29",
      "region=north,age_group=30-44",
      "region=north,age_group=45+",
      "region=south,age_group=18-29",
      "region=south,age_group=30-44",
      "region=south,age_group=45+",
    ]);
    for (const { segment, items } of lines) {
      const userAttributes = Object.fromEntries(segment.split(",").map((pair: string) => pair.split("=")));
      const { recommended } = await recommender.recommend({ userAttributes, count: 4, filter });
      expect(items.map(({ item }: { item: string }) => item)).toEqual(recommended.map(({ id }) => id));
    }
  });

  it.each([
    [{ segments: ["regoin"] }, 'did you mean "region"?'],
    [{ segments: ["age"] }, "is a number"],
    [{ segments: ["region"], users: ["u1"] }, "leave one out"],
  ])("%j is refused", async (request, words) => {
    await expect(writeLists(bundle, { recommend: join(folder, "x.csv"), ...request })).rejects.toThrow(words);
  });
});
