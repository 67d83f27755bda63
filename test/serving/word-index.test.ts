import { describe, expect, it } from "vitest";
import { createRandom } from "../../src/math/random.ts";
import { fitWordIndex } from "../../src/serving/ranking/word-index.ts";

const WORDS = ["bowl", "dish", "glass", "oak", "of", "tape", "blue"];

function randomTexts(items: number) {
  const random = createRandom(3);
  const text = () => Array.from({ length: random.integer(6) }, () => WORDS[random.integer(WORDS.length)]).join(" ");
  return { titles: Array.from({ length: items }, text), descriptions: Array.from({ length: items }, text) };
}

/** BM25 as it is written down, a title said three times over. */
function bm25({ titles, descriptions }: ReturnType<typeof randomTexts>, query: readonly string[]) {
  const documents = titles.map((title, row) =>
    `${title} ${title} ${title} ${descriptions[row]}`.split(" ").filter((word) => word !== ""),
  );
  const mean = documents.flat().length / documents.length;
  const scored = documents.map((words, row) => {
    const score = query.reduce((sum, word) => {
      const having = documents.filter((other) => other.includes(word)).length;
      const times = words.filter((other) => other === word).length;
      const idf = Math.log(1 + (documents.length - having + 0.5) / (having + 0.5));
      return sum + (idf * times * 2.2) / (times + 1.2 * (0.25 + (0.75 * words.length) / mean));
    }, 0);
    return { row, score };
  });
  return scored.filter(({ score }) => score > 0).sort((a, b) => b.score - a.score || a.row - b.row);
}

describe("an index of words", () => {
  const texts = randomTexts(60);
  const everything = () => true;

  it("ranks as BM25 over all documents does", async () => {
    const index = await fitWordIndex(texts);
    for (const query of [["oak"], ["blue", "tape"], ["bowl", "of", "glass"], ["absent"]]) {
      const expected = bm25(texts, query).slice(0, 20);
      const found = index.search(query.join(" "), texts, 20, everything);
      expect(found.map(({ row }) => row)).toEqual(expected.map(({ row }) => row));
      for (const [i, { score }] of found.entries()) expect(score).toBeCloseTo(expected[i].score, 10);
    }
  });

  it("takes a word and its plural for one, and says nothing of rows that are not listed", async () => {
    const few = { titles: ["Petri dish", "Glasses", "Glass", "Gas", "Boxes"], descriptions: ["", "", "", "", "a box"] };
    const index = await fitWordIndex(few);
    const rowsFor = (query: string, isListed: (row: number) => boolean = everything) =>
      index.search(query, few, 5, isListed).map(({ row }) => row);
    expect(rowsFor("dishes")).toEqual([0]);
    expect(rowsFor("GLASS")).toEqual([1, 2]);
    expect(rowsFor("glasses", (row) => row !== 1)).toEqual([2]);
    expect(rowsFor("box")).toEqual([4]);
  });

  it("reads items anew that came or changed since it was made", async () => {
    const index = await fitWordIndex(texts);
    const now = { titles: [...texts.titles, "Teak bowl"], descriptions: [...texts.descriptions, ""] };
    now.titles[0] = "Teak";
    now.descriptions[0] = "";
    expect(index.search("teak", now, 5, everything).map(({ row }) => row)).toEqual([0, 60]);
    expect(index.search("bowl", now, 100, everything).map(({ row }) => row)).not.toContain(0);
    expect(index.search("bowl", now, 100, everything).map(({ row }) => row)).toContain(60);
  });
});
