/** Nothing leaves the machine, and nothing is written beside the outputs: ONNX Runtime's telemetry is off in every thread. */
import { execFile } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { repository } from "../encoding-fixtures.ts";

let home: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "tailrec-home-"));
});
afterAll(() => rm(home, { recursive: true, force: true }));

/** Encodes a text in worker threads, trains a network in the main one, and says which sockets the process holds. */
const PROGRAM = `
  import { encodeCatalog, fitRegressor } from "./dist/index.js";
  const catalog = { ids: ["a"], titles: ["red mug"], descriptions: [""], images: [null], imageRoot: ".", attributes: [] };
  const { text } = await encodeCatalog(catalog, { text: {}, attributes: null });
  const values = Float32Array.from({ length: 60 }, (_, i) => Math.sin(i));
  const matrix = { rows: 30, columns: 2, values };
  const features = {
    values: matrix,
    presence: { rows: 30, columns: 1, values: new Float32Array(30).fill(1) },
    blocks: [{ name: "text", kind: "text", offset: 0, dimension: 2, weight: 1 }],
  };
  await fitRegressor({ features, factors: matrix, support: new Uint32Array(30).fill(9) }, { kind: "mlp", mlp: { epochs: 1 } });
  const handles = process.report.getReport().libuv;
  const sockets = handles.filter(({ type }) => type === "tcp" || type === "udp").length;
  console.log(JSON.stringify({ columns: text.vectors.columns, sockets }));
`;

describe.skipIf(process.platform !== "linux")("ONNX Runtime", () => {
  it("writes no file below HOME or TMPDIR and opens no socket", async () => {
    const env = { PATH: process.env.PATH, HOME: home, TMPDIR: home, XDG_CACHE_HOME: home };
    const options = { cwd: repository, env };
    const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", PROGRAM], options);
    const seen = JSON.parse(stdout) as { columns: number; sockets: number };
    expect(seen.columns).toBeGreaterThan(0);
    expect(seen.sockets).toBe(0);
    expect(await readdir(home, { recursive: true })).toEqual([]);
  });
});
