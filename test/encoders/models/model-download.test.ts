import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { claimPart } from "../../../src/encoders/models/download-part.ts";
import { type EncoderManifest, type LocatedManifest, loadManifest } from "../../../src/encoders/models/manifest.ts";
import { fetchedModelFiles, verifiedModelFiles } from "../../../src/encoders/models/model-files.ts";
import { pinFirstUse } from "../../../src/encoders/models/model-pins.ts";
import type { Progress } from "../../../src/run-context.ts";
import { builtIn, sha256, temporaryFolder } from "../encoding-fixtures.ts";

const weights = Buffer.from(Array.from({ length: 50_000 }, (_, i) => (i * 31) % 251));
const tokenizer = Buffer.from('{"model":{}}');
const revision = "0123456789abcdef0123456789abcdef01234567";
const contents: Readonly<Record<string, Buffer>> = { "onnx/model.onnx": weights, "tokenizer.json": tokenizer };

async function hubManifest(files: Record<string, string>): Promise<LocatedManifest> {
  const { manifest } = await builtIn("text");
  const source = { kind: "huggingface" as const, repository: "owner/name", revision };
  const altered: EncoderManifest = { ...manifest, name: "hosted", source, files, model: "onnx/model.onnx" };
  return { manifest: altered, folder: "." };
}

const honest = { "onnx/model.onnx": sha256(weights), "tokenizer.json": sha256(tokenizer) };

let server: Server | undefined;

/** A hub on this machine; gives its address. */
async function serve(listener: RequestListener): Promise<string> {
  server = createServer(listener);
  await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

/** Where each download began, in order. */
let begins: number[] = [];

/** Answers as the hub does: a one-byte range tells the size, then the file follows from where it is wanted; `limit` cuts the connection. */
function hub(limit = Number.POSITIVE_INFINITY): RequestListener {
  return (request, response) => {
    if (request.url?.startsWith("/api/models/owner/name")) {
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify({ id: "owner/name", _id: "1", sha: revision, private: false, gated: false }));
      return;
    }
    const name = (request.url ?? "").replace(`/owner/name/resolve/${revision}/`, "");
    const body = contents[name];
    if (body === undefined) {
      response.writeHead(404, { "X-Error-Code": "EntryNotFound" }).end();
    } else if (request.headers.range === "bytes=0-0") {
      response.writeHead(206, { ETag: '"x"', "Content-Range": `bytes 0-0/${body.length}`, "Content-Length": 1 });
      response.end(body.subarray(0, 1));
    } else {
      const begin = Number(/bytes=(\d+)-/.exec(request.headers.range ?? "")?.[1] ?? 0);
      begins.push(begin);
      const range = { "Content-Range": `bytes ${begin}-${body.length - 1}/${body.length}` };
      response.writeHead(begin > 0 ? 206 : 200, { ETag: '"x"', "Content-Length": body.length - begin, ...range });
      response.write(body.subarray(begin, Math.min(begin + limit, body.length)), () => {
        if (begin + limit < body.length) setTimeout(() => response.destroy(), 100);
        else response.end();
      });
    }
  };
}

const filesUnder = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => name)
    .sort();

describe("an encoder of the hub", () => {
  it("is fetched at first use, checked, and used from the model folder from then on", async () => {
    const modelFolder = temporaryFolder();
    const located = await hubManifest(honest);
    const seen: Progress[] = [];
    const hubUrl = await serve(hub());
    const paths = await fetchedModelFiles(located, { modelFolder, hubUrl, onProgress: (p) => seen.push(p) });
    expect(paths["onnx/model.onnx"]).toBe(join(modelFolder, "owner/name", revision, "onnx/model.onnx"));
    expect(readFileSync(paths["onnx/model.onnx"]).equals(weights)).toBe(true);
    expect(seen.at(-1)).toMatchObject({
      stage: "download owner/name",
      done: tokenizer.length,
      total: tokenizer.length,
    });
    server?.close();
    expect(await fetchedModelFiles(located, { modelFolder, hubUrl })).toEqual(paths);
    expect(filesUnder(modelFolder)).toEqual(["model.onnx", "tokenizer.json"]);
  });

  it("is refused, and nothing kept, when its bytes are not those of the manifest", async () => {
    const modelFolder = temporaryFolder();
    const located = await hubManifest({ ...honest, "onnx/model.onnx": "f".repeat(64) });
    await expect(fetchedModelFiles(located, { modelFolder, hubUrl: await serve(hub()) })).rejects.toMatchObject({
      code: "MODEL_INVALID",
      message: expect.stringMatching(/onnx\/model\.onnx of owner\/name has sha256 .* manifest says f{64}/),
    });
    expect(filesUnder(modelFolder)).toEqual([]);
  });

  it("is MODEL_MISSING when the connection breaks off; the next attempt goes on where it stopped", async () => {
    const modelFolder = temporaryFolder();
    const located = await hubManifest(honest);
    await expect(fetchedModelFiles(located, { modelFolder, hubUrl: await serve(hub(20_000)) })).rejects.toMatchObject({
      code: "MODEL_MISSING",
    });
    const [part, ...others] = filesUnder(modelFolder);
    expect([part, others]).toEqual([expect.stringMatching(/^model\.onnx\.part-\.tailrec-/), []]);
    const kept = statSync(join(modelFolder, "owner/name", revision, "onnx", part)).size;
    expect(kept).toBeGreaterThan(0);
    server?.close();
    begins = [];
    await fetchedModelFiles(located, { modelFolder, hubUrl: await serve(hub()) });
    expect(begins).toEqual([kept, 0]);
    expect(filesUnder(modelFolder)).toEqual(["model.onnx", "tokenizer.json"]);
  });

  it("takes over the part of a process that is gone, and starts again when that part is not of this file", async () => {
    const modelFolder = temporaryFolder();
    const located = await hubManifest(honest);
    const folder = join(modelFolder, "owner/name", revision, "onnx");
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "model.onnx.part-4194000"), Buffer.alloc(1000, 9));
    begins = [];
    const paths = await fetchedModelFiles(located, { modelFolder, hubUrl: await serve(hub()) });
    expect(begins).toEqual([1000, 0, 0]);
    expect(readFileSync(paths["onnx/model.onnx"]).equals(weights)).toBe(true);
    expect(filesUnder(modelFolder)).toEqual(["model.onnx", "tokenizer.json"]);
  });

  it("leaves a part alone that another process is still writing", async () => {
    const modelFolder = temporaryFolder();
    const located = await hubManifest(honest);
    const folder = join(modelFolder, "owner/name", revision, "onnx");
    mkdirSync(folder, { recursive: true });
    const other = await claimPart(join(folder, "model.onnx"));
    writeFileSync(other.path, Buffer.alloc(1000, 9));
    begins = [];
    await fetchedModelFiles(located, { modelFolder, hubUrl: await serve(hub()) });
    expect(begins).toEqual([0, 0]);
    expect(statSync(other.path).size).toBe(1000);
    await other.release();
  });

  it("is MODEL_MISSING with the remedy when the hub lacks the file or cannot be reached", async () => {
    const modelFolder = temporaryFolder();
    const located = await hubManifest({ ...honest, "config.json": "0".repeat(64) });
    const hubUrl = await serve(hub());
    await expect(fetchedModelFiles(located, { modelFolder, hubUrl })).rejects.toMatchObject({
      code: "MODEL_MISSING",
      message: expect.stringContaining("config.json is not on this machine and could not be fetched"),
    });
    rmSync(modelFolder, { recursive: true });
    server?.closeAllConnections();
    await new Promise((resolve) => server?.close(resolve));
    await expect(fetchedModelFiles(located, { modelFolder, hubUrl })).rejects.toMatchObject({
      code: "MODEL_MISSING",
      message: expect.stringContaining("name an encoder that is here"),
    });
  });

  it("is never fetched by a mere check", async () => {
    const modelFolder = temporaryFolder();
    await expect(verifiedModelFiles(await hubManifest(honest), modelFolder)).rejects.toMatchObject({
      code: "MODEL_MISSING",
      message: expect.stringContaining("fetched from owner/name by the first run that uses it"),
    });
    expect(existsSync(join(modelFolder, "owner"))).toBe(false);
  });

  it("stops when the run is cancelled", async () => {
    const controller = new AbortController();
    controller.abort();
    const context = { modelFolder: temporaryFolder(), hubUrl: await serve(hub()), signal: controller.signal };
    await expect(fetchedModelFiles(await hubManifest(honest), context)).rejects.toMatchObject({ code: "INTERRUPTED" });
  });
});

describe("an encoder whose manifest leaves commit and digests open", () => {
  async function openManifest(files: Record<string, string | null>): Promise<string> {
    const { manifest } = await hubManifest(honest);
    const source = { kind: "huggingface", repository: "owner/name", revision: null };
    const path = join(temporaryFolder(), "open.json");
    writeFileSync(path, JSON.stringify({ ...manifest, source, files }));
    return path;
  }
  const unknown = { "onnx/model.onnx": null, "tokenizer.json": null };

  it("is refused until a pull has been told to trust what comes", async () => {
    await expect(loadManifest(await openManifest(unknown), ".", temporaryFolder())).rejects.toMatchObject({
      code: "MODEL_MISSING",
      message: expect.stringContaining("--trust-first-use"),
    });
  });

  it("is pinned by that pull, commit and digests, and checked against the pins from then on", async () => {
    const modelFolder = temporaryFolder();
    const path = await openManifest(unknown);
    const hubUrl = await serve(hub());
    const { manifest } = await pinFirstUse(path, ".", { modelFolder, hubUrl });
    expect([manifest.source, manifest.files]).toEqual([
      { kind: "huggingface", repository: "owner/name", revision },
      honest,
    ]);
    const located = await loadManifest(path, ".", modelFolder);
    const paths = await verifiedModelFiles(located, modelFolder);
    writeFileSync(paths["onnx/model.onnx"], "altered");
    await expect(verifiedModelFiles(located, modelFolder)).rejects.toMatchObject({ code: "MODEL_INVALID" });
  });

  it("keeps the digests that its manifest does know above any pin", async () => {
    const modelFolder = temporaryFolder();
    const path = await openManifest({ ...unknown, "tokenizer.json": "f".repeat(64) });
    await expect(pinFirstUse(path, ".", { modelFolder, hubUrl: await serve(hub()) })).rejects.toMatchObject({
      code: "MODEL_INVALID",
      message: expect.stringContaining("tokenizer.json of owner/name has sha256"),
    });
  });
});
