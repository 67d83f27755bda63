/** A hub on this machine: repositories of files, answered as the real one does, at one commit each. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** Content by path. */
export type RepositoryFiles = Readonly<Record<string, Uint8Array | string>>;

export interface HostedRepository {
  /** Forty hexadecimal digits. */
  commit: string;
  files: RepositoryFiles;
}

export interface HubServer {
  readonly url: string;
  /** Paths that were asked for. */
  readonly requests: string[];
  close(): void;
}

/** Serves repositories by name; what they hold may change while it runs. */
export async function startHub(repositories: Readonly<Record<string, HostedRepository>>): Promise<HubServer> {
  const requests: string[] = [];
  const server: Server = createServer((request, response) => {
    requests.push(request.url ?? "");
    answer(repositories, request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

function answer(
  repositories: Readonly<Record<string, HostedRepository>>,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const [path] = (request.url ?? "").split("?");
  const [, asked] = /^\/api\/models\/([^/]+\/[^/]+)/.exec(path) ?? [];
  const [, name, commit, file] = /^\/([^/]+\/[^/]+)\/resolve\/([^/]+)\/(.+)$/.exec(path) ?? [];
  const hosted = repositories[asked ?? name];
  if (hosted === undefined) response.writeHead(404, { "X-Error-Code": "RepoNotFound" }).end();
  else if (asked !== undefined) describeRepository(asked, hosted, response);
  else if (commit !== hosted.commit || hosted.files[file] === undefined) response.writeHead(404).end();
  else sendFile(Buffer.from(hosted.files[file]), request, response);
}

function describeRepository(name: string, { commit, files }: HostedRepository, response: ServerResponse): void {
  const siblings = Object.keys(files).map((rfilename) => ({ rfilename }));
  const tags = ["onnx", "license:apache-2.0"];
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify({ id: name, _id: "1", sha: commit, private: false, gated: false, siblings, tags }));
}

function sendFile(body: Buffer, request: IncomingMessage, response: ServerResponse): void {
  const [, begin, end] = /bytes=(\d+)-(\d*)/.exec(request.headers.range ?? "") ?? [];
  const from = Number(begin ?? 0);
  const to = end === undefined || end === "" ? body.length - 1 : Number(end);
  const range = { "Content-Range": `bytes ${from}-${to}/${body.length}` };
  response.writeHead(begin === undefined ? 200 : 206, { ETag: '"x"', "Content-Length": to - from + 1, ...range });
  response.end(body.subarray(from, to + 1));
}
