/** What every vector store is held to, whatever it is made of. */
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { parseFilter } from "../../src/rules/filter-language.ts";
import { filterMask } from "../../src/rules/filter-mask.ts";
import type { Metric, VectorStore } from "../../src/stores/store-kind.ts";
import { storeKindOf } from "../../src/stores/store-kinds.ts";
import { LEASE_MS } from "../../src/stores/store-lease.ts";
import { pushContent } from "../../src/stores/store-push.ts";
import { storeTarget } from "../../src/stores/store-target.ts";
import { nearest, storeWorld } from "./store-world.ts";

export interface StoreSetup {
  /** Address of a store that is empty. */
  readonly url: string;
  readonly secret?: string;
  stop(): Promise<void>;
}

const FILTERS: readonly Record<string, unknown>[] = [
  { brand: "Acme" },
  { brand: { $in: [`O'Neill "&" Co`, "Kännchen"] } },
  { brand: { $ne: "Acme" } },
  { brand: "back\\slash" },
  { brand: { $exists: false } },
  { "price in EUR": { $gte: 10, $lt: 30 } },
  { "price in EUR": { $not: { $gt: 20 } } },
  { "price in EUR": 12.5 },
  { "price in EUR": { $exists: true } },
  { id: { $in: ["item 3 'ü'", "item 4 'ü'", "nobody"] } },
  { $or: [{ brand: "Kännchen" }, { "price in EUR": { $lte: 3 } }] },
  { $not: { $and: [{ brand: "Acme" }, { "price in EUR": { $gt: 5 } }] } },
];

const COUNT = 1200;

export function storeContract(name: string, start: () => Promise<StoreSetup>): void {
  describe(`a store in ${name}`, () => {
    let setup: StoreSetup;
    let collections = 0;
    const opened: VectorStore[] = [];
    const open = async (collection: string): Promise<VectorStore> => {
      const target = await storeTarget(setup.url, { collection }, { TAILREC_STORE_SECRET: setup.secret });
      const store = await storeKindOf(setup.url).open(target);
      opened.push(store);
      return store;
    };
    const fresh = () => `c${++collections}`;

    beforeAll(async () => {
      setup = await start();
    });
    afterEach(async () => {
      for (const store of opened.splice(0)) await store.close();
    });
    afterAll(() => setup.stop());

    for (const metric of ["cosine", "dot"] as const satisfies Metric[]) {
      it(`finds the nearest by the ${metric}, with every kind of filter, and never a short list`, async () => {
        const { content, catalog } = storeWorld(metric, COUNT);
        const store = await open(fresh());
        const { record, sent } = await pushContent(store, content);
        expect(sent).toBe(COUNT);
        expect(await store.current()).toEqual(record);
        let [found, wanted] = [0, 0];
        for (const filter of [undefined, ...FILTERS]) {
          const parsed = filter && parseFilter(filter);
          const tree = parsed && "filter" in parsed ? parsed.filter : undefined;
          const flags = tree && filterMask(tree, catalog, "filter").flags;
          for (let query = 0; query < 100; query += 9) {
            const { vector } = content.items[query];
            const exact = nearest(content, vector, 10, flags);
            const hits = await store.search(record, { vector, count: 10, filter: tree });
            expect(hits.length, JSON.stringify(filter)).toBe(exact.length);
            const allowed = new Set(catalog.ids.filter((_, row) => flags === undefined || flags[row] === 1));
            expect(
              hits.filter(({ id }) => !allowed.has(id)),
              JSON.stringify(filter),
            ).toEqual([]);
            const ids = new Set(hits.map(({ id }) => id));
            found += exact.filter(({ id }) => ids.has(id)).length;
            wanted += exact.length;
            const best = exact[0];
            if (hits[0]?.id === best.id)
              expect(Math.abs(hits[0].score - best.score)).toBeLessThan(1e-3 * (1 + Math.abs(best.score)));
          }
        }
        expect(found / wanted).toBeGreaterThanOrEqual(0.98);
      });
    }

    it("gives payloads and vectors back as they were", async () => {
      const { content } = storeWorld("cosine", 40);
      const store = await open(fresh());
      const { record } = await pushContent(store, content);
      for (const item of content.items.slice(0, 12)) {
        const [hit] = await store.search(record, { vector: item.vector, count: 1 });
        const { id, title, source, support, uncertainty } = item;
        expect(hit).toMatchObject({ id, title, source, support });
        expect(hit.uncertainty).toBeCloseTo(uncertainty, 6);
        const vector = await store.vectorOf(record, id);
        const cosine = nearest({ ...content, items: [item] }, vector ?? new Float32Array(item.vector.length), 1)[0]
          .score;
        expect(cosine).toBeCloseTo(1, 5);
      }
      expect(await store.vectorOf(record, "nobody")).toBeUndefined();
    });

    it("has nothing to do for what it has, takes what is new and loses what is gone", async () => {
      const [collection, first] = [fresh(), storeWorld("cosine", 60)];
      const store = await open(collection);
      await pushContent(store, first.content);
      expect(await pushContent(store, first.content)).toMatchObject({ sent: 0, wasThere: true });
      const changed = storeWorld("cosine", 60, 2).content;
      const { record } = await pushContent(store, { ...changed, items: changed.items.slice(5) });
      const ids = (await store.search(record, { vector: changed.items[9].vector, count: 60 })).map(({ id }) => id);
      expect(ids[0]).toBe(changed.items[9].id);
      expect(ids.filter((id) => changed.items.slice(0, 5).some((gone) => gone.id === id))).toEqual([]);
      expect(ids).toHaveLength(55);
    });

    it("shows its readers one version whole at every moment of a push", async () => {
      const collection = fresh();
      const [old, next] = [storeWorld("cosine", 700, 1).content, storeWorld("cosine", 700, 2).content];
      const [store, reader] = [await open(collection), await open(collection)];
      await pushContent(store, old);
      const seen = new Set<string>();
      const look = async (): Promise<void> => {
        const record = await reader.current();
        if (record === undefined) throw new Error("the collection was gone");
        // Whoever reads while versions change reads again: the one that it was told of is gone.
        const hits = await reader.search(record, { vector: old.items[3].vector, count: 10 }).catch(() => undefined);
        if (hits === undefined) return;
        const expected = [old, next].map((content) => nearest(content, old.items[3].vector, 10).map(({ id }) => id));
        const which = expected.findIndex((ids) => ids.filter((id) => hits.some((hit) => hit.id === id)).length >= 9);
        seen.add(String(which));
      };
      await look();
      const context = { onProgress: () => void look() };
      await pushContent(store, next, {}, context);
      await look();
      expect([...seen].sort()).toEqual(["0", "1"]);
    });

    it("goes on where a push was interrupted, with readers on the old version until the end", async () => {
      const collection = fresh();
      const [old, next] = [storeWorld("cosine", 100, 1).content, storeWorld("cosine", COUNT, 2).content];
      const store = await open(collection);
      const { record: before } = await pushContent(store, old);
      const interruption = new AbortController();
      const context = { signal: interruption.signal, onProgress: () => interruption.abort() };
      await expect(pushContent(store, next, {}, context)).rejects.toMatchObject({ code: "INTERRUPTED" });
      expect(await store.current()).toEqual(before);
      const again = await open(collection);
      const { sent, record } = await pushContent(again, next);
      expect(sent).toBe(COUNT - 500);
      expect(await again.search(record, { vector: next.items[1100].vector, count: 1 })).toMatchObject([
        { id: next.items[1100].id },
      ]);
    });

    for (const metric of ["cosine", "dot"] as const satisfies Metric[]) {
      it(`takes only what moved beyond a threshold by the ${metric}, what is new and what has another payload`, async () => {
        const before = storeWorld(metric, 300).content;
        const store = await open(fresh());
        await pushContent(store, before);
        const [moved, hardly, other] = [new Set([7, 8, 9]), new Set([20, 21]), new Set([30])];
        const items = before.items.map((item, row) => {
          const { vector } = item;
          if (moved.has(row)) return { ...item, vector: vector.map((value, d) => value * (d < 8 ? 1.5 : 0.5)) };
          if (hardly.has(row)) return { ...item, vector: vector.map((value, d) => value * (d < 8 ? 1.001 : 0.999)) };
          return other.has(row) ? { ...item, attributes: [["Acme"], 99] } : item;
        });
        const added = { ...before.items[0], id: "added", vector: before.items[1].vector };
        const content = { ...before, items: [...items.slice(5), added] };
        const { sent, record } = await pushContent(store, content, { moved: 0.05 });
        expect(sent).toBe(store.inheritance === undefined ? content.items.length : 5);
        expect(record.rows).toBe(296);
        const held = content.items.map((item, i) => (hardly.has(i + 5) ? before.items[i + 5] : item));
        for (const { id, vector } of [items[8], items[20], items[40], items[299], added]) {
          const hits = await store.search(record, { vector, count: 3 });
          const exact = nearest(store.inheritance === undefined ? content : { ...content, items: held }, vector, 3);
          expect(hits.map((hit) => hit.score)).toEqual(exact.map(({ score }) => expect.closeTo(score, 3)));
          expect(hits.map((hit) => hit.id)).toEqual(exact.map((hit) => hit.id));
          const stored = (await store.vectorOf(record, id)) ?? new Float32Array(vector.length);
          expect(
            nearest({ ...content, metric: "cosine", items: [{ ...added, vector }] }, stored, 1)[0].score,
          ).toBeCloseTo(1, 5);
        }
        const priced = parseFilter({ "price in EUR": 99 });
        expect(await store.search(record, { vector: added.vector, count: 5, ...priced })).toMatchObject([
          { id: items[30].id },
        ]);
        expect(await store.vectorOf(record, items[4].id)).toBeUndefined();
        const again = await pushContent(store, content, { moved: 0.05 });
        expect(again).toMatchObject({ sent: 0, wasThere: true });
        // Twice in a row: rows that were taken over are taken over again.
        const [first, ...others] = content.items;
        const { record: last } = await pushContent(store, { ...content, items: others }, { moved: 0.05 });
        expect(await store.search(last, { vector: first.vector, count: 300 })).toHaveLength(295);
      });
    }

    it("sees no mix when a push of what moved is interrupted, and goes on", async () => {
      const before = storeWorld("cosine", 2000).content;
      const [store, changed] = [await open(fresh()), storeWorld("cosine", 2000, 2).content];
      const items = before.items.map((item, row) => (row < 700 ? changed.items[row] : item));
      const { record: old } = await pushContent(store, before);
      const interruption = new AbortController();
      const context = { signal: interruption.signal, onProgress: () => interruption.abort() };
      const push = pushContent(store, { ...before, items }, { moved: 0 }, context);
      await expect(push).rejects.toMatchObject({ code: "INTERRUPTED" });
      expect(await store.current()).toEqual(old);
      const { sent, record } = await pushContent(store, { ...before, items }, { moved: 0 });
      expect(sent).toBe(store.inheritance === undefined ? 1500 : 200);
      for (const row of [3, 650, 1999]) {
        expect(await store.search(record, { vector: items[row].vector, count: 1 })).toMatchObject([
          { id: items[row].id },
        ]);
      }
    });

    it("refuses another purpose, and takes another dimension or metric as a version of its own", async () => {
      const { content } = storeWorld("cosine", 30);
      const store = await open(fresh());
      const { record: before } = await pushContent(store, content);
      const other = pushContent(store, { ...content, purpose: "recommend" });
      await expect(other).rejects.toMatchObject({ code: "STORE_MISMATCH" });
      expect(await store.current()).toEqual(before);
      const shorter = content.items.map((item) => ({ ...item, vector: item.vector.slice(0, 5) }));
      const next = { ...content, metric: "dot" as const, dimension: 5, items: shorter };
      const { record } = await pushContent(store, next, { moved: 0.5 });
      expect(record).toMatchObject({ metric: "dot", dimension: 5, rows: 30 });
      const [hit] = await store.search(record, { vector: shorter[3].vector, count: 1 });
      expect(hit.score).toBeCloseTo(nearest(next, shorter[3].vector, 1)[0].score, 3);
    });

    it("of two pushes at the same time lets one through whole", async () => {
      const collection = fresh();
      const [mine, theirs] = [await open(collection), await open(collection)];
      const contents = [storeWorld("cosine", 600, 1).content, storeWorld("cosine", 600, 2).content];
      const pushes = [pushContent(mine, contents[0]), pushContent(theirs, contents[1])];
      const ended = await Promise.allSettled(pushes);
      const failed = ended.filter((one) => one.status === "rejected");
      expect(failed.length).toBeLessThan(2);
      for (const { reason } of failed) expect(reason).toMatchObject({ code: "STORE_BUSY" });
      const record = await mine.current();
      const versions = ended.flatMap((one) => (one.status === "fulfilled" ? [one.value.record.version] : []));
      expect(versions).toContain(record?.version);
      if (record === undefined) throw new Error("expected a version");
      expect(await mine.search(record, { vector: contents[0].items[0].vector, count: 600 })).toHaveLength(600);
    });

    it("tells a push whose lock ran out that another has it, and leaves that lock alone", async () => {
      const store = await open(fresh());
      vi.useFakeTimers({ toFake: ["Date"], now: Date.now() - 2 * LEASE_MS });
      const slow = await store.lock();
      await slow.renew();
      vi.useRealTimers();
      const quick = await store.lock();
      await expect(slow.renew()).rejects.toMatchObject({ code: "STORE_BUSY" });
      await slow.release();
      await expect(store.lock()).rejects.toMatchObject({ code: "STORE_BUSY" });
      await quick.renew();
      await quick.release();
      await (await store.lock()).release();
    });

    it("lets one of two pushes in, and the next one after it", async () => {
      const collection = fresh();
      const [mine, theirs] = [await open(collection), await open(collection)];
      const lock = await mine.lock();
      await lock.renew();
      const { content } = storeWorld("cosine", 20);
      await expect(pushContent(theirs, content)).rejects.toMatchObject({ code: "STORE_BUSY" });
      expect(await theirs.current()).toBeUndefined();
      await lock.release();
      expect(await pushContent(theirs, content)).toMatchObject({ sent: 20 });
    });

    it("refuses a filter on what it does not have, with the nearest name", async () => {
      const { content } = storeWorld("cosine", 20);
      const store = await open(fresh());
      const { record } = await pushContent(store, content);
      const search = (filter: Record<string, unknown>) => {
        const parsed = parseFilter(filter);
        return store.search(record, { vector: content.items[0].vector, count: 3, ...parsed });
      };
      await expect(search({ brnd: "Acme" })).rejects.toMatchObject({ code: "INVALID_OPTIONS", message: /"brand"/ });
      await expect(search({ brand: { $lt: 3 } })).rejects.toMatchObject({ code: "INVALID_OPTIONS" });
    });
  });
}
