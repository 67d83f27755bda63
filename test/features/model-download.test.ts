import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import type { EncoderManifest, LocatedManifest } from "../../src/features/manifest.ts";
import { fetchedModelFiles, verifiedModelFiles } from "../../src/features/model-files.ts";
import type { Progress } from "../../src/run-context.ts";
import { builtIn, sha256, temporaryFolder } from "./encoding-fixtures.ts";

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

/** Answers as the hub does: a one-byte range tells the size, then the whole file follows; `limit` cuts the connection. */
function hub(limit = Number.POSITIVE_INFINITY): RequestListener {
  return (request, response) => {
    const name = (request.url ?? "").replace(`/owner/name/resolve/${revision}/`, "");
    const body = contents[name];
    if (body === undefined) {
      response.writeHead(404, { "X-Error-Code": "EntryNotFound" }).end();
    } else if (request.headers.range === "bytes=0-0") {
      response.writeHead(206, { ETag: '"x"', "Content-Range": `bytes 0-0/${body.length}`, "Content-Length": 1 });
      response.end(body.subarray(0, 1));
    } else {
      response.writeHead(200, { ETag: '"x"', "Content-Length": body.length });
      response.write(body.subarray(0, Math.min(limit, body.length)), () => {
        if (limit < body.length) response.destroy();
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

  it("is MODEL_MISSING, and nothing kept, when the connection breaks off; the next attempt succeeds", async () => {
    const modelFolder = temporaryFolder();
    const located = await hubManifest(honest);
    await expect(fetchedModelFiles(located, { modelFolder, hubUrl: await serve(hub(20_000)) })).rejects.toMatchObject({
      code: "MODEL_MISSING",
    });
    expect(filesUnder(modelFolder)).toEqual([]);
    server?.close();
    await fetchedModelFiles(located, { modelFolder, hubUrl: await serve(hub()) });
    expect(filesUnder(modelFolder)).toEqual(["model.onnx", "tokenizer.json"]);
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
