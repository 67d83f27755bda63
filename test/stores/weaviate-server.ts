/**
 * Weaviate itself, in a folder of its own: the program that TAILREC_WEAVIATE names. Building it takes eight minutes, so that these tests are
 * run by hand: `go install github.com/weaviate/weaviate/cmd/weaviate-server@v1.35.2`.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

export const program = process.env.TAILREC_WEAVIATE;

export interface WeaviateServer {
  readonly port: number;
  readonly server: ChildProcess;
  stop(): Promise<void>;
}

const START_MS = 60_000;

/** Ready for requests that bear the key. */
export async function startWeaviate(key: string): Promise<WeaviateServer> {
  if (program === undefined) throw new Error("expected TAILREC_WEAVIATE to name the server");
  const folder = await mkdtemp(join(tmpdir(), "tailrec-weaviate-"));
  const [port, grpc, gossip, data, raft, rpc, profile] = await freePorts(7);
  const env = {
    PERSISTENCE_DATA_PATH: folder,
    DEFAULT_VECTORIZER_MODULE: "none",
    DISABLE_TELEMETRY: "true",
    LOG_LEVEL: "fatal",
    AUTHENTICATION_ANONYMOUS_ACCESS_ENABLED: "false",
    AUTHENTICATION_APIKEY_ENABLED: "true",
    AUTHENTICATION_APIKEY_ALLOWED_KEYS: key,
    AUTHENTICATION_APIKEY_USERS: "shop",
    AUTHORIZATION_ADMINLIST_ENABLED: "true",
    AUTHORIZATION_ADMINLIST_USERS: "shop",
    CLUSTER_HOSTNAME: "node1",
    CLUSTER_ADVERTISE_ADDR: "127.0.0.1",
    CLUSTER_BIND_ADDR: "127.0.0.1",
    RAFT_BOOTSTRAP_EXPECT: "1",
    GRPC_PORT: String(grpc),
    CLUSTER_GOSSIP_BIND_PORT: String(gossip),
    CLUSTER_DATA_BIND_PORT: String(data),
    RAFT_PORT: String(raft),
    RAFT_INTERNAL_RPC_PORT: String(rpc),
    GO_PROFILING_PORT: String(profile),
  };
  const args = ["--host", "127.0.0.1", "--port", String(port), "--scheme", "http"];
  const server = spawn(program, args, { env, stdio: "ignore" });
  const stop = async (): Promise<void> => {
    if (server.exitCode === null && server.signalCode === null) {
      const ended = new Promise((resolve) => server.once("exit", resolve));
      server.kill("SIGKILL");
      await ended;
    }
    await rm(folder, { recursive: true, force: true });
  };
  const ready = `http://127.0.0.1:${port}/v1/.well-known/ready`;
  for (const begin = Date.now(); ; await delay(200)) {
    const { ok } = await fetch(ready).catch(() => ({ ok: false }));
    if (ok) return { port, server, stop };
    if (Date.now() - begin < START_MS && server.exitCode === null) continue;
    await stop();
    throw new Error(`${program} did not become ready`);
  }
}

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve) => {
          server.listen(0, "127.0.0.1", () => {
            const address = server.address();
            resolve(typeof address === "object" && address !== null ? address.port : 0);
          });
        }),
    ),
  );
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
