/** Every endpoint keeps what its schemas promise, through `inject` and over loopback. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ERROR_TABLE } from "../../src/errors.ts";
import {
  type Client,
  createClient,
  createService,
  openRecommender,
  type Recommender,
  type Service,
} from "../../src/index.ts";
import { type AnswerOf, contract, type EndpointName, type RequestOf } from "../../src/service/contract/contract.ts";
import { makeTinyBundle, type TinyBundle } from "./tiny-bundle.ts";

let tiny: TinyBundle;
let service: Service;
let client: Client;
let recommender: Recommender;
let ids: readonly string[];
let users: readonly string[];

beforeAll(async () => {
  tiny = await makeTinyBundle();
  service = await createService({ bundle: tiny.bundle, port: 0 });
  client = createClient({ url: await service.listen() });
  recommender = await openRecommender(tiny.bundle);
  ids = recommender.bundle.catalog.ids;
  users = recommender.bundle.userIds;
}, 60_000);

afterAll(async () => {
  await service.close();
  await recommender.close();
  await tiny.remove();
});

async function asked<Name extends EndpointName>(name: Name, request: RequestOf<Name>): Promise<AnswerOf<Name>> {
  const answer = await (client[name] as (request: RequestOf<Name>) => Promise<AnswerOf<Name>>)(request);
  return contract[name].answer.parse(answer) as AnswerOf<Name>;
}

describe("the contract over loopback", () => {
  it("lists similar items as the library does", async () => {
    const { similar } = await recommender.similar({ item: ids[2], count: 4 });
    const answer = await asked("similar", { item: ids[2], count: 4 });
    expect(answer).toMatchObject({ by: "similar", bundle: "tiny", variant: null, unknown: { items: [], users: [] } });
    expect(answer.items).toEqual(JSON.parse(JSON.stringify(similar)));
    expect((await asked("itemSimilar", { item: ids[2], count: 4 })).items).toEqual(answer.items);
  });

  it("lists for a user and for someone described as the library does", async () => {
    const own = await recommender.recommend({ user: users[0], count: 3 });
    expect((await asked("recommend", { user: users[0], count: 3 })).items.map(({ id }) => id)).toEqual(
      own.recommended.map(({ id }) => id),
    );
    const described = await recommender.recommend({ items: [ids[0], ids[3]], count: 3 });
    expect((await asked("recommend", { items: [ids[0], ids[3]], count: 3 })).items.map(({ id }) => id)).toEqual(
      described.recommended.map(({ id }) => id),
    );
    expect((await asked("userRecommendations", { user: users[0], count: 3 })).items).toHaveLength(3);
  });

  it("answers unknown ids by a fallback and says so", async () => {
    const popular = await asked("similar", { item: "no such item" });
    expect(popular).toMatchObject({ by: "popularity", unknown: { items: ["no such item"], users: [] } });
    expect(popular.items.length).toBeGreaterThan(0);
    const stranger = await asked("recommend", { user: "nobody" });
    expect(stranger).toMatchObject({ by: "popular-in-cluster", unknown: { items: [], users: ["nobody"] } });
    const mixed = await asked("recommend", { user: "nobody", items: ["gone", ids[1]] });
    expect(mixed).toMatchObject({ by: "hybrid", unknown: { items: ["gone"], users: ["nobody"] } });
    expect((await asked("recommend", {})).items.length).toBeGreaterThan(0);
  });

  it("leaves out, spreads and explores as the request says", async () => {
    const plain = await asked("recommend", { items: [ids[0]], count: 4 });
    const gone = plain.items[0].id;
    const listed = async (request: RequestOf<"recommend">) =>
      (await asked("recommend", { items: [ids[0]], count: 4, ...request })).items.map(({ id }) => id);
    expect(await listed({ exclude: [gone, "no such item"] })).not.toContain(gone);
    expect(await listed({ exclude: [gone], strict: false, count: 50 })).not.toContain(gone);
    const { items } = await asked("similar", { item: ids[0], count: 50, exclude: [gone] });
    expect(items.map(({ id }) => id)).not.toContain(gone);
    expect(new Set(await listed({ diversity: 1 }))).not.toEqual(new Set(await listed({ diversity: 0 })));
    const explored = await asked("recommend", { items: [ids[0]], count: 4, explore: 3 });
    expect(explored.items.map(({ score }) => score)).not.toEqual(plain.items.map(({ score }) => score));
  });

  it("orders candidates by the model and keeps the order for strangers", async () => {
    const candidates = [ids[5], "gone", ids[1], ids[7]];
    const ranked = await asked("rank", { candidates, user: users[0] });
    expect(ranked).toMatchObject({ by: "hybrid", unknown: ["gone"] });
    const scores = ranked.items.map(({ score }) => score ?? 0);
    expect(scores).toEqual([...scores].sort((a, b) => b - a));
    const given = await asked("rank", { candidates, user: "nobody" });
    expect(given.by).toBe("given");
    expect(given.items.map(({ id }) => id)).toEqual([ids[5], ids[1], ids[7]]);
  });

  it("answers several widgets at once, each as alone", async () => {
    const { lists } = await asked("batch", {
      widgets: [
        { kind: "similar", item: ids[2], count: 2 },
        { kind: "recommend", user: users[1], count: 3 },
      ],
    });
    expect(lists.map(({ items }) => items)).toEqual([
      (await asked("similar", { item: ids[2], count: 2 })).items,
      (await asked("recommend", { user: users[1], count: 3 })).items,
    ]);
    expect(new Set(lists.map(({ requestId }) => requestId)).size).toBe(2);
  });

  it("embeds a new item like the library, with neighbours", async () => {
    const { catalog } = recommender.bundle;
    const content = { title: catalog.titles[3], description: catalog.descriptions[3] };
    const { vectors } = await recommender.embed({ items: [{ id: "x", ...content }] });
    const answer = await asked("embed", { ...content, count: 3 });
    expect(answer.vector).toEqual(Array.from(vectors.values));
    expect(answer.neighbours).toHaveLength(3);
    expect(answer.caveats).toContain("no attributes");
    expect((await asked("embed", { ...content, dimensions: 2 })).vector).toHaveLength(2);
  });

  it("explains, searches and describes the model", async () => {
    const { lines } = await asked("explain", { a: ids[0], b: ids[1] });
    expect(lines).toEqual((await recommender.explain(ids[0], ids[1])).explanation.lines);
    const title = recommender.bundle.catalog.titles[4];
    const { items } = await asked("search", { q: title.split(" ")[0].toUpperCase(), count: 100, meaning: "false" });
    expect(items.map(({ id }) => id)).toContain(ids[4]);
    expect(items.every(({ match }) => match === "title")).toBe(true);
    expect((await asked("search", { q: ids[6], count: 5 })).items[0]).toMatchObject({ id: ids[6], match: "id" });
    expect(await asked("model", {})).toMatchObject({ items: ids.length, users: users.length, bundle: "tiny" });
    expect(await asked("live", {})).toEqual({ status: "live" });
    expect(await asked("ready", {})).toEqual({ status: "ready" });
  });

  it("takes an address with a stroke at its end, and a request of no words under the name of JSON", async () => {
    expect((await service.app.inject({ url: "/v1/model/" })).json()).toEqual(await client.model({}));
    const headers = { "content-type": "application/json" };
    const answer = await service.app.inject({ method: "POST", url: "/v1/recommend", payload: "", headers });
    expect(answer.json().items).toHaveLength(10);
  });

  it("gives reasons where they are asked for", async () => {
    const { items } = await asked("similar", { item: ids[0], count: 2, include: ["reason"] });
    const { explanation } = await recommender.explain(ids[0], items[1].id);
    expect(items[1].reason).toBe(explanation.sentence);
  });
});

describe("failures", () => {
  const post = (url: string, payload: string, type = "application/json") =>
    service.app.inject({ method: "POST", url, payload, headers: { "content-type": type } });

  it.each([
    ["an unknown key", "/v1/similar", '{"item":"a","counts":3}', 400, "INVALID_OPTIONS"],
    ["a wrong type", "/v1/similar", '{"item":3}', 400, "INVALID_OPTIONS"],
    ["a count beyond the limit", "/v1/similar", '{"item":"a","count":100000}', 400, "INVALID_OPTIONS"],
    ["a list as body", "/v1/similar", "[1]", 400, "INVALID_OPTIONS"],
    ["no JSON", "/v1/similar", "{", 400, "INVALID_OPTIONS"],
    ["an address that is none", "/v1/nothing", "{}", 404, "UNKNOWN_ADDRESS"],
    ["a person by two ways", "/v1/rank", '{"candidates":["a"],"user":"u","like":"a"}', 400, "INVALID_ARGUMENT"],
    [
      "an unknown item where nothing else can answer",
      "/v1/rank",
      '{"candidates":["a"],"like":"a"}',
      404,
      "UNKNOWN_ITEM",
    ],
  ])("%s is a problem document of the error table", async (_, url, body, status, code) => {
    const response = await post(url, body);
    expect(response.statusCode).toBe(status);
    expect(response.headers["content-type"]).toContain("application/problem+json");
    expect(response.json()).toMatchObject({
      code,
      status,
      type: `urn:tailrec:${code}`,
      title: ERROR_TABLE[code as "INTERNAL"].meaning,
    });
    expect(response.json().requestId).toBe(response.headers["x-request-id"]);
    expect(response.body).not.toMatch(/\.ts:|node_modules|at \w+ \(/);
  });

  it("a format that is not read is refused", async () => {
    expect((await post("/v1/similar", "<a/>", "text/xml")).statusCode).toBe(415);
  });

  it("says near keys, and keeps a caller's plain request id only", async () => {
    const named = await service.app.inject({ url: "/v1/search?qq=a&q=b", headers: { "x-request-id": "page-17" } });
    expect(named.json()).toMatchObject({ requestId: "page-17" });
    expect(named.json().detail).toContain('did you mean "q"');
    const odd = await service.app.inject({ url: "/health/live", headers: { "x-request-id": "a b<script>" } });
    expect(odd.headers["x-request-id"]).toMatch(/^[0-9a-f-]{36}$/);
  });

  it.each([
    ["GET", "/v1/similar", 404, "nothing answers GET at this address, POST does"],
    ["POST", "/v1/items/a%20b?count=3", 404, "GET and PUT and DELETE do"],
    ["GET", "/v1/items/%E0%A4%A", 400, "write % as %25"],
    ["GET", "/v1/items/002/similar?count=2&count=3", 400, "expected one count in the address, received 2"],
    ["GET", "/v1/items/002/similar?count=many", 400, "count: expected a number"],
    ["GET", "/v1/search?q=%20%20", 400, "q: "],
  ] as const)("%s %s is told what is wrong with the address", async (method, url, status, detail) => {
    const response = await service.app.inject({ method, url });
    expect([response.statusCode, response.json().detail]).toEqual([status, expect.stringContaining(detail)]);
  });

  it("have remedies for who asks over HTTP, not for who sits at the terminal", async () => {
    for (const body of ['{"item":3}', '{"item":"002","filter":{"nothing":1}}']) {
      expect((await post("/v1/similar", body)).json().remedy).toContain("/docs of this service");
    }
  });

  it("reach a caller of the client with their code", async () => {
    await expect(client.explain({ a: "gone", b: ids[0] })).rejects.toMatchObject({ code: "UNKNOWN_ITEM" });
    const nowhere = createClient({ url: "http://127.0.0.1:1" });
    await expect(nowhere.live({})).rejects.toMatchObject({ code: "UNAVAILABLE" });
  });
});

describe("stopping", () => {
  it("answers the requests in flight and takes no other", async () => {
    const own = await createService({ bundle: tiny.bundle, port: 0 });
    const url = await own.listen();
    const begun = new Promise((resolve) => own.app.server.once("request", resolve));
    const inFlight = Promise.allSettled(
      Array.from({ length: 20 }, () => createClient({ url }).recommend({ items: [ids[0]] })),
    );
    await begun;
    await own.close();
    const settled = await inFlight;
    const codes = settled.flatMap((one) => (one.status === "rejected" ? [one.reason.code] : []));
    expect(settled.some(({ status }) => status === "fulfilled")).toBe(true);
    expect(codes.filter((code) => code !== "UNAVAILABLE")).toEqual([]);
    await expect(createClient({ url }).live({})).rejects.toMatchObject({ code: "UNAVAILABLE" });
  });
});
