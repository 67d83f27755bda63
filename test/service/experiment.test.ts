/** An experiment from its file over lists and events to its report, by the service and by the command. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadBundle, saveBundle } from "../../src/bundle/bundle.ts";
import { createClient, createService, openRecommender } from "../../src/index.ts";
import { type Matrix, takeRows } from "../../src/math/matrix.ts";
import { readTraffic } from "../../src/traffic/read-traffic.ts";
import { tailrec } from "../cli/tailrec.ts";
import { makeTinyBundle, type TinyBundle } from "./tiny-bundle.ts";

let tiny: TinyBundle;
beforeAll(async () => {
  tiny = await makeTinyBundle();
}, 60_000);
afterAll(() => tiny.remove());

async function experimentFile(name: string, more: object): Promise<string> {
  const file = join(tiny.folder, `${name}.json`);
  const variants = [
    { name: "plain", share: 1 },
    { name: "popular", share: 1, model: "popularity" },
  ];
  await writeFile(file, JSON.stringify({ name, salt: "s", variants, ...more }));
  return file;
}

/** The rows in another order: lists by them differ from the bundle's own. */
function rowsFrom(matrix: Matrix, from: (row: number) => number): Matrix {
  return takeRows(
    matrix,
    Uint32Array.from({ length: matrix.rows }, (_, row) => from(row)),
  );
}

describe("an experiment", () => {
  it("keeps users in their variants, logs what was given, and is reported by the command", async () => {
    const experiment = await experimentFile("models", {});
    const log = join(tiny.folder, "log");
    const service = await createService({ bundle: tiny.bundle, port: 0, log, experiment });
    const client = createClient({ url: await service.listen() });
    const users = Array.from({ length: 12 }, (_, u) => `user ${u}`);
    const seen = new Map<string, string | null>();
    for (const user of [...users, ...users]) {
      const { variant, by, items, requestId } = await client.recommend({ user, count: 3 });
      expect([undefined, variant]).toContain(seen.get(user));
      seen.set(user, variant);
      if (variant === "popular") expect(by).toBe("popularity");
      await client.events({ events: [{ user, item: items[0].id, event: "view", requestId }] });
    }
    expect(new Set(seen.values())).toEqual(new Set(["plain", "popular"]));
    const metrics = await service.app.inject({ url: "/metrics" });
    expect(metrics.headers["content-type"]).toContain("text/plain");
    expect(metrics.body).toMatch(/tailrec_lists_total\{by="popularity",variant="popular"\} [1-9]/);
    expect(metrics.body).toContain('tailrec_events_total{answer="accepted"} 24');
    expect(metrics.body).toContain('route="/v1/recommend"');
    await service.close();
    const { exposures, actions } = await readTraffic(log);
    expect([exposures.length, actions.length]).toEqual([24, 24]);
    expect(exposures.every(({ milliseconds = 0 }) => milliseconds > 0)).toBe(true);
    const { status, stdout } = await tailrec("experiment", "report", log, "--experiment", experiment, "--json");
    expect(status).toBe(0);
    const report = JSON.parse(stdout);
    expect(
      report.variants.map(({ users: count }: { users: number }) => count).reduce((a: number, b: number) => a + b),
    ).toBe(12);
    expect(report.variants[0].figures.clickThrough.value).toBe(1);
    const monitored = await tailrec("monitor", log, "--bundle", tiny.bundle);
    expect(monitored.status).toBe(0);
    expect(monitored.stdout).toContain("coverage");
    const limits = join(tiny.folder, "limits.json");
    await writeFile(limits, '{"lists": {"maximum": 5}}');
    const alarmed = await tailrec("monitor", log, "--thresholds", limits, "--json");
    expect(alarmed.status).toBe(2);
    expect(alarmed.stderr).toContain("lists is 24, above 5");
    expect(JSON.parse(alarmed.stdout).crossed).toHaveLength(1);
  }, 60_000);

  it("compares bundles and rules, each list by its own, with what was clicked since", async () => {
    const bundle = await loadBundle(tiny.bundle);
    const { catalog, manifest } = bundle;
    const turned = rowsFrom(bundle.model.embeddings.vectors, (row) => (row + 1) % catalog.ids.length);
    const embeddings = { ...bundle.model.embeddings, vectors: turned };
    await saveBundle(join(tiny.folder, "turned", "bundle"), {
      ...bundle,
      model: { ...bundle.model, embeddings, similar: undefined },
      upkeep: undefined,
    });
    const attribute = catalog.attributes.find(({ kind }) => kind === "category");
    const words = (attribute?.values ?? []) as readonly (readonly string[])[];
    const [value] = words[4];
    const experiment = await experimentFile("bundles", {
      variants: [
        { name: "served", share: 1 },
        { name: "turned", share: 1, bundle: "turned/bundle" },
        { name: "ruled", share: 1, rules: [{ kind: "filter", where: { [attribute?.name ?? ""]: value } }] },
      ],
    });
    const log = join(tiny.folder, "bundles");
    const service = await createService({ bundle: tiny.bundle, port: 0, log, experiment });
    const client = createClient({ url: await service.listen() });
    const other = await openRecommender(join(tiny.folder, "turned", "bundle"));
    const users = Array.from({ length: 24 }, (_, u) => `user ${u}`);
    const time = new Date(0).toISOString();
    await client.events({ events: users.map((user) => ({ user, item: "004", event: "view", time })) });
    const variants = new Set<string | null>();
    for (const user of users) {
      const answer = await client.recommend({ user, count: 4 });
      variants.add(answer.variant);
      expect(answer.bundle).toBe(answer.variant === "turned" ? "turned" : "tiny");
      const listed = answer.items.map(({ id }) => id);
      expect(listed).not.toContain("004");
      if (answer.variant === "turned") {
        const { recommended } = await other.recommend({ items: ["004"], count: 4, tail: manifest.tailDefault });
        expect(listed).toEqual(recommended.map(({ id }) => id));
      }
      if (answer.variant === "ruled") {
        const rows = listed.map((id) => catalog.ids.indexOf(id));
        expect(rows.every((row) => words[row].includes(value))).toBe(true);
        expect(rows.length).toBeGreaterThan(0);
      }
    }
    expect(variants).toEqual(new Set(["served", "turned", "ruled"]));
    await other.close();
    await service.close();
  }, 60_000);

  it("of two variants in one list keeps whose pick each item is", async () => {
    const experiment = await experimentFile("both", { interleave: true });
    const log = join(tiny.folder, "both");
    const service = await createService({ bundle: tiny.bundle, port: 0, log, experiment });
    const client = createClient({ url: await service.listen() });
    await client.events({ events: [{ user: "s", item: "002", event: "view" }] });
    const { items, variant } = await client.recommend({ user: "s", count: 4 });
    expect(variant).toBeNull();
    expect(new Set(items.map(({ id }) => id)).size).toBe(4);
    await service.close();
    const { exposures } = await readTraffic(log);
    expect(exposures[0].teams?.filter((team) => team === "a")).toHaveLength(2);
  }, 60_000);
});
