/** A service's log as input of a run: its items and events, on top of the files of the pipeline. */
import { describe, expect, it } from "vitest";
import { ingest, ingestItems } from "../../../src/data/ingest/ingest.ts";
import { type LogRecord, logLine } from "../../../src/data/ingest/service-log/record-lines.ts";
import type { SparseMatrix } from "../../../src/math/matrix.ts";
import { temporaryFiles } from "./ingest-files.ts";

const files = temporaryFiles();
const lines = (records: readonly LogRecord[]) => records.map(logLine).join("");

const put = (id: string, more: object = {}) => ({
  change: "put",
  id,
  title: "",
  description: "",
  image: null,
  attributes: {},
  ...more,
  time: "2026-03-01T00:00:00.000Z",
});
const event = (user: string, item: string, kind = "view", time = "2026-03-02T00:00:00.000Z") => ({
  id: `${user}-${item}-${kind}`,
  user,
  item,
  event: kind,
  time,
});

const ITEMS = "item_id,title,brand,price\na,Anorak,Acme,10\nb,Boots,Acme,20\nc,Cap,Bolt,5\nd,Duvet,Bolt,50\n";
const EVENTS =
  "user_id,item_id,event,timestamp\nu1,a,view,2026-02-01T00:00:00Z\nu1,b,view,2026-02-01T00:00:00Z\nu2,a,cart,2026-02-02T00:00:00Z\nu2,d,view,2026-02-03T00:00:00Z\n";

const options = {
  interactions: {
    path: "events.csv",
    columns: { event: "event", time: "timestamp" },
    eventWeights: { view: 1, cart: 2, purchase: 4 },
  },
  items: {
    path: "items.csv",
    columns: { title: "title" },
    attributes: [
      { column: "brand", kind: "category" as const },
      { column: "price", kind: "price" as const },
    ],
  },
  log: "log",
};

function folderOf(changes: readonly LogRecord[], events: readonly LogRecord[]): string {
  return files({
    "items.csv": ITEMS,
    "events.csv": EVENTS,
    "log/items.jsonl": lines(changes),
    "log/events.jsonl": lines(events),
    "log/exposures.jsonl": "",
  });
}

/** "u1 a" of every pair with its weight. */
function pairsOf(
  { indptr, indices, values }: SparseMatrix,
  users: readonly string[],
  items: readonly string[],
): Record<string, number> {
  const pairs: [string, number][] = [];
  for (const [row, user] of users.entries()) {
    for (let p = indptr[row]; p < indptr[row + 1]; p++) pairs.push([`${user} ${items[indices[p]]}`, values[p]]);
  }
  return Object.fromEntries(pairs);
}

describe("the log of a service in a run", () => {
  it("brings its new items, and what changed, into the catalog; deleted ones leave it", async () => {
    const changes = [
      put("n1", { title: "Night lamp", attributes: { brand: "Acme", price: 12.5 } }),
      put("b", { title: "Rain boots", attributes: { brand: ["Bolt"], price: 25 } }),
      put("gone", { title: "Gone again" }),
      { change: "availability", id: "a", available: false },
      { change: "delete", id: "gone" },
      { change: "delete", id: "c" },
      { change: "delete", id: "d" },
      put("d", { title: "Duvet, back again", attributes: { price: null } }),
    ];
    const { catalog, report } = await ingest(options, { folder: folderOf(changes, []) });
    expect(catalog.ids).toEqual(["a", "b", "d", "n1"]);
    expect(catalog.titles).toEqual(["Anorak", "Rain boots", "Duvet, back again", "Night lamp"]);
    const [brand, price] = catalog.attributes;
    expect(brand.values).toEqual([["Acme"], ["Bolt"], [], ["Acme"]]);
    expect([...price.values]).toEqual([10, 25, Number.NaN, 12.5]);
    expect(report.log).toMatchObject({ newItems: 1, changedItems: 2, deletedItems: 1, rows: 0 });
    const alone = await ingestItems(options.items, { folder: folderOf(changes, []), log: "log" });
    expect(alone.catalog.ids).toEqual(catalog.ids);
  });

  it("adds events that are later than the file's, by the weights of the pipeline", async () => {
    const events = [
      event("u1", "a", "purchase"),
      event("u1", "a", "dismissal"),
      event("s1", "n1", "cart"),
      event("u2", "b", "view", "2026-02-02T12:00:00.000Z"),
    ];
    const folder = folderOf([put("n1", { title: "Night lamp" })], events);
    const { catalog, interactions, userIds, report } = await ingest(options, { folder });
    expect(pairsOf(interactions, userIds, catalog.ids)).toEqual({
      "u1 a": 5,
      "u1 b": 1,
      "u2 a": 2,
      "u2 d": 1,
      "s1 n1": 2,
    });
    expect(report.log).toMatchObject({ rows: 3, seenEvents: 1, rejected: 0 });
    expect(report.interactions).toMatchObject({ users: 3, pairs: 5, itemsWithoutInteractions: 1 });
  });

  it("leaves out what people did with deleted items without counting rejects", async () => {
    const folder = folderOf([{ change: "delete", id: "a" }], [event("u9", "a"), event("u9", "b")]);
    const { catalog, interactions, userIds, report } = await ingest(options, { folder });
    expect(pairsOf(interactions, userIds, catalog.ids)).toEqual({ "u1 b": 1, "u2 d": 1, "u9 b": 1 });
    expect(report.rejects).toEqual([]);
    expect(report.interactions?.ofDeletedItems).toBe(2);
  });

  it("counts all events where interactions have no time, and where some of them lack it", async () => {
    const half = EVENTS.replace("u1,b,view,2026-02-01T00:00:00Z", "u1,b,view,");
    const folder = folderOf([], [event("s1", "a"), event("s2", "c", "view", "2026-02-02T00:00:00.000Z")]);
    const some = files({
      "items.csv": ITEMS,
      "events.csv": half,
      "log/items.jsonl": "",
      "log/events.jsonl": lines([event("s1", "a")]),
    });
    expect((await ingest(options, { folder: some })).report.log?.rows).toBe(1);
    const { interactions } = options;
    const timeless = { ...options, interactions: { ...interactions, columns: { event: "event" } } };
    expect((await ingest(timeless, { folder })).report.log).toMatchObject({ rows: 2, seenEvents: 0 });
  });

  it("names attributes that the pipeline does not map, a damaged line, and a folder that is no log", async () => {
    const unmapped = folderOf([put("n1", { title: "Lamp", attributes: { colour: "red" } })], []);
    const { report } = await ingest(options, { folder: unmapped });
    expect(report.notes).toEqual([expect.stringContaining('"colour"')]);
    const whole = lines([put("n1"), put("n2")]);
    const damaged = files({
      "items.csv": ITEMS,
      "events.csv": EVENTS,
      "log/items.jsonl": whole.replace("n1", "nx"),
      "log/events.jsonl": "",
    });
    await expect(ingest(options, { folder: damaged })).rejects.toMatchObject({
      code: "UNREADABLE_INPUT",
      message: expect.stringContaining("line 1"),
    });
    const none = files({ "items.csv": ITEMS, "events.csv": EVENTS });
    await expect(ingest(options, { folder: none })).rejects.toMatchObject({ code: "FILE_NOT_FOUND" });
  });
});
