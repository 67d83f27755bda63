import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ingest } from "../../../src/data/ingest/ingest.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tailrec-users-"));
  await writeFile(join(folder, "items.csv"), "item_id\na\nb\nc\n");
  await writeFile(join(folder, "events.csv"), "user_id,item_id\nu3,a\nu1,b\nu2,c\nu3,b\n");
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function ingested(users: string) {
  await writeFile(join(folder, "users.csv"), users);
  const attributes = [
    { column: "segment", kind: "category" as const },
    { column: "age", kind: "number" as const },
  ];
  const files = { interactions: { path: "events.csv" }, items: { path: "items.csv" } };
  return ingest({ ...files, users: { path: "users.csv", attributes } }, { folder });
}

describe("the users file", () => {
  it("comes out in the order of the interactions' users, gaps and all", async () => {
    const { userIds, userAttributes, report } = await ingested("user_id,segment,age\nu1,home,30\nu9,city,50\nu3,,41\n");
    const [segment, age] = userAttributes ?? [];
    const at = (id: string) => userIds.indexOf(id);
    expect([segment.values[at("u1")], segment.values[at("u2")], segment.values[at("u3")]]).toEqual([["home"], [], []]);
    expect([age.values[at("u1")], age.values[at("u2")], age.values[at("u3")]]).toEqual([30, Number.NaN, 41]);
    expect(report.users).toMatchObject({ rows: 3, rejected: 0, withoutInteractions: 1, withoutAttributes: 1 });
  });

  it("counts what it cannot read, and speaks of users", async () => {
    const { report } = await ingested(
      `user_id,segment,age\n${Array.from({ length: 40 }, (_, i) => `u${i},x,young`).join("\n")}\n,y,3\n`,
    );
    expect(report.rejects.map(({ reason }) => reason)).toEqual(["missing user id"]);
    expect(report.missingCells[0].reason).toContain('unparsable number in "age"');
    await expect(ingested("user_id,segment,age\nu1,x,1\nu1,y,2\n")).rejects.toThrow(
      /repeats user ids: "u1".*keep one row a user/,
    );
    await expect(ingested("user_id,segment\nu1,x\n")).rejects.toMatchObject({ code: "UNKNOWN_COLUMN" });
  });

  it("may be absent", async () => {
    const files = { interactions: { path: "events.csv" }, items: { path: "items.csv" } };
    const { userAttributes, report } = await ingest(files, { folder });
    expect([userAttributes, report.users]).toEqual([undefined, undefined]);
  });
});
