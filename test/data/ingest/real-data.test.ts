/** The two real data sets, where ../shared lies beside the repository. */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { ingest } from "../../../src/data/ingest/ingest.ts";
import { splitWarmTail } from "../../../src/data/splits/split.ts";

const shared = resolve(import.meta.dirname, "../../../../shared/data");

describe.skipIf(!existsSync(shared))("real data (skipped without ../shared/data)", () => {
  it("amazon-scientific: 8,317 users, 4,344 items, 58,492 interactions, no reject", async () => {
    const { catalog, interactions, report } = await ingest(
      {
        interactions: { path: "interactions.csv", columns: { time: "position" } },
        items: {
          path: "items.jsonl",
          columns: { title: "title", description: "description" },
          attributes: [
            { column: "brand", kind: "category" },
            { column: "categories", kind: "category" },
          ],
        },
      },
      { folder: resolve(shared, "amazon-scientific") },
    );
    expect([interactions.rows, interactions.columns, interactions.indices.length]).toEqual([8317, 4344, 58_492]);
    expect(catalog.descriptions.filter((text) => text === "").length).toBe(123);
    expect(report.rejects.length).toBe(0);
    expect(splitWarmTail(interactions).test.indices.length).toBe(8317);
  });

  it("movielens-small: ratings from 3.5 up, 9,742 movies with their posters", async () => {
    const { catalog, interactions, report } = await ingest(
      {
        interactions: {
          path: "interactions.csv",
          columns: { time: "timestamp" },
          minimum: { column: "rating", value: 3.5 },
        },
        items: {
          path: "items.jsonl",
          columns: { title: "title", description: ["plot", "keywords"], image: "poster" },
          attributes: [{ column: "genres", kind: "category" }],
        },
      },
      { folder: resolve(shared, "movielens-small") },
    );
    expect(report.interactions).toMatchObject({
      rows: 100_836,
      belowMinimum: 39_120,
      pairs: 61_716,
      users: 609,
      rejected: 0,
    });
    expect(interactions.columns).toBe(9742);
    const images = catalog.images.filter((path) => path !== null);
    expect(images.length).toBe(5502);
    expect(images.every((path) => existsSync(path))).toBe(true);
    expect(catalog.attributes[0].values[0]).toEqual(["Adventure", "Animation", "Children", "Comedy", "Fantasy"]);
  });
});
