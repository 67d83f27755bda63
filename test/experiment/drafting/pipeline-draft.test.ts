/** Layouts that shops and published data sets have, with cells of our own: what each column is taken for. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parsePipeline } from "../../../src/config.ts";
import { validatePipeline } from "../../../src/experiment/checks/preflight.ts";
import { draftPipeline } from "../../../src/experiment/drafting/pipeline-draft.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tailrec-draft-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

type Table = Readonly<Record<string, (row: number) => string>>;

const ROWS = 120;
const words = ["amber", "birch", "cedar", "delta", "ember", "fjord", "grove", "heath", "inlet", "jetty", "knoll"];
const word = (n: number) => words[((n % words.length) + words.length) % words.length];
const user = (row: number) => `U${(row * 7) % 23}`;
const thing = (row: number) => `T${(row * 11) % 60}`;
const ownThing = (row: number) => `T${row}`;
const name = (row: number) => `${word(row)} ${word(row * 3 + 1)} no ${row}`;
const prose = (row: number) => `${Array.from({ length: 30 }, (_, i) => word(row * i + i + row)).join(" ")} ${row}`;
const epoch = (row: number) => String(1_700_000_000 + 4000 * row);
const date = (row: number) => `2024-0${1 + (row % 9)}-1${row % 10}`;
const of =
  (...values: readonly string[]) =>
  (row: number) =>
    values[row % values.length];

function csvOf(table: Table, rows: number, delimiter = ","): string {
  const quoted = (text: string) => (/[",;\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const lines = Array.from({ length: rows }, (_, row) => Object.values(table).map((cell) => quoted(cell(row))));
  return `${[Object.keys(table), ...lines].map((line) => line.join(delimiter)).join("\n")}\n`;
}

let drafts = 0;

async function draft(interactions: Table, items: Table, users?: Table, delimiter = ",") {
  const own = join(folder, String(drafts++));
  const paths = { interactions: `${own}-met.csv`, items: `${own}-items.csv`, users: `${own}-users.csv` };
  await writeFile(paths.interactions, csvOf(interactions, ROWS, delimiter));
  await writeFile(paths.items, csvOf(items, 60, delimiter));
  if (users !== undefined) await writeFile(paths.users, csvOf(users, 23, delimiter));
  const out = `${own}.yaml`;
  const result = await draftPipeline({ ...paths, users: users && paths.users, out });
  const { data, features } = parsePipeline(await readFile(out, "utf8"), out);
  return { ...result, data, features };
}

/** The columns that are mapped, and what is left out. */
async function uses(interactions: Table, items: Table, delimiter = ",") {
  const { data, tables } = await draft(interactions, items, undefined, delimiter);
  const { columns, minimum, eventWeights } = data.interactions;
  const mapped = Object.fromEntries(
    Object.entries({ ...columns, ...data.items.columns, rating: minimum?.column }).filter(([, value]) => value != null),
  );
  const attributes = data.items.attributes.map(({ column, kind, separator }) =>
    [column, kind, ...(separator === null ? [] : [separator])].join(" "),
  );
  const leftOut = tables.flatMap(({ columns: all }) => all.filter(({ use }) => use === "left out"));
  return { mapped, attributes, leftOut: leftOut.map(({ column }) => column), minimum, eventWeights };
}

describe("interactions", () => {
  const items = { itemid: ownThing, title: name };

  it("of a web shop's log: events have their worth, the order of the columns means nothing", async () => {
    const log = {
      timestamp: epoch,
      visitorid: user,
      event: of("view", "view", "addtocart", "view", "transaction", "impression"),
      itemid: thing,
      transactionid: (row: number) => (row % 5 === 4 ? String(row) : ""),
    };
    const { mapped, eventWeights, leftOut } = await uses(log, items);
    expect(mapped).toEqual({
      user: "visitorid",
      item: "itemid",
      event: "event",
      time: "timestamp",
      id: "itemid",
      title: "title",
    });
    expect(eventWeights).toEqual({ view: 1, addtocart: 2, transaction: 4, impression: "ignore" });
    expect(leftOut).toEqual(["transactionid"]);
  });

  it("of films: ratings from seven tenths of the scale count", async () => {
    const ratings = { userId: user, movieId: thing, rating: of("0.5", "4.0", "5.0", "3.5"), timestamp: epoch };
    const { mapped, minimum } = await uses(ratings, { movieId: ownThing, title: name });
    expect(mapped).toMatchObject({ user: "userId", item: "movieId", time: "timestamp", rating: "rating" });
    expect(minimum).toEqual({ column: "rating", value: 3.5 });
  });

  it("of books, with semicolons and a scale to ten", async () => {
    const ratings = { "User-ID": user, ISBN: thing, "Book-Rating": of("0", "10", "7") };
    const { mapped, minimum } = await uses(ratings, { ISBN: ownThing, "Book-Title": name }, ";");
    expect(mapped).toMatchObject({ user: "User-ID", item: "ISBN", id: "ISBN", title: "Book-Title" });
    expect(minimum).toEqual({ column: "Book-Rating", value: 7 });
  });

  it("of music: plays are weights, the name of the artist is not the item", async () => {
    const plays = {
      user_id: user,
      "artist-mbid": thing,
      "artist-name": (row: number) => word(row * 11),
      plays: (row: number) => String(1 + (row % 40)),
    };
    const { mapped } = await uses(plays, { "artist-mbid": ownThing, name });
    expect(mapped).toEqual({ user: "user_id", item: "artist-mbid", weight: "plays", id: "artist-mbid", title: "name" });
  });

  it("of an invoice: codes and numbers beside them", async () => {
    const invoice = {
      InvoiceNo: (row: number) => String(536_000 + (row >> 2)),
      StockCode: thing,
      Quantity: (row: number) => String(1 + (row % 6)),
      InvoiceDate: (row: number) => `2010-12-0${1 + (row % 9)} 08:26`,
      CustomerID: user,
      Country: of("France", "Norway"),
    };
    const { mapped } = await uses(invoice, { StockCode: ownThing, Description: name });
    expect(mapped).toMatchObject({ user: "CustomerID", item: "StockCode", weight: "Quantity", time: "InvoiceDate" });
  });

  it("of reviews: whichever of two ids the catalog has", async () => {
    const reviews = {
      rating: of("1.0", "5.0", "4.0"),
      title: name,
      asin: (row: number) => `V${thing(row)}`,
      parent_asin: thing,
      user_id: user,
      timestamp: (row: number) => `${epoch(row)}123`,
      verified_purchase: of("True", "False"),
    };
    const { mapped, minimum } = await uses(reviews, { title: name, parent_asin: ownThing });
    expect(mapped).toMatchObject({ user: "user_id", item: "parent_asin", id: "parent_asin", time: "timestamp" });
    expect(minimum).toEqual({ column: "rating", value: 3.5 });
  });

  it.each([
    ["days first", (row: number) => `${1 + (row % 28)}/0${1 + (row % 9)}/2024`, "%d/%m/%Y"],
    [
      "months first, with a clock",
      (row: number) => `${1 + (row % 12)}/${1 + (row % 28)}/2010 8:2${row % 10}`,
      "%m/%d/%Y %H:%M",
    ],
    ["points", (row: number) => `0${1 + (row % 9)}.0${1 + (row % 9)}.24`, "%d.%m.%y"],
    ["dates that need no pattern", date, "auto"],
  ])("with times as %s, which a run reads", async (_, when, timeFormat) => {
    const { data, out, text } = await draft({ user_id: user, item_id: thing, date: when }, { item_id: ownThing, name });
    expect(data.interactions).toMatchObject({ timeFormat, columns: { time: "date" } });
    expect(text).not.toContain("do not tell");
    expect((await validatePipeline(out, {})).filter(({ state }) => state !== "passed")).toEqual([]);
  });

  it("with times that either order explains: the file says so", async () => {
    const { text } = await draft(
      { user_id: user, item_id: thing, date: (row) => `0${1 + (row % 9)}/0${1 + (row % 8)}/2024` },
      { item_id: ownThing, name },
    );
    expect(text).toMatch(/# Day or month first: the cells do not tell\.\n +timeFormat: "?%d\/%m\/%Y"?/);
  });

  it("by what the cells hold, where names do not tell the item", async () => {
    const odd = { customer: user, what: thing, note: prose };
    const { mapped } = await uses(odd, { key: ownThing, label: name });
    expect(mapped).toMatchObject({ user: "customer", item: "what", id: "key" });
  });

  it("refuses to guess the user, and takes the name that it is told", async () => {
    const paths = {
      interactions: join(folder, "odd.csv"),
      items: join(folder, "odd-items.csv"),
      out: join(folder, "odd.yaml"),
    };
    await writeFile(paths.interactions, csvOf({ who: user, what: thing }, ROWS));
    await writeFile(paths.items, csvOf({ key: ownThing, label: name }, 60));
    await expect(draftPipeline(paths)).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      message: expect.stringContaining("name it: --columns user=NAME"),
    });
    const { text } = await draftPipeline({ ...paths, columns: { user: "who" } });
    expect(parsePipeline(text, "odd.yaml").data.interactions.columns).toMatchObject({ user: "who", item: "what" });
    await expect(draftPipeline({ ...paths, force: true, columns: { user: "whom" } })).rejects.toMatchObject({
      code: "UNKNOWN_COLUMN",
    });
  });
});

describe("items", () => {
  const met = { user_id: user, item_id: thing };

  it("of a fashion shop: names of codes are levels, codes of one item are none", async () => {
    const { mapped, attributes, leftOut } = await uses(
      { t_dat: date, customer_id: user, article_id: thing, price: (row) => `0.0${row % 50}` },
      {
        article_id: ownThing,
        product_code: (row) => `10${row}`,
        prod_name: name,
        product_type_no: (row) => String(250 + (row % 5)),
        colour_group_name: of("Black", "White", "Blue"),
        garment_group_name: of("Jersey Basic", "Trousers"),
        detail_desc: prose,
      },
    );
    expect(mapped).toEqual({
      user: "customer_id",
      item: "article_id",
      time: "t_dat",
      id: "article_id",
      title: "prod_name",
      description: "detail_desc",
    });
    expect(attributes).toEqual([
      "product_type_no category",
      "colour_group_name category",
      "garment_group_name category",
    ]);
    expect(leftOut).toEqual(["price", "product_code"]);
  });

  it("of books: what readers did is left out, years are numbers, pictures are addresses", async () => {
    const { data, features, tables } = await draft(
      { user_id: user, book_id: thing, rating: of("1", "5") },
      {
        book_id: ownThing,
        work_id: (row) => `9${row}1`,
        authors: (row) => `${word(row)} ${word(row >> 3)}, ${word(row + 2)} Smith, ${word(row + 1)} Jones`,
        original_publication_year: (row) => String(1900 + ((row * 13) % 100)),
        title: name,
        average_rating: (row) => `3.${row}`,
        ratings_count: (row) => String(row * row),
        image_url: (row) => `https://pictures.example/${row}.jpg`,
      },
    );
    expect(data.items.columns).toMatchObject({ id: "book_id", title: "title", image: "image_url" });
    expect(data.items.attributes).toEqual([
      { column: "authors", kind: "category", separator: "," },
      { column: "original_publication_year", kind: "number", separator: null },
    ]);
    expect(features.image).toBeNull();
    const reasons = Object.fromEntries(tables[1].columns.map(({ column, reason }) => [column, reason]));
    expect(reasons.average_rating).toContain("how people behaved");
    expect(reasons.ratings_count).toContain("how people behaved");
    expect(reasons.work_id).toContain("another value");
  });

  it("pictures are encoded where one is found beside the items", async () => {
    const table: Table = { item_id: ownThing, name, photo: (row) => `draft-photos/${row}.png` };
    const without = await draft(met, table);
    expect([without.features.image, without.text]).toEqual([null, expect.stringContaining("items.imageFolder")]);
    await mkdir(join(folder, "draft-photos"));
    await writeFile(join(folder, "draft-photos", "3.png"), "");
    const { features, text } = await draft(met, table);
    expect(features.image).toMatchObject({ weight: "auto" });
    expect(text).not.toContain("imageFolder");
  });

  it("several values in a cell by their mark, and one name with a comma as one", async () => {
    const { attributes } = await uses(met, {
      item_id: ownThing,
      name,
      genres: (row) => [word(row), word(row >> 2), word(row >> 3)].slice(0, 1 + (row % 3)).join("|"),
      path: (row) => `Home > ${word(row % 3)} > ${word(row % 5)}`,
      tags: (row) => [word(row), word(row >> 2), word(row >> 3)].slice(0, 1 + (row % 3)).join(", "),
      writer: (row) => `${word(row % 7)}, ${word(row % 3)}`,
      listed: (row) => JSON.stringify([word(row), word(row >> 1)]),
    });
    expect(attributes).toEqual([
      "genres category |",
      "path category  > ",
      "tags category ,",
      "writer category",
      "listed category",
    ]);
  });

  it("prices by name or currency, and leaves out what tells nothing", async () => {
    const { attributes, leftOut, mapped } = await uses(met, {
      item_id: ownThing,
      name,
      price: (row) => `${row + 1},99 €`,
      shipping: (row) => `$${(row % 20) + 3}.50`,
      weight_g: (row) => String(100 + 7 * row),
      shop: of("ours"),
      empty: of(""),
      added: date,
      url: (row) => `https://shop.example/${row}`,
      also_bought: (row) => `T${row + 1}`,
      vegan: of("true", "false"),
    });
    expect(attributes).toEqual(["price price", "shipping price", "weight_g number", "vegan category"]);
    expect(leftOut).toEqual(["shop", "empty", "added", "url", "also_bought"]);
    expect(mapped.title).toBe("name");
  });
});

describe("users", () => {
  it("attributes that several share; names, mail and places of one person are left out", async () => {
    const { data, tables } = await draft(
      { user_id: user, item_id: thing },
      { item_id: ownThing, name },
      {
        user_id: (row) => `U${row}`,
        full_name: name,
        email: (row) => `${word(row)}@example.org`,
        zip: (row) => String(10_000 + (row % 4)),
        segment: of("outdoors", "city"),
        age: (row) => String(18 + row),
      },
    );
    expect(data.users).toMatchObject({
      columns: { id: "user_id" },
      attributes: [
        { column: "segment", kind: "category" },
        { column: "age", kind: "number" },
      ],
    });
    expect(tables[2].columns.filter(({ use }) => use === "left out").map(({ column }) => column)).toEqual([
      "full_name",
      "email",
      "zip",
    ]);
  });

  it("without any is refused: the part would be empty", async () => {
    const table = { user_id: (row: number) => `U${row}`, email: (row: number) => `${row}@example.org` };
    await expect(draft({ user_id: user, item_id: thing }, { item_id: ownThing, name }, table)).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      message: expect.stringContaining("leave --users out"),
    });
  });
});

describe("the file", () => {
  it("is never replaced unasked, and stays when the draft fails", async () => {
    const paths = {
      interactions: join(folder, "kept.csv"),
      items: join(folder, "kept-items.csv"),
      out: join(folder, "kept.yaml"),
    };
    await writeFile(paths.interactions, csvOf({ user: user, item: thing }, ROWS));
    await writeFile(paths.items, csvOf({ item: ownThing, name }, 60));
    await writeFile(paths.out, "mine\n");
    await expect(draftPipeline(paths)).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      message: expect.stringContaining("--force"),
    });
    await writeFile(paths.items, csvOf({ item: (row) => `other ${row}`, name }, 60));
    await expect(draftPipeline({ ...paths, force: true })).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      message: expect.stringContaining("--columns item=NAME,id=NAME"),
    });
    expect(await readFile(paths.out, "utf8")).toBe("mine\n");
  });

  it("names what a table without a header needs, and a format that its name does not tell", async () => {
    const [interactions, items] = [join(folder, "u.data"), join(folder, "u.item")];
    const lines = (cells: (row: number) => readonly (string | number)[], mark: string) =>
      Array.from({ length: 60 }, (_, row) => cells(row).join(mark)).join("\n");
    await writeFile(
      interactions,
      lines((row) => [row % 9, (row * 7) % 60, 1 + (row % 5), 881_250_949 + row], "\t"),
    );
    await writeFile(
      items,
      lines((row) => [row, name(row), [word(row % 3), word(row % 4)].join("|")], "::"),
    );
    const paths = { interactions, items, out: join(folder, "u.yaml") };
    await expect(draftPipeline(paths)).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      message: expect.stringContaining("--interactions-header user,item,..."),
    });
    const headers = { interactions: ["user", "item", "rating", "time"], items: ["item", "title", "genres"] };
    const { text } = await draftPipeline({ ...paths, headers });
    expect(text).toContain("format: csv\n    header: [ user, item, rating, time ]\n");
    const { data } = parsePipeline(text, paths.out);
    expect(data.interactions).toMatchObject({ path: "u.data", minimum: { column: "rating", value: 3.5 } });
    expect(data.items.attributes).toEqual([{ column: "genres", kind: "category", separator: "|" }]);
    const checks = await validatePipeline(paths.out, {});
    expect(checks.filter(({ state }) => state !== "passed")).toEqual([]);
  });

  it("notes that most items are not in the catalog", async () => {
    const { notes } = await draft(
      { user: user, item: (row) => (row % 4 === 0 ? thing(row) : `X${row}`) },
      { item: ownThing, name },
    );
    expect(notes).toEqual([expect.stringMatching(/^Only \d+ % of the items/)]);
  });
});
