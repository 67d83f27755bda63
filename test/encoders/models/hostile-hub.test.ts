/** A hub that lies, floods or is silent, on this machine: nothing outside the model folder, no more than was announced, never a hang. */
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { loadManifest } from "../../../src/encoders/models/manifest.ts";
import { fetchedModelFiles } from "../../../src/encoders/models/model-files.ts";
import { pinFirstUse } from "../../../src/encoders/models/model-pins.ts";
import { externalTensor, input, model, node, output } from "../../helpers/onnx-bytes.ts";
import { builtIn, sha256, temporaryFolder } from "../encoding-fixtures.ts";
import { dimension, table, vocabularySize } from "../exported-encoders.ts";

const revision = "0123456789abcdef0123456789abcdef01234567";
const weights = Buffer.alloc(16, 7);

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

async function serve(listener: RequestListener): Promise<string> {
  server = createServer(listener);
  await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** A hub by its three answers: the latest commit, the size of a file, the file. */
function hub({ commit = latest, size = announced, file = whole }: Partial<Record<"commit" | "size" | "file", Answer>>) {
  return (request: IncomingMessage, response: ServerResponse): void => {
    if (request.url?.startsWith("/api/")) commit(request, response);
    else if (request.headers.range === "bytes=0-0") size(request, response);
    else file(request, response);
  };
}

const commitOf =
  (sha: unknown): Answer =>
  (_, response) => {
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ id: "owner/name", _id: "1", sha, private: false, gated: false }));
  };
const latest = commitOf(revision);
const announced: Answer = (_, response) => {
  response.writeHead(206, { ETag: '"x"', "Content-Range": `bytes 0-0/${weights.length}`, "Content-Length": 1 });
  response.end(weights.subarray(0, 1));
};
const whole: Answer = (_, response) => response.writeHead(200, { ETag: '"x"' }).end(weights);
const silent: Answer = () => undefined;
/** Writes for as long as somebody reads. */
const endless: Answer = (_, response) => {
  const more = (): void => {
    while (!response.destroyed && response.write(Buffer.alloc(1 << 16)));
  };
  response.on("drain", more);
  more();
};
const within =
  (status: number, headers: Record<string, string>, rest: Answer): Answer =>
  (request, response) => {
    response.writeHead(status, headers);
    response.write(weights.subarray(0, 8));
    rest(request, response);
  };
const redirected: Answer = (request, response) => response.writeHead(302, { location: `${request.url}` }).end();

/** A manifest that leaves commit and digest open; gives its path. */
async function openManifest(changes: object = {}): Promise<string> {
  const { manifest } = await builtIn("text");
  const source = { kind: "huggingface", repository: "owner/name", revision: null };
  const files = { "model.onnx": null, "tokenizer.json": null };
  const path = join(temporaryFolder(), "open.json");
  writeFileSync(path, JSON.stringify({ ...manifest, name: "hosted", source, files, ...changes }));
  return path;
}

/** Bytes of all files below. */
function sizeBelow(folder: string): number {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return entries.reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);
}

async function pull(listener: RequestListener, context: object = {}): Promise<{ folder: string; error: unknown }> {
  const folder = join(temporaryFolder(), "a", "b", "models");
  const options = { modelFolder: folder, hubUrl: await serve(listener), timeoutSeconds: 0.5, ...context };
  const error: unknown = await pinFirstUse(await openManifest(), ".", options).then(
    () => undefined,
    (cause: unknown) => cause,
  );
  return { folder, error };
}

describe("a hostile hub", () => {
  it.each(["../../../OUTSIDE", "main", "", 7, null, ["x"], `${revision}/..`])(
    "whose latest commit is %j is refused before any path is made",
    async (sha) => {
      const { folder, error } = await pull(hub({ commit: commitOf(sha) }));
      expect(error).toMatchObject({ code: "MODEL_INVALID", message: expect.stringContaining("is no commit hash") });
      expect(existsSync(join(folder, ".."))).toBe(false);
    },
  );

  it.each<[string, Parameters<typeof hub>[0]]>([
    ["sends more than it announced", { file: endless }],
    [
      "sends the whole of it when asked for its size",
      { size: within(206, { ETag: '"x"', "Content-Range": "bytes 0-0/16" }, endless), file: endless },
    ],
    [
      "ends before its end",
      { file: within(200, { "Content-Length": "16" }, (_, response) => setTimeout(() => response.destroy(), 50)) },
    ],
    ["breaks off in silence", { file: within(200, { "Content-Length": "16" }, silent) }],
    ["is silent about the commit", { commit: silent }],
    ["is silent about the size", { size: silent }],
    ["is silent about the file", { file: silent }],
    ["sends its commit for ever", { commit: within(200, { "content-type": "application/json" }, endless) }],
    ["sends its error for ever", { size: within(500, {}, endless) }],
    ["sends its error in JSON for ever", { file: within(404, { "content-type": "application/json" }, endless) }],
    ["redirects in circles for the commit", { commit: redirected }],
    ["redirects in circles for the file", { size: redirected }],
    [
      "announces a size that is none",
      { size: (_, response) => response.writeHead(206, { ETag: '"x"', "Content-Range": "bytes 0-0/many" }).end("x") },
    ],
  ])("that %s is MODEL_MISSING within seconds, and leaves no more than was announced", async (_, answers) => {
    const begin = performance.now();
    const { folder, error } = await pull(hub(answers));
    expect(error).toMatchObject({ code: "MODEL_MISSING", message: expect.stringContaining('encoder "hosted"') });
    expect(performance.now() - begin).toBeLessThan(5000);
    expect(existsSync(folder) ? sizeBelow(folder) : 0).toBeLessThanOrEqual(weights.length);
  });

  it.each(["commit", "size", "file"] as const)("that is silent about the %s ends with the run", async (part) => {
    const begin = performance.now();
    const signal = AbortSignal.timeout(300);
    const { error } = await pull(hub({ [part]: silent }), { signal, timeoutSeconds: 60 });
    expect(error).toMatchObject({ code: "INTERRUPTED" });
    expect(performance.now() - begin).toBeLessThan(5000);
  });

  it("says that it was silent, and for how long", async () => {
    const { error } = await pull(hub({ file: silent }));
    expect(error).toMatchObject({ message: expect.stringContaining("the server was silent for 0.5 s") });
  });
});

describe("names in a manifest", () => {
  it.each(["../../outside", "a/b", "a\\b", "..", "", "a\nb"])(
    "may not lead elsewhere: an encoder called %j",
    async (name) => {
      await expect(loadManifest(await openManifest({ name }), ".", temporaryFolder())).rejects.toMatchObject({
        code: "MODEL_INVALID",
        message: expect.stringContaining("name: expected a name"),
      });
    },
  );

  it.each(["../x", "/x", "a/../../x", "..\\x", "C:x", ".", ""])(
    "may not lead elsewhere: a file called %j",
    async (file) => {
      const files = { "model.onnx": null, "tokenizer.json": null, [file]: null };
      await expect(loadManifest(await openManifest({ files }), ".", temporaryFolder())).rejects.toMatchObject({
        code: "MODEL_INVALID",
      });
    },
  );

  it.each(["../name", "owner/..", "owner/name/x", "owner", "/owner/name"])(
    "may not lead elsewhere: a repository %j",
    async (repository) => {
      const source = { kind: "huggingface", repository, revision: null };
      await expect(loadManifest(await openManifest({ source }), ".", temporaryFolder())).rejects.toMatchObject({
        code: "MODEL_INVALID",
        message: expect.stringContaining("owner/name"),
      });
    },
  );
});

describe("a trusted pull", () => {
  it("fetches and pins what the graph keeps weights in, though the manifest does not name it", async () => {
    const graph = model(
      node("Gather", ["table", "input_ids"], ["last_hidden_state"]),
      externalTensor("table", [vocabularySize, dimension], "model.onnx_data"),
      input("input_ids", "int64", ["batch", "sequence"]),
      output("last_hidden_state", "float32", ["batch", "sequence", dimension]),
    );
    const contents: Record<string, Buffer> = {
      "model.onnx": graph,
      "model.onnx_data": Buffer.from(table.buffer),
      "tokenizer.json": Buffer.from("{}"),
    };
    const bodyOf = ({ url = "" }: IncomingMessage) => contents[url.split("/").at(-1) ?? ""];
    const size: Answer = (request, response) =>
      response.writeHead(206, { ETag: '"x"', "Content-Range": `bytes 0-0/${bodyOf(request).length}` }).end("x");
    const file: Answer = (request, response) => response.writeHead(200).end(bodyOf(request));
    const context = { modelFolder: temporaryFolder(), hubUrl: await serve(hub({ size, file })) };
    const located = await pinFirstUse(await openManifest(), ".", context);
    expect(located.manifest.files).toMatchObject({ "model.onnx_data": sha256(contents["model.onnx_data"]) });
    const paths = await fetchedModelFiles(located, context);
    expect(readFileSync(paths["model.onnx_data"]).equals(contents["model.onnx_data"])).toBe(true);
  });
});
