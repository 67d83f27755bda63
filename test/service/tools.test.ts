/** The command's tools as a language model's program uses them: the official client over standard input and output. */
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openRecommender, type Recommender } from "../../src/index.ts";
import { contract } from "../../src/service/contract/contract.ts";
import { toolNames } from "../../src/service/tools.ts";
import { main } from "../cli/tailrec.ts";
import { makeTinyBundle, type TinyBundle } from "./tiny-bundle.ts";

describe("tools of a language model", () => {
  let tiny: TinyBundle;
  let recommender: Recommender;
  const client = new Client({ name: "test", version: "1" });

  beforeAll(async () => {
    tiny = await makeTinyBundle();
    recommender = await openRecommender(tiny.bundle);
    const args = [main, "mcp", "--bundle", tiny.bundle];
    await client.connect(new StdioClientTransport({ command: process.execPath, args }));
  }, 60_000);

  afterAll(async () => {
    await client.close();
    await recommender.close();
    await tiny.remove();
  });

  async function called(name: (typeof toolNames)[number], given: Record<string, unknown>) {
    const { structuredContent, isError, content } = await client.callTool({ name, arguments: given });
    return { answer: structuredContent, isError, text: JSON.stringify(content) };
  }

  it("are named with what they take", async () => {
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toEqual([...toolNames]);
    const recommend = tools.find(({ name }) => name === "recommend");
    expect(Object.keys(recommend?.inputSchema.properties ?? {})).toContain("tail");
    expect(recommend?.description).toBe(contract.recommend.summary);
  });

  it("answer as the endpoints do", async () => {
    const { ids, titles, descriptions } = recommender.bundle.catalog;
    const { similar } = await recommender.similar({ item: ids[2], count: 4 });
    const { answer } = await called("similar", { item: ids[2], count: 4 });
    expect(contract.similar.answer.parse(answer).items).toEqual(JSON.parse(JSON.stringify(similar)));
    const { recommended } = await recommender.recommend({ items: [ids[0], ids[3]], count: 3 });
    const list = contract.recommend.answer.parse(
      (await called("recommend", { items: [ids[0], ids[3]], count: 3 })).answer,
    );
    expect(list.items.map(({ id }) => id)).toEqual(recommended.map(({ id }) => id));
    const embedded = await called("embed", { title: titles[3], description: descriptions[3], count: 2 });
    expect(contract.embed.answer.parse(embedded.answer).neighbours).toHaveLength(2);
    const explained = contract.explain.answer.parse((await called("explain", { a: ids[0], b: ids[1] })).answer);
    expect(explained.lines).toEqual((await recommender.explain(ids[0], ids[1])).explanation.lines);
    expect(contract.model.answer.parse((await called("model", {})).answer).items).toBe(ids.length);
  });

  it("say what was wrong in the words of the table of errors", async () => {
    const unknown = await called("explain", { a: "gone", b: "002" });
    expect([unknown.isError, unknown.text.includes("UNKNOWN_ITEM")]).toEqual([true, true]);
    const misspelt = await called("similar", { item: "002", counts: 3 });
    expect(misspelt.text).toContain("did you mean");
    expect(misspelt.text).not.toMatch(/node_modules|at \w+ \(/);
  });
});
