/** `tailrec worker` as an engine starts it: bytes in, bytes out, words on standard error alone. */
import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { main } from "../cli/tailrec.ts";
import { tiny, tinyPipeline } from "../cli/tiny-pipeline.ts";
import { arrowBytes, rowsIn } from "./arrow-bytes.ts";

let folder: string;
let pipeline: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "worker-"));
  pipeline = join(folder, "tiny.yaml");
  await writeFile(pipeline, tinyPipeline(tiny, join(folder, "out")));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

interface Ended {
  readonly status: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

function worker(input: Uint8Array, ...words: readonly string[]): Promise<Ended> {
  const child = spawn(process.execPath, [main, "worker", ...words]);
  const [stdout, stderr]: Buffer[][] = [[], []];
  child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
  child.stdin.on("error", () => undefined);
  child.stdin.end(input);
  return new Promise((resolve) => {
    child.on("close", (status) => {
      resolve({ status, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr).toString() });
    });
  });
}

const items = {
  item_id: { type: "text", cells: ["a", "b", null] },
  title: { type: "text", cells: ["Stoneware mug", "Trail shoe", "Nobody's"] },
} as const;

it("encodes standard input to standard output, and says on standard error how many rows there were", async () => {
  const { status, stdout, stderr } = await worker(arrowBytes(items), "--job", "encode", "--pipeline", pipeline);
  expect(status).toBe(0);
  const rows = rowsIn(stdout);
  expect(rows.map(({ id, text, quarantine }) => [id, text === null, quarantine])).toEqual([
    ["a", false, null],
    ["b", false, null],
    [null, true, "missing item_id"],
  ]);
  expect(stderr.trim()).toBe("encode: 3 rows, 1 quarantined");
});

it("ends with a code and the remedy where it cannot begin", async () => {
  const lacking = await worker(arrowBytes(items), "--job", "encode");
  expect(lacking.status).toBe(2);
  expect(lacking.stderr).toContain("INVALID_ARGUMENT: the job encode needs --pipeline");
  const wrong = await worker(Buffer.from("a,b\n"), "--job", "encode", "--pipeline", pipeline);
  expect(wrong.status).toBe(2);
  expect(wrong.stderr).toContain("UNREADABLE_INPUT: standard input: expected an Arrow IPC stream");
});
