/** `tailrec push` and `tailrec similar --from` as people type them, on the tiny shop and SQLite. */
import { execFile } from "node:child_process";
import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { alsOptionsSchema } from "../../src/als/als-options.ts";
import { runPipeline } from "../../src/experiment/pipeline.ts";
import { main } from "../cli/tailrec.ts";
import { tinyExperiment } from "../helpers/tiny-experiment.ts";

let base: string;
let bundle: string;

interface Ended {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

const tailrec = (...args: readonly string[]) => run(process.execPath, [main, ...args]);

/** In this folder, beside whose packages the clients are. */
function run(program: string, args: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(program, args, { cwd: import.meta.dirname }, (error, stdout, stderr) => {
      resolve({ status: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}

beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), "tailrec-push-"));
  bundle = (await runPipeline(tinyExperiment(join(base, "out"), "{}"), { folder: base, evaluate: false })).bundleFolder;
});
afterAll(() => rm(base, { recursive: true }));

describe("the command", () => {
  it("pushes, verifies, and answers from the store as from the bundle", async () => {
    const url = `sqlite:${join(base, "items.db")}`;
    const pushed = await tailrec("push", "--json", "--bundle", bundle, "--to", url, "--verify");
    expect(pushed.stderr).toBe("");
    const answer = JSON.parse(pushed.stdout);
    expect(answer).toMatchObject({
      store: "sqlite",
      metric: "dot",
      sent: 12,
      recall: { plain: 1, filtered: 1, short: 0 },
    });
    expect(JSON.parse((await tailrec("push", "--json", "--bundle", bundle, "--to", url)).stdout).sent).toBe(0);
    const idsOf = async (...args: readonly string[]) => {
      const { stdout } = await tailrec("similar", "--json", "--item", "001", "--count", "5", ...args);
      return (JSON.parse(stdout).similar as { id: string }[]).map(({ id }) => id);
    };
    expect(await idsOf("--from", url)).toEqual(await idsOf("--bundle", bundle));
    const filter = ["--filter", '{"category":"mug"}'];
    expect(await idsOf("--from", url, ...filter)).toEqual(await idsOf("--bundle", bundle, ...filter));
  });

  it("loses nothing by rounding, where the tenth of a list is like nothing and scores 0", async () => {
    const config = tinyExperiment(join(base, "level"), "{}");
    const { regularization, unobservedWeight } = alsOptionsSchema.parse({});
    const collaborative = { ...config.collaborative, regularization, unobservedWeight };
    const level = await runPipeline({ ...config, collaborative }, { folder: base, evaluate: false });
    const to = ["--to", `sqlite:${join(base, "level.db")}`, "--verify"];
    const { status, stderr } = await tailrec("push", "--json", "--bundle", level.bundleFolder, ...to);
    expect([status, stderr]).toEqual([0, ""]);
  });

  it("says that a list is short where it is, and only there", async () => {
    const url = `sqlite:${join(base, "short.db")}`;
    await tailrec("push", "--bundle", bundle, "--to", url);
    const list = async (...args: readonly string[]) =>
      (await tailrec("similar", "--from", url, "--item", "001", ...args)).stdout;
    expect(await list("--count", "5")).not.toContain("too few");
    expect(await list("--count", "50")).toContain("too few items: the store has no other item");
    expect(await list("--count", "50", "--filter", '{"category":"mug"}')).toContain("the filter leaves no other item");
  });

  it("sends what an update moved, and takes the rest for what the store has", async () => {
    const url = `sqlite:${join(base, "moved.db")}`;
    const [events, updated] = [join(base, "later.csv"), join(base, "updated")];
    await writeFile(events, "user_id,item_id,event,timestamp\nu1,010,purchase,2025-06-01T08:00:00Z\n");
    const update = await tailrec("update", "--bundle", bundle, "--interactions", events, "--out", updated);
    expect(update.status).toBe(0);
    await tailrec("push", "--bundle", bundle, "--to", url);
    const moved = ["--json", "--bundle", updated, "--to", url, "--moved", "0.05"];
    const { stdout } = await tailrec("push", ...moved, "--verify");
    const { sent, items, recall } = JSON.parse(stdout);
    expect(items).toBe(12);
    expect(sent).toBeGreaterThan(0);
    expect(sent).toBeLessThanOrEqual(6);
    expect(recall.plain).toBeGreaterThanOrEqual(0.98);
    expect(JSON.parse((await tailrec("push", ...moved)).stdout).sent).toBe(0);
    expect((await tailrec("push", ...moved, "--verify-only")).status).toBe(0);
    // What nobody touched did not move, so the store holds the updated bundle exactly, and not the earlier one.
    expect((await tailrec("push", "--bundle", updated, "--to", url, "--verify-only")).status).toBe(0);
    const earlier = await tailrec("push", "--bundle", bundle, "--to", url, "--verify-only");
    expect(earlier.stderr).toMatch(/STORE_MISMATCH/);
  });

  it.runIf(process.platform === "linux")("leaves readers what they had where the disk is full", async () => {
    const path = join(base, "full.db");
    const url = `sqlite:${path}`;
    await tailrec("push", "--bundle", bundle, "--to", url, "--attributes", "brand");
    const blocks = Math.ceil((await stat(path)).size / 1024);
    const line = `ulimit -f ${blocks}; exec "$0" "$@"`;
    const words = [process.execPath, main, "push", "--bundle", bundle, "--to", url];
    const { status, stderr } = await run("bash", ["-c", line, ...words]);
    expect([status, stderr]).toEqual([1, expect.stringMatching(/STORE_FAILED: .*push again/)]);
    const seen = await tailrec("similar", "--json", "--from", url, "--item", "001", "--filter", '{"category":"mug"}');
    expect(seen.stderr).toMatch(/no attribute "category"/);
    expect((await tailrec("push", "--bundle", bundle, "--to", url)).status).toBe(0);
  });

  it("keeps lists for users in a collection of their own, by the inner product", async () => {
    const url = `sqlite:${join(base, "users.db")}`;
    const { stdout } = await tailrec(
      "push",
      "--json",
      "--bundle",
      bundle,
      "--to",
      url,
      "--for",
      "recommend",
      "--verify",
    );
    expect(JSON.parse(stdout)).toMatchObject({ metric: "dot", collection: "tailrec_for_users", recall: { plain: 1 } });
    const other = ["--from", url, "--collection", "tailrec_for_users", "--item", "001"];
    expect((await tailrec("similar", ...other)).stderr).toMatch(/STORE_MISMATCH/);
  });

  it("says what is wrong with an address, a secret in it, and a store without the collection", async () => {
    const push = async (url: string) => (await tailrec("push", "--bundle", bundle, "--to", url)).stderr;
    expect(await push("mysql://somewhere")).toMatch(/INVALID_ARGUMENT: .*sqlite:out/);
    const secret = await push("postgresql://shop:hunter2@localhost/shop");
    expect(secret).toMatch(/INVALID_ARGUMENT: .*TAILREC_STORE_SECRET/);
    expect(secret).not.toMatch(/hunter2/);
    const empty = await tailrec("similar", "--from", `sqlite:${join(base, "empty.db")}`, "--item", "001");
    expect([empty.status, empty.stderr]).toEqual([2, expect.stringMatching(/STORE_MISMATCH: .*push a bundle first/)]);
  });
});
