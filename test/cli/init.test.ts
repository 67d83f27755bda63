/** `tailrec init`: from two tables to a pipeline that validates, typed as people type it. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { parse } from "yaml";
import { root, tailrec } from "./tailrec.ts";

const shop = join(root, "fixtures", "shop");
const tables = ["--interactions", join(shop, "events.csv.gz"), "--items", join(shop, "items.jsonl")];

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tailrec-init-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it("writes a pipeline for the demo shop that maps what ours maps, and passes validate", async () => {
  const out = join(folder, "shop.yaml");
  const { status, stdout, stderr } = await tailrec("init", ...tables, "--users", join(shop, "users.csv"), "--out", out);
  expect([status, stderr]).toEqual([0, expect.any(String)]);
  expect(stdout).toMatch(/^event +event +view, cart, purchase +view$/m);
  expect(stdout).toContain(`Next: tailrec validate ${out}`);
  const written = parse(await readFile(out, "utf8"));
  const ours = parse(await readFile(join(root, "pipelines", "shop.yaml"), "utf8"));
  expect(written.data.interactions.columns).toEqual({
    user: "user_id",
    item: "item_id",
    event: "event",
    time: "timestamp",
  });
  expect(written.data.interactions.eventWeights).toEqual(ours.data.interactions.eventWeights);
  expect(written.data.items.columns).toEqual({ id: "item_id", ...ours.data.items.columns });
  expect(written.data.items.attributes).toEqual(expect.arrayContaining(ours.data.items.attributes));
  const checked = await tailrec("validate", out, "--quiet");
  expect([checked.status, checked.stdout]).toEqual([0, expect.not.stringContaining("FAIL")]);
});

it("answers as JSON, and ends with status 2 where a file is there or a column is not named right", async () => {
  const out = join(folder, "again.yaml");
  const { status, stdout } = await tailrec("init", ...tables, "--out", out, "--json");
  expect(status).toBe(0);
  const { tables: found } = JSON.parse(stdout);
  expect(found.map(({ columns }: { columns: unknown[] }) => columns.length)).toEqual([4, 7]);
  expect(await tailrec("init", ...tables, "--out", out)).toMatchObject({
    status: 2,
    stderr: expect.stringContaining("add --force"),
  });
  expect(await tailrec("init", ...tables, "--out", out, "--force", "--columns", "users=a")).toMatchObject({
    status: 2,
    stderr: expect.stringContaining("expected user, item, id"),
  });
});
