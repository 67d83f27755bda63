/** Rules on an open bundle: the best k among what they leave, the same one by one and for everybody, and reasons where that is too few. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runPipeline } from "../../src/experiment/pipeline.ts";
import { openRecommender, type Recommender, type RuleInput, writeLists } from "../../src/index.ts";
import { parseRules } from "../../src/rules/rules-file.ts";
import { tinyExperiment } from "../helpers/tiny-experiment.ts";

let folder: string;
let bundle: string;
let recommender: Recommender;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tailrec-rules-"));
  await runPipeline(tinyExperiment(join(folder, "out"), "{}"), { folder, evaluate: false });
  bundle = join(folder, "out", "bundle");
  recommender = await openRecommender(bundle);
}, 60_000);

afterAll(async () => {
  await recommender.close();
  await rm(folder, { recursive: true, force: true });
});

const rulesOf = (...rules: readonly RuleInput[]) => [...parseRules(JSON.stringify(rules), "rules.json")];
const idsOf = (items: readonly { readonly id: string }[]) => items.map(({ id }) => id);

const valuesOf = (name: string, id: string): readonly string[] => {
  const { catalog } = recommender.bundle;
  const attribute = catalog.attributes.find((one) => one.name === name);
  return attribute?.kind === "category" ? attribute.values[catalog.ids.indexOf(id)] : [];
};

const allFor = async (user: string) => idsOf((await recommender.recommend({ user, count: 100 })).recommended);
const allLike = async (item: string) => idsOf((await recommender.similar({ item, count: 100 })).similar);

describe("rules", () => {
  it("are applied before the best k are taken: a filter leaves the best of what it lets through", async () => {
    for (const user of recommender.bundle.userIds) {
      const expected = (await allFor(user)).filter((id) => valuesOf("category", id).includes("mug")).slice(0, 2);
      const { recommended } = await recommender.recommend({ user, count: 2, filter: { category: "mug" } });
      expect(idsOf(recommended)).toEqual(expected);
    }
    for (const item of recommender.bundle.catalog.ids) {
      const expected = (await allLike(item)).filter((id) => !valuesOf("category", id).includes("mug")).slice(0, 3);
      const filter = { category: { $ne: "mug" } };
      expect(idsOf((await recommender.similar({ item, count: 3, filter })).similar)).toEqual(expected);
    }
  });

  it("of one category, or of others, look at the item that is asked about", async () => {
    for (const item of recommender.bundle.catalog.ids) {
      const isSame = (id: string) =>
        valuesOf("category", id).some((value) => valuesOf("category", item).includes(value));
      const rank = await allLike(item);
      const listed = async (relation: "same" | "other") =>
        idsOf((await recommender.similar({ item, count: 3, rules: rulesOf({ kind: "category", relation }) })).similar);
      expect(await listed("same")).toEqual(rank.filter(isSame).slice(0, 3));
      expect(await listed("other")).toEqual(rank.filter((id) => !isSame(id)).slice(0, 3));
    }
  });

  it("of what was shown, seen or turned down hold for their user alone", async () => {
    const [user, other] = recommender.bundle.userIds;
    const [best, second] = await allFor(user);
    const shown = join(folder, "shown.csv");
    await writeFile(shown, `user,item\n${user},${best}\n${user},${best}\n${user},${second}\n`);
    const listed = async (id: string, rule: RuleInput) =>
      idsOf((await recommender.recommend({ user: id, count: 100, rules: rulesOf(rule) })).recommended);
    expect(await listed(user, { kind: "seen", file: shown })).not.toContain(second);
    const often = await listed(user, { kind: "frequency", file: shown, maximum: 2 });
    expect([often.includes(best), often.includes(second)]).toEqual([false, true]);
    expect(await listed(other, { kind: "seen", file: shown })).toEqual(await allFor(other));
    expect(await listed(user, { kind: "less-like", file: shown })).not.toContain(best);
  });

  it("that arrange choose among all there is where caps shut out the first", async () => {
    const { similar } = await recommender.similar({
      item: recommender.bundle.catalog.ids[0],
      count: 4,
      rules: rulesOf({ kind: "cap", attribute: "brand", maximum: 1 }),
    });
    const brands = similar.flatMap(({ id }) => valuesOf("brand", id));
    expect(new Set(brands).size).toBe(brands.length);
  });

  it("explore by user and day, alike on every call", async () => {
    const listed = async (user: string, day: string) =>
      (
        await recommender.recommend({ user, count: 5, rules: rulesOf({ kind: "exploration", strength: 3, day }) })
      ).recommended.map(({ id, score }) => `${id} ${score}`);
    const [user, other] = recommender.bundle.userIds;
    const today = await listed(user, "2026-01-31");
    expect(await listed(user, "2026-01-31")).toEqual(today);
    expect(await listed(user, "2026-02-01")).not.toEqual(today);
    expect(await listed(other, "2026-01-31")).not.toEqual(today);
    const plain = (await recommender.recommend({ user, count: 5 })).recommended.map(({ id }) => id);
    const none = rulesOf({ kind: "exploration", strength: 0 });
    expect(idsOf((await recommender.recommend({ user, count: 5, rules: none })).recommended)).toEqual(plain);
  });

  it("that leave too few say how many each leaves", async () => {
    const [item] = recommender.bundle.catalog.ids;
    const [first, second] = recommender.bundle.catalog.ids.slice(1);
    const rules = rulesOf({ kind: "allow", items: [first, second] }, { kind: "filter", where: { id: second } });
    const { similar, reason } = await recommender.similar({ item, rules, count: 4 });
    expect(idsOf(similar)).toEqual([second]);
    expect(reason).toBe(`of 12 items, allow leaves 2, filter {"id":"${second}"} leaves 1; together 1`);
  });

  it("that give way are filled by the fallback, under those that never do", async () => {
    const [item, only, blocked] = recommender.bundle.catalog.ids;
    const rules = rulesOf({ kind: "allow", items: [only] }, { kind: "block", items: [blocked] });
    const { similar, reason } = await recommender.similar({ item, rules, count: 5, strict: false });
    expect(similar).toHaveLength(5);
    expect(similar[0]).toMatchObject({ id: only });
    expect(similar[0].filledBy).toBeUndefined();
    expect(similar.slice(1).map(({ filledBy }) => filledBy)).toEqual(Array(4).fill("popularity"));
    expect(idsOf(similar)).not.toContain(blocked);
    expect(idsOf(similar)).not.toContain(item);
    expect(reason).toContain("4 filled by popularity");
    const scores = similar.map(({ score = 0 }) => score);
    expect(scores).toEqual([...scores].sort((a, b) => b - a));
    const own = rulesOf({ kind: "allow", items: [only], strict: false });
    expect((await recommender.similar({ item, rules: own, count: 5 })).similar).toHaveLength(5);
  });

  it("count and name what they name and nobody has", async () => {
    const stock = join(folder, "stock.txt");
    const [item, other] = recommender.bundle.catalog.ids;
    await writeFile(stock, `${item}\n${other}\nX1\nX2\nX3\nX4\n`);
    const { similar, notes } = await recommender.similar({ item, rules: rulesOf({ kind: "available", file: stock }) });
    expect(idsOf(similar)).toEqual([other]);
    expect(notes).toEqual([`available: 4 item ids of ${stock} are not known, such as "X1", "X2", "X3"`]);
  });

  it("count and name users that the data do not have, and rows that name nobody", async () => {
    const shown = join(folder, "strangers.csv");
    const [user] = recommender.bundle.userIds;
    const [item] = recommender.bundle.catalog.ids;
    await writeFile(shown, `user,item\n${user},${item}\nnobody,${item}\nsomebody,${item}\n${user},\n,${item}\n`);
    const { notes } = await recommender.recommend({ user, rules: rulesOf({ kind: "seen", file: shown }) });
    expect(notes).toEqual([
      `seen: 2 user ids of ${shown} are not known, such as "nobody", "somebody"`,
      `seen: 2 rows of ${shown} lack an id`,
    ]);
  });

  it("that leave nothing for anybody are an error of every list, a request's own filter is not", async () => {
    const [user] = recommender.bundle.userIds;
    const [item] = recommender.bundle.catalog.ids;
    const empty = join(folder, "empty.txt");
    await writeFile(empty, "");
    const none = rulesOf({ kind: "available", file: empty });
    const words = /no item for anybody: of 12 items, available leaves 0/;
    await expect(recommender.similar({ item, rules: none })).rejects.toThrow(words);
    await expect(recommender.recommend({ user, rules: none, strict: false })).rejects.toThrow(words);
    const filter = { id: "gone" };
    expect(await recommender.similar({ item, filter })).toMatchObject({
      similar: [],
      reason: expect.stringContaining("leaves 0"),
    });
    const yielding = rulesOf({ kind: "allow", items: ["gone"] });
    const { recommended } = await recommender.recommend({ user, rules: yielding, strict: false, count: 3 });
    expect(recommended.map(({ filledBy }) => filledBy)).toEqual(Array(3).fill("popularity"));
    const recommend = join(folder, "filled.jsonl");
    const [{ filled }] = await writeLists(bundle, { recommend, rules: yielding, strict: false, count: 3 });
    expect(filled).toBe(recommender.bundle.userIds.length);
  });

  it.each<[RuleInput, string]>([
    [{ kind: "available", file: "none.txt" }, "FILE_NOT_FOUND"],
    [{ kind: "available", attribute: "brandt", values: ["a"] }, "INVALID_OPTIONS"],
    [{ kind: "category", attribute: "colour", relation: "same" }, "INVALID_OPTIONS"],
    [{ kind: "price-band", attribute: "brand" }, "INVALID_OPTIONS"],
  ])("%j is refused as %s", async (rule, code) => {
    const [item] = recommender.bundle.catalog.ids;
    await expect(recommender.similar({ item, rules: rulesOf(rule) })).rejects.toMatchObject({ code });
  });

  it("hold in lists for everybody as they hold one by one", async () => {
    const rules = rulesOf(
      { kind: "filter", where: { category: { $ne: "kettle" } }, strict: false },
      { kind: "category", relation: "same", lists: "similar" },
      { kind: "cap", attribute: "brand", maximum: 2 },
      { kind: "diversity", weight: 0.4 },
      { kind: "new-places", share: 0.25 },
      { kind: "exploration", day: "2026-01-31" },
    );
    const [similar, recommend] = [join(folder, "s.jsonl"), join(folder, "r.jsonl")];
    const written = await writeLists(bundle, { similar, recommend, count: 4, rules });
    expect(written.map(({ filled }) => filled > 0)).toEqual([true, false]);
    const linesIn = async (path: string) =>
      (await readFile(path, "utf8"))
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line));
    for (const { query, items, reason } of await linesIn(similar)) {
      const asked = await recommender.similar({ item: query, count: 4, rules });
      expect(items.map(({ item, filledBy }: Entry) => [item, filledBy])).toEqual(
        asked.similar.map(({ id, filledBy }) => [id, filledBy]),
      );
      expect(reason).toBe(asked.reason);
    }
    for (const { user, items } of await linesIn(recommend)) {
      const asked = await recommender.recommend({ user, count: 4, rules });
      expect(items.map(({ item }: Entry) => item)).toEqual(idsOf(asked.recommended));
    }
  });

  it("that leave nothing for anybody write no lists", async () => {
    const [one, two] = recommender.bundle.catalog.ids;
    const rules = rulesOf({ kind: "allow", items: [one] }, { kind: "filter", where: { id: two } });
    const similar = join(folder, "nothing.jsonl");
    await expect(writeLists(bundle, { similar, rules })).rejects.toThrow(
      /no item for anybody: of 12 items, allow leaves 1, .* leaves 1; together 0/,
    );
  });

  it("of the pipeline are kept in the bundle, and a request's own take their place", async () => {
    const stock = join(folder, "kept.txt");
    const [first, second, third] = recommender.bundle.catalog.ids;
    await writeFile(stock, `${first}\n${second}\n`);
    const config = tinyExperiment(join(folder, "kept"), "{}");
    await runPipeline({ ...config, rules: rulesOf({ kind: "available", file: stock }) }, { folder, evaluate: false });
    const kept = await openRecommender(join(folder, "kept", "bundle"));
    expect(idsOf((await kept.similar({ item: third, count: 9 })).similar).sort()).toEqual([first, second].sort());
    expect((await kept.similar({ item: third, count: 9, rules: [] })).similar).toHaveLength(9);
    await kept.close();
  });

  it("of a pipeline that leave nothing stop it before anything is fitted", async () => {
    const config = tinyExperiment(join(folder, "nothing"), "{}");
    const rules = rulesOf({ kind: "support", minimum: 9999 });
    const run = runPipeline({ ...config, rules }, { folder, evaluate: false });
    await expect(run).rejects.toMatchObject({
      code: "NOT_ENOUGH_DATA",
      message: expect.stringContaining("support leaves 0"),
    });
  });
});

interface Entry {
  readonly item: string;
  readonly filledBy?: string;
}
