import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadPipeline, parsePipeline, pipelineJsonSchema } from "../src/config.ts";
import { TailrecError } from "../src/errors.ts";
import { modelKinds } from "../src/experiment/models/model-kinds.ts";

const minimal = `name: shop
data:
  interactions: { path: events.csv }
  items: { path: items.csv }
output: out/shop
`;

const pipelines = join(import.meta.dirname, "..", "pipelines");
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tailrec-config-"));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

describe("pipeline file", () => {
  it("needs a name, data and an output; every other part has defaults", () => {
    const config = parsePipeline(minimal, "shop.yaml");
    expect(config.collaborative.rank).toBe("auto");
    expect(config.evaluation.coldItems?.share).toBeGreaterThan(0);
    expect(config.evaluation.models).toContain("hybrid");
    expect(config.evaluation.models).toEqual(modelKinds.filter(({ byDefault }) => byDefault).map(({ name }) => name));
  });

  it("names the first of very many unknown keys and counts the rest", () => {
    const many = Array.from({ length: 3000 }, (_, i) => `key${i}: ${i}\n`).join("");
    const error = (): unknown => parsePipeline(`${minimal}${many}`, "shop.yaml");
    expect(error).toThrow(/^shop\.yaml:6: unknown key "key0", known keys: /);
    expect(error).toThrow(/\nshop\.yaml: and 2980 more$/);
  });

  it("leaves a protocol out when it is null", () => {
    const config = parsePipeline(`${minimal}evaluation: { coldItems: null }\n`, "shop.yaml");
    expect(config.evaluation.coldItems).toBeNull();
    expect(config.evaluation.warmTail).not.toBeNull();
  });

  it.each(["share: 0.3", "revealed: [0, 2]", "order: random"])("refuses %s for a launch at one moment", (option) => {
    const text = `${minimal}evaluation: { launch: { kind: time, ${option} } }\n`;
    expect(failureOf(text).message).toMatch(/is of kind: simulated; leave it out for kind: time/);
  });

  it.each(["similarItems: {}", "ratings: true"])("refuses %s without the splits that it asks on", (asked) => {
    const text = `${minimal}evaluation: { warmTail: null, ${asked} }\n`;
    expect(failureOf(text).message).toMatch(
      /asks on the splits of warmTail: set evaluation.warmTail, or leave \w+ out/,
    );
  });

  it.each([
    ["collaborative:\n  rnak: 64\n", 'shop.yaml:7: unknown key "collaborative.rnak", did you mean "rank"?'],
    ["colaborative: {}\n", 'shop.yaml:6: unknown key "colaborative", did you mean "collaborative"?'],
    ["evaluation:\n  seed: 1\n  models:\n    - hybrid\n    - magic\n", "shop.yaml:10: evaluation.models.1: "],
    [
      "features:\n  image:\n    encodr: x\n",
      'shop.yaml:8: unknown key "features.image.encodr", did you mean "encoder"?',
    ],
    [
      "collaborative: { iterations: many }\n",
      "shop.yaml:6: collaborative.iterations: Invalid input: expected number, received string",
    ],
  ])("points at the line of %j", (addition, expected) => {
    expect(failureOf(minimal + addition).message).toContain(expected);
  });

  it("reports all problems at once, a line each", () => {
    const broken = `${minimal}colaborative: {}\nfeatures: { text: { poolng: mean } }\n`;
    expect(
      failureOf(broken)
        .message.split("\n")
        .map((line) => line.slice(0, 12)),
    ).toEqual(expect.arrayContaining(["shop.yaml:6:", "shop.yaml:7:"]));
  });

  it("points at the enclosing key when something is missing", () => {
    expect(failureOf("name: shop\noutput: out\ndata:\n  items: { path: x }\n").message).toContain(
      "shop.yaml:3: data.interactions: ",
    );
  });

  it("says what it expected of an empty file", () => {
    expect(failureOf("").message).toBe("shop.yaml is empty; expected a pipeline: name, data and output");
  });

  it("knows the folder that its relative paths start from", async () => {
    await writeFile(join(folder, "shop.yaml"), minimal);
    const { config, folder: base } = await loadPipeline(join(folder, "shop.yaml"));
    expect(base).toBe(folder);
    expect(config.data.items.path).toBe("items.csv");
  });

  it("says which file is missing", async () => {
    await expect(loadPipeline(join(folder, "none.yaml"))).rejects.toMatchObject({
      code: "FILE_NOT_FOUND",
      message: expect.stringContaining(join(folder, "none.yaml")),
    });
  });

  it("refuses a file that is not UTF-8", async () => {
    const path = join(folder, "latin.yaml");
    await writeFile(path, Buffer.from("name: caf\xe9\n", "latin1"));
    await expect(loadPipeline(path)).rejects.toMatchObject({ code: "UNREADABLE_INPUT" });
  });
});

describe("the pipelines of this repository", async () => {
  const files = (await readdir(pipelines)).filter((name) => name.endsWith(".yaml"));

  it.each(files)("%s parses", async (file) => {
    const { config } = await loadPipeline(join(pipelines, file));
    expect(`${config.name}.yaml`).toBe(file);
  });
});

describe("JSON Schema", () => {
  it("describes every option of every part", () => {
    const undescribed = leaves(pipelineJsonSchema()).filter(({ node }) => node.description === undefined);
    expect(undescribed.map(({ path }) => path)).toEqual([]);
  });
});

interface SchemaNode {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly anyOf?: readonly SchemaNode[];
}

/** Every property of the schema with its dotted path. */
function leaves(node: SchemaNode, path = ""): { path: string; node: SchemaNode }[] {
  const inner = [node, ...(node.anyOf ?? [])].flatMap(({ properties }) => Object.entries(properties ?? {}));
  return inner.flatMap(([name, child]) => [
    { path: `${path}${name}`, node: child },
    ...leaves(child, `${path}${name}.`),
  ]);
}

function failureOf(text: string): TailrecError {
  try {
    parsePipeline(text, "shop.yaml");
  } catch (error) {
    if (error instanceof TailrecError) return error;
    throw error;
  }
  throw new Error("expected parsePipeline to refuse the text");
}
