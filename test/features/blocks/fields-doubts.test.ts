/** What the fields block says of an item whose fields are missing or new. */
import { describe, expect, it } from "vitest";
import { fieldsBlock } from "../../../src/features/blocks/fields.ts";
import { fitFields } from "../../../src/features/fields/fields-space.ts";
import { catalogOf } from "../../encoders/encoding-fixtures.ts";

const titles = ["red lamp", "red lamp", "blue mug", "blue mug"];
const training = catalogOf({
  titles,
  attributes: [
    { name: "kind", kind: "category", values: [["A > B"], ["A > C"], ["D"], ["D"]] },
    { name: "price", kind: "price", values: Float64Array.of(1, 2, 4, 8) },
  ],
});

async function doubtsOf(shares: Record<string, number>, catalog: Parameters<typeof catalogOf>[0]) {
  const options = { minimumCount: 2, dimension: "auto", shares } as const;
  const space = await fitFields({ catalog: training, rows: [0, 1, 2, 3] }, options);
  const given = catalogOf(catalog);
  return given.ids.map((_, row) => fieldsBlock.caveats?.(space, given, row));
}

const even = { title: 0.4, "attribute kind": 0.3, "attribute price": 0.3 };

describe("doubts about fields", () => {
  it("name what is missing, and what training saw nothing of", async () => {
    const doubts = await doubtsOf(even, {
      titles: ["red mug", "", "green chair", "lamp"],
      attributes: [
        { name: "kind", kind: "category", values: [["A > new"], ["D"], [], ["new"]] },
        { name: "price", kind: "price", values: Float64Array.of(3, Number.NaN, 3, 3) },
      ],
    });
    expect(doubts).toEqual([[], ["no title", "no price"], ["no known word in title", "no kind"], ["unknown kind"]]);
  });

  it("name columns that the new catalog lacks", async () => {
    expect(await doubtsOf(even, { titles: ["red mug"], attributes: [] })).toEqual([["no kind", "no price"]]);
  });

  it("speak of a title once, whose words and parts of words are two fields", async () => {
    const doubts = await doubtsOf(
      {},
      {
        titles: ["", "unheard"],
        attributes: [
          { name: "kind", kind: "category", values: [["D"], ["D"]] },
          { name: "price", kind: "price", values: Float64Array.of(1, 2) },
        ],
      },
    );
    expect(doubts).toEqual([["no title"], ["no known word in title"]]);
  });

  it("are silent about a field that tells hardly anything", async () => {
    const shares = { title: 0.96, "attribute kind": 0.04, "attribute price": 0 };
    expect(await doubtsOf(shares, { titles: ["red mug"], attributes: [] })).toEqual([[]]);
  });
});
