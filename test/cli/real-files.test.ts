/** Files as people have them, through the command: what is lost is said, what is forbidden is called so. */
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runDenied } from "../helpers/denied.ts";
import { main, tailrec } from "./tailrec.ts";

const folder = mkdtempSync(join(tmpdir(), "tailrec-real-files-"));
// Another user may enter, so that what is closed later is what stops him.
chmodSync(folder, 0o755);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const ITEMS = Array.from({ length: 40 }, (_, i) => ({
  id: `i${i}`,
  title: `${["red", "green", "blue"][i % 3]} ${["kettle", "lamp", "saw", "mug"][i % 4]} number ${i}`,
  brand: `brand${i % 4}`,
  price: 5 + ((i * 37) % 60) / 4,
}));

const EVENTS = Array.from({ length: 60 }, (_, user) =>
  Array.from(
    { length: 6 },
    (_, n) => `u${user},i${(user * 7 + n * (1 + (user % 5))) % 40},${1_700_000_000 + user * 977 + n * 86_400}`,
  ),
).flat();

function itemsCsv(price: (value: number) => string): string {
  return `item_id,title,brand,price\n${ITEMS.map(({ id, title, brand, price: value }) => `${id},${title},${brand},${price(value)}\n`).join("")}`;
}

/** A pipeline with the files of the shop; `changes` replaces text in it. */
function writeShop(
  name: string,
  files: Readonly<Record<string, string>>,
  changes: readonly [string, string][] = [],
): string {
  const home = join(folder, name);
  mkdirSync(home, { recursive: true });
  const shop = {
    "events.csv": `user_id,item_id,time\n${EVENTS.join("\n")}\n`,
    "items.csv": itemsCsv((value) => value.toFixed(2)),
    ...files,
  };
  for (const [file, text] of Object.entries(shop)) writeFileSync(join(home, file), text);
  const pipeline = `name: real
data:
  interactions: { path: events.csv, columns: { time: time } }
  items:
    path: items.csv
    columns: { title: title }
    attributes: [{ column: brand, kind: category }, { column: price, kind: price }]
collaborative: { rank: 8, iterations: 3 }
features: { lexical: { dimension: 8 } }
output: ${join(home, "out")}
`;
  const path = join(home, "pipeline.yaml");
  writeFileSync(
    path,
    changes.reduce((text, [from, to]) => text.replace(from, to), pipeline),
  );
  return path;
}

describe("a column that is lost altogether", () => {
  const ask = itemsCsv(() => "ask");

  it("stops validate, with the accepted forms", async () => {
    const { status, stdout } = await tailrec("validate", writeShop("lost", { "items.csv": ask }));
    expect(status).toBe(2);
    expect(stdout).toMatch(
      /FAIL {2}attributes +not one of the 40 filled cells of "price" can be read as a price, such as "ask"/,
    );
    expect(stdout).toContain("accepted numbers: 12.99, 12,99");
  });

  it("is a warning of run", async () => {
    const { status, stdout } = await tailrec("run", writeShop("lost", { "items.csv": ask }), "--no-evaluate");
    expect(status).toBe(0);
    expect(stdout).toContain('40 x unparsable price in "price", read as missing (see rejects.jsonl); accepted numbers');
    expect(stdout).toContain('warning: not one of the 40 filled cells of "price" can be read');
  });

  it.each([
    ["dollars", (value: number) => `$${value.toFixed(2)}`],
    ["decimal commas", (value: number) => `"${value.toFixed(2).replace(".", ",")} €"`],
    ["pounds in words", (value: number) => `GBP ${value.toFixed(2)}`],
  ])("is none of prices in %s", async (_, written) => {
    const { status, stdout } = await tailrec("validate", writeShop("priced", { "items.csv": itemsCsv(written) }));
    expect(stdout).toMatch(/PASS {2}attributes +every filled cell can be read/);
    expect(status).toBe(0);
  });
});

describe("embed", () => {
  let bundle: string;
  beforeAll(async () => {
    await tailrec("run", writeShop("embed", {}), "--no-evaluate", "--quiet");
    bundle = join(folder, "embed", "out", "bundle");
  });

  async function embed(text: string, ...more: readonly string[]) {
    const items = join(folder, "embed", "new.csv");
    writeFileSync(items, text);
    return tailrec("embed", "--bundle", bundle, "--items", items, "--out", join(folder, "embed", "v.jsonl"), ...more);
  }

  it("has a caveat an item, a line in the summary and a count in --json for a price that it cannot read", async () => {
    const text =
      'item_id,title,brand,price\nN1,red kettle,brand1,ask\nN2,red kettle,brand1,"12,99 €"\nN3,red kettle,brand1,\n';
    const { stdout } = await embed(text);
    expect(stdout).toContain('1 x unparsable price in "price", read as missing');
    expect(stdout).toMatch(/^N1 .*unreadable price$/m);
    expect(stdout).not.toMatch(/^N[23] .*unreadable/m);
    const document = JSON.parse((await embed(text, "--json")).stdout);
    expect(document.lowerConfidence).toEqual({ "unreadable price": 1 });
    expect(document.missingCells).toEqual({ 'unparsable price in "price", read as missing': 1 });
    expect(readFileSync(join(folder, "embed", "v.jsonl"), "utf8").split("\n")[0]).toContain(
      '"caveats":"unreadable price"',
    );
  });

  it("says which mapped columns the file lacks, and which may have been meant", async () => {
    const { status, stdout } = await embed("item_id,titel,brand,price\nN1,red kettle,brand1,5\n");
    expect(status).toBe(0);
    expect(stdout).toContain('has no column "title"; did you mean "titel"? its columns: item_id, titel, brand, price');
  });

  it("refuses a file with none of the mapped columns: all vectors would be one", async () => {
    const { status, stderr } = await embed("item_id,Title\nN1,red kettle\nN2,blue mug\n");
    expect(status).toBe(2);
    expect(stderr).toContain("UNKNOWN_COLUMN");
    expect(stderr).toContain('no column "title"; did you mean "Title"?');
  });
});

describe("permission denied", () => {
  it("is said as such of a cache, of a file in it, and of a report", async () => {
    const home = join(folder, "denied-cache");
    const [cache, out] = [join(home, "cache"), join(home, "out")];
    const pipeline = writeShop("denied-cache", {}, [["features: {", "features: { text: {}, "]]);
    await tailrec("run", pipeline, "--cache", cache, "--quiet");
    const files = readdirSync(cache).map((name) => join(cache, name));
    expect(files).toHaveLength(2);
    for (const [closed, ...args] of [
      ...[cache, ...files].map((path) => [path, "cache", "verify", "--cache", cache]),
      ...files.map((path) => [path, "cache", "stats", "--cache", cache]),
      [out, "report", out],
      [join(out, "report.json"), "report", out],
    ]) {
      const { status, output } = await runDenied([closed], [main, ...args]);
      expect(output).toContain("permission denied");
      expect(output).not.toMatch(/INTERNAL|CORRUPT|MISSING|does not exist|there is no/);
      expect(status).toBe(2);
    }
  });

  it("is said as such of a data file, of its folder, of the pipeline and of a bundle", async () => {
    const pipeline = writeShop("denied", {});
    await tailrec("run", pipeline, "--no-evaluate", "--quiet");
    const home = join(folder, "denied");
    const bundle = join(home, "out", "bundle");
    for (const [closed, ...args] of [
      [join(home, "events.csv"), "validate", pipeline],
      [home, "validate", pipeline],
      [pipeline, "run", pipeline],
      [bundle, "validate", bundle],
      [join(bundle, "vectors.safetensors"), "validate", bundle],
    ]) {
      const { status, output } = await runDenied([closed], [main, ...args]);
      expect(output).toContain("permission denied");
      expect(output).not.toMatch(/INTERNAL|CORRUPT|MISSING|does not exist/);
      expect(status).toBe(2);
    }
  });
});
