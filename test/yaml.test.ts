import { describe, expect, it } from "vitest";
import { TailrecError } from "../src/errors.ts";
import { parseYaml, setInYaml } from "../src/yaml.ts";

const text = `# a shop
name: shop
data:
  items:
    path: items.csv
    columns: { id: sku, title: name }
blocks:
  - kind: text
    encoder: small
  - kind: image
`;

describe("parseYaml", () => {
  it("gives the plain value", () => {
    expect(parseYaml(text, "shop.yaml").value).toEqual({
      name: "shop",
      data: { items: { path: "items.csv", columns: { id: "sku", title: "name" } } },
      blocks: [{ kind: "text", encoder: "small" }, { kind: "image" }],
    });
  });

  it.each([
    [["name"], 2],
    [["data", "items", "path"], 5],
    [["data", "items", "columns", "title"], 6],
    [["blocks", 0, "encoder"], 9],
    [["blocks", 1], 10],
    [[], 2],
  ])("knows the line of %j", (path, line) => {
    expect(parseYaml(text, "shop.yaml").lineOf(path)).toBe(line);
  });

  it("gives the line of the enclosing key when the path leads nowhere", () => {
    expect(parseYaml(text, "shop.yaml").lineOf(["data", "items", "columns", "price", "log"])).toBe(6);
  });

  it("reports a syntax error with file, line and column", () => {
    const error = failureOf("name: shop\ndata: [1, 2\nnext: 3\n");
    expect(error.code).toBe("INVALID_OPTIONS");
    expect(error.message).toMatch(/^shop\.yaml:[23]:\d+: /);
  });

  it("refuses a key that is given twice, whose first value would be lost", () => {
    expect(failureOf("rank: 1\nseed: 2\nrank: 3\n").message).toMatch(/^shop\.yaml:3:1: .*unique/);
  });

  it.each([
    ["an alias without its anchor", "name: *shop\n", /^shop\.yaml: Unresolved alias.*shop; write the value out$/],
    ["aliases that multiply", bombOf(9), /^shop\.yaml: .*alias.*; write the value out$/],
    ["lists in lists without end", `a: ${"[".repeat(20_000)}`, /^shop\.yaml:\d+:\d+: [^\n]*nested too deeply[^\n]*$/],
    ["maps in maps without end", "{a: ".repeat(50_000), /^shop\.yaml:\d+:\d+: [^\n]*nested too deeply[^\n]*$/],
    ["a file of data", "user,item\n".repeat(200_000), /^shop\.yaml: longer than 1 MiB; expected a pipeline file/],
  ])("refuses %s, naming the file", (_, broken, said) => {
    const error = failureOf(broken);
    expect(error.code).toBe("INVALID_OPTIONS");
    expect(error.message).toMatch(said);
  });

  it("shows the first of many syntax errors and counts the rest", () => {
    const error = failureOf("a: [\n".repeat(5000));
    expect(error.message.split("\n").length).toBe(21);
    expect(error.message).toMatch(/\nand \d+ more$/);
  });

  it("refuses a second document and aliases beyond measure in words of its own", () => {
    expect(failureOf("a: 1\n---\nb: 2\n").message).toBe(
      'shop.yaml:2:1: another document begins here ("---"); keep one',
    );
    expect(failureOf(bombOf(9)).message).toBe(
      "shop.yaml: its aliases multiply to more than can be held; write the value out",
    );
  });

  it("takes no longer than it should for 20,000 keys", () => {
    const many = Array.from({ length: 20_000 }, (_, i) => `key${i}: ${i}\n`).join("");
    const start = performance.now();
    expect(Object.keys(parseYaml(many, "shop.yaml").value as object).length).toBe(20_000);
    // The search for duplicates by the square of their number took eight seconds.
    expect(performance.now() - start).toBeLessThan(4000);
  });

  it("reads an empty document as null", () => {
    const source = parseYaml("", "shop.yaml");
    expect(source.value).toBeNull();
    expect(source.lineOf(["name"])).toBe(1);
  });
});

/** Ten texts in a list, ten of it in the next, and so on. */
function bombOf(levels: number): string {
  const names = [..."abcdefghijklmnop"].slice(0, levels);
  const rows = names.map((name, i) => {
    const entry = i === 0 ? "x" : `*${names[i - 1]}`;
    return `${name}: &${name} [${Array(10).fill(entry).join(", ")}]\n`;
  });
  return rows.join("");
}

function failureOf(broken: string): TailrecError {
  try {
    parseYaml(broken, "shop.yaml");
  } catch (error) {
    if (error instanceof TailrecError) return error;
    throw error;
  }
  throw new Error("expected parseYaml to refuse the text");
}

describe("setInYaml", () => {
  const text = `# The shop.
name: shop # its name

collaborative: { rank: 64, unobservedWeight: 0.3 }
features:
  # Real encoders are one line.
  text: { encoder: small }
`;

  it("changes what it is told to and keeps comments, order and style", () => {
    const changed = setInYaml(text, [
      [["collaborative", "rank"], 128],
      [["features", "text", "weight"], 0.5],
    ]);
    expect(changed).toBe(
      text.replace("rank: 64", "rank: 128").replace("encoder: small", "encoder: small, weight: 0.5"),
    );
  });

  it("makes the maps that are missing", () => {
    const changed = setInYaml(text, [[["embeddings", "exposure"], 4.5]]);
    expect(changed).toBe(`${text}embeddings:\n  exposure: 4.5\n`);
  });

  it("leaves the text as it is when nothing is set", () => {
    expect(setInYaml(text, [])).toBe(text);
  });
});
