/** PostgreSQL with pgvector over the wire, in this process: PGlite behind a socket. And lines to it that are slow, cut or refused. */

import type { AddressInfo } from "node:net";
import { connect, createServer, type Server, type Socket } from "node:net";

export interface LocalServer {
  readonly port: number;
  stop(): Promise<void>;
}

/** What is used of the packages, which are installed for these tests alone. */
interface Pglite {
  close(): Promise<void>;
}

interface PgliteModule {
  readonly PGlite: { create(options: object): Promise<Pglite> };
}

interface SocketModule {
  readonly PGLiteSocketServer: new (options: object) => { start(): Promise<void>; stop(): Promise<void> };
}

const load = async <T>(name: string): Promise<T> => (await import(name)) as T;

export async function startPostgres(): Promise<LocalServer> {
  const { PGlite } = await load<PgliteModule>("@electric-sql/pglite");
  const { vector } = await load<{ readonly vector: object }>("@electric-sql/pglite-pgvector");
  const { PGLiteSocketServer } = await load<SocketModule>("@electric-sql/pglite-socket");
  const db = await PGlite.create({ extensions: { vector } });
  const port = await freePort();
  const server = new PGLiteSocketServer({ db, port, host: "127.0.0.1", maxConnections: 10 });
  await server.start();
  return {
    port,
    stop: async () => {
      await server.stop();
      await db.close();
    },
  };
}

async function freePort(): Promise<number> {
  const { port, stop } = await listen(createServer());
  await stop();
  return port;
}

export interface Line extends LocalServer {
  /** What the line does from now on: passes all on, passes nothing on, or breaks once so many bytes were sent. */
  state: "open" | "silent" | { readonly breaksAfter: number };
}

/** A line to a server in this machine. */
export async function startLine(to: number): Promise<Line> {
  const line: { state: Line["state"] } = { state: "open" };
  const server = createServer((near) => {
    const far = connect(to, "127.0.0.1");
    for (const socket of [near, far]) socket.on("error", () => undefined);
    let sent = 0;
    near.on("data", (data) => {
      sent += data.length;
      if (line.state === "silent") return;
      if (line.state !== "open" && sent > line.state.breaksAfter) for (const socket of [near, far]) socket.destroy();
      else far.write(data);
    });
    far.on("data", (data) => near.write(data));
    near.on("close", () => far.destroy());
    far.on("close", () => near.destroy());
  });
  return Object.assign(line, await listen(server));
}

/** A server that takes no password: it asks for one and answers 28P01, as PostgreSQL's protocol says. */
export function startRefusal(): Promise<LocalServer> {
  const server = createServer((socket) => {
    let asked = false;
    socket.on("error", () => undefined);
    socket.on("data", () => {
      if (asked)
        socket.end(message("E", Buffer.from('SFATAL\0C28P01\0Mpassword authentication failed for user "shop"\0\0')));
      else socket.write(message("R", Buffer.from([0, 0, 0, 3])));
      asked = true;
    });
  });
  return listen(server);
}

function message(type: string, body: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(4 + body.length);
  return Buffer.concat([Buffer.from(type), length, body]);
}

async function listen(server: Server): Promise<LocalServer> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
